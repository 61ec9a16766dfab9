"""Which columns a published column comes from: headers of the delivery, or columns that a derived table's SQL reads."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from pipelines.pipeline import Pipeline, manifest
from pipelines.release.descriptor import Json
from pipelines.release.record import Manifest

if TYPE_CHECKING:
    from sqlglot.lineage import Node

logger = logging.getLogger(__name__)

Columns = Mapping[str, Sequence[tuple[str, str]]]  # of each column: names of an asset or table, and of its column
_ROW: Final = "ref"  # what every input offers beside its columns: which row it is


def origins_of(pipeline: Pipeline, release: Manifest) -> Columns:
    """Published column → (dataset, column); of a delivery the column is a header that was looked for."""
    origin = pipeline.store.read_json(release.file("provenance.json"))
    if sql := origin.get("sql") if origin.get("inputs") else None:
        names = cast("list[str]", origin["inputs"])
        current = pipeline.store.log.head().current
        tables = {n: _names(manifest(pipeline.store, current[n])) for n in names if n in current}
        return columns_read(str(sql), tables)
    reading = cast("Mapping[str, Json]", origin["reading"])
    return {name: [(release.name, header) for header in _headers(reading.get(name, {}))] for name in _names(release)}


def columns_read(sql: str, tables: Mapping[str, Sequence[str]]) -> Columns:
    """Output column → the columns of the tables that its value, or the choice of its value, depends on.

    Nothing for SQL of which that can't be told; then only whole datasets are known to depend on each other.
    """
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    schema = {table: dict.fromkeys([*names, _ROW], "VARCHAR") for table, names in tables.items()}
    try:
        found = cast("Mapping[str, Node]", lineage(None, sql, schema, dialect="duckdb", trim_selects=False))
    except (SqlglotError, RecursionError) as error:
        logger.warning("lineage of columns is not known: %s", error)
        return {}
    return {name: sorted({leaf for leaf in _leaves(node) if leaf[0] in tables}) for name, node in found.items()}


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    from sqlglot import exp

    for one in node.walk():
        if not one.downstream and isinstance(one.source, exp.Table):
            yield one.source.name, _column(one)


def _column(node: Node) -> str:
    from sqlglot import exp

    return str(exp.to_column(node.name).name)


def _names(release: Manifest) -> list[str]:
    return [str(one["name"]) for one in cast("list[Json]", release.build.table_schema["fields"])]


def _headers(column: Mapping[str, object]) -> list[str]:
    return [str(header) for header in cast("list[object]", column.get("headers") or [])]
