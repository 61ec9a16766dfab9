"""Which goal the plan of the city has for a dataset: from the released indicators and targets."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

import duckdb

from pipelines.charts import Goal
from pipelines.charts.chart import Comparator, Number, Point
from pipelines.pipeline import Pipeline, manifest
from pipelines.sqltext import literal
from pipelines.store import Store

INDICATORS: Final = "kpi_indicators"
TARGETS: Final = "kpi_targets"
_QUERY: Final = """
    SELECT unit, target_fiscal_year::VARCHAR, target_value, comparator, baseline_fiscal_year::VARCHAR, baseline_value
    FROM read_parquet({indicators}) JOIN read_parquet({targets}) USING (indicator_id)
    WHERE dataset = ? AND breakdown = 'total' AND target_value IS NOT NULL
"""


def goal_of(pipeline: Pipeline, name: str) -> Goal | None:
    """The goal of a dataset's first measure. None without one, and in a city that has no such plan."""
    current = pipeline.store.log.head().current
    if INDICATORS not in current or TARGETS not in current:
        return None
    indicators, targets = (manifest(pipeline.store, current[n]).table for n in (INDICATORS, TARGETS))
    return _goal(pipeline.store, indicators, targets, name)


@lru_cache(maxsize=1024)
def _goal(store: Store, indicators: str, targets: str, name: str) -> Goal | None:
    paths = {"indicators": literal(str(store.path(indicators))), "targets": literal(str(store.path(targets)))}
    with duckdb.connect() as connection:
        found = connection.execute(_QUERY.format(**paths), [name]).fetchall()
    if len(found) != 1:
        return None
    unit, year, value, comparator, *start = found[0]
    baseline = cast("Point", tuple(start)) if None not in start else None
    return Goal(unit, (str(year), cast("Number", value)), cast("Comparator", comparator), baseline)
