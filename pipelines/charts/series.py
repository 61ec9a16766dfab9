"""Which series of a release are drawn, and their points.

One measure is drawn, or the measures of one unit: figures in different units never share an axis. With a period
the series are lines; where only one period is known they are bars. Nothing is summed, thinned out or filled in: what
does not fit is left out, and the chart says how much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import duckdb

from pipelines.charts.chart import Chart, Goal, NoChart, Period, Series
from pipelines.charts.labels import Labels, labels_of
from pipelines.findings import Text
from pipelines.release.record import Manifest
from pipelines.sqltext import identifier, literal, parquet
from pipelines.store import Store

LINES, BARS, PERIODS = 8, 30, 400
_TEMPORAL = ("year", "yearmonth", "date")

NO_MEASURE = Text("単位のそろった数値の列がない", "it has no column of figures in one unit")
NO_GROUPS = Text("値が1つだけである", "there is only one figure")
SPANS = Text("期間の長さがそろっていない", "its periods are of different lengths")
TOO_MANY = Text("比べるものが多すぎる", "there is too much to compare")


@dataclass(frozen=True, slots=True)
class _Found:
    """The series that were read, and how many there are."""

    series: Sequence[Series]
    total: int

    @property
    def is_over_time(self) -> bool:
        """Whether any of them has more than one period."""
        return any(len(series.points) > 1 for series in self.series)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which columns become what."""

    table: str
    measures: Sequence[str]
    dims: Sequence[str]
    period: str
    kind: Period


def chart_of(release: Manifest, store: Store, goal: Goal | None = None) -> Chart | NoChart:
    """The chart of a release, or why it has none. A goal is drawn where the first line is measured in its unit."""
    labels = labels_of(release.build.description, release.build.table_schema)
    shape = _shape(release, store, labels)
    if not shape.measures:
        return NoChart(NO_MEASURE)
    if sum(labels.fields[name]["type"] in _TEMPORAL for name in [shape.period, *shape.dims] if name) > 1:
        return NoChart(SPANS)
    with duckdb.connect() as connection:
        found = _by_measure(connection, shape, labels) if not shape.dims else _by_group(connection, shape, labels)
    if goal and found.series and not shape.dims and labels.fields[shape.measures[0]]["unit"] == goal.unit:
        return _to_goal(release, shape, labels, found, goal)
    return (_lines if found.is_over_time else _bars)(release, shape, labels, found)


def _shape(release: Manifest, store: Store, labels: Labels) -> _Shape:
    key = cast("list[str]", release.build.table_schema["primaryKey"])
    period = _period(release, labels, key)
    measures = [name for name, field in labels.fields.items() if name not in key and _is_measure(field)]
    mixed = "unit" in labels.fields  # every row has a unit of its own
    alike = [name for name in measures if labels.fields[name]["unit"] == labels.fields[measures[0]]["unit"]]
    table = parquet(store.path(release.table))
    kind = "fiscal_year" if period.endswith("fiscal_year") else labels.fields[period]["type"] if period else "year"
    dims = [name for name in key if name != period]
    return _Shape(table, [] if mixed else alike, dims, period, cast("Period", kind))


def _period(release: Manifest, labels: Labels, key: Sequence[str]) -> str:
    temporal = [name for name in key if labels.fields[name]["type"] in _TEMPORAL]
    return temporal[0] if temporal and release.build.description.get("temporalCoverage") else ""


def _is_measure(field: Mapping[str, object]) -> bool:
    return field["type"] in {"integer", "number"} and bool(field.get("unit"))


def _by_measure(connection: duckdb.DuckDBPyConnection, shape: _Shape, labels: Labels) -> _Found:
    """A series for each measure of one unit, where rows differ in their period only."""
    every = [Series(_title(labels, name), _rows(connection, shape, name, "")) for name in shape.measures]
    found = [series for series in every if series.points]
    return _Found(found, len(found))


def _by_group(connection: duckdb.DuckDBPyConnection, shape: _Shape, labels: Labels) -> _Found:
    """A series of the first measure for each combination of the other key fields, the longest first."""
    dims = ", ".join(identifier(name) for name in shape.dims)
    value = identifier(shape.measures[0])
    order = f"count(*) DESC, max_by({value}, {_period_sql(shape)}) DESC, {dims}"
    groups = connection.execute(
        f"SELECT {dims} FROM {shape.table} WHERE {value} IS NOT NULL GROUP BY {dims} ORDER BY {order}"
    ).fetchall()
    parts = [group for group in groups if not _is_whole(group, groups)]
    return _Found([_group(connection, shape, labels, group) for group in parts[:BARS]], len(groups))


def _is_whole(group: Sequence[object], groups: Sequence[Sequence[object]]) -> bool:
    """Whether a group is a whole city beside its wards (`14130` beside `14131` …): its line would flatten theirs."""
    for position, code in enumerate(str(value) for value in group):
        if re.fullmatch(r"\d{4}0", code):
            return any(str(g[position])[:4] == code[:4] and str(g[position]) != code for g in groups)
    return False


def _group(connection: duckdb.DuckDBPyConnection, shape: _Shape, labels: Labels, group: Sequence[object]) -> Series:
    tests = [f"{identifier(n)} = {literal(str(v))}" for n, v in zip(shape.dims, group, strict=True)]
    where = " AND ".join(tests)
    names = [_label(connection, shape, labels, n, str(v)) for n, v in zip(shape.dims, group, strict=True)]
    name = Text("・".join(n.ja for n in names), ", ".join(n.en for n in names))
    return Series(name, _rows(connection, shape, shape.measures[0], where))


def _label(connection: duckdb.DuckDBPyConnection, shape: _Shape, labels: Labels, name: str, code: str) -> Text:
    """The words of a code; a companion column of the table comes first."""
    said = labels.of(name, code)
    found = {}
    for language in ("ja", "en"):
        if column := labels.companion(name, language):
            query = (
                f"SELECT {identifier(column)} FROM {shape.table} WHERE {identifier(name)} = ? "
                f"AND {identifier(column)} IS NOT NULL LIMIT 1"
            )
            found[language] = connection.execute(query, [code]).fetchone()
    ja, en = found.get("ja"), found.get("en")
    return Text(str(ja[0]) if ja else said.ja, str(en[0]) if en else said.en)


def _rows(connection: duckdb.DuckDBPyConnection, shape: _Shape, measure: str, where: str) -> list[tuple[str, int]]:
    """The last periods of one series, in order of time."""
    value, period = identifier(measure), _period_sql(shape)
    test = f" AND {where}" if where else ""
    query = (
        f"SELECT {period} AS period, {value} FROM {shape.table} WHERE {value} IS NOT NULL{test} "
        f"ORDER BY 1 DESC LIMIT {PERIODS}"
    )
    return connection.execute(query).fetchall()[::-1]


def _period_sql(shape: _Shape) -> str:
    return f"{identifier(shape.period)}::VARCHAR" if shape.period else "''"


def _lines(release: Manifest, shape: _Shape, labels: Labels, found: _Found) -> Chart:
    shown = [series for series in found.series if len(series.points) > 1][:LINES]
    return _chart("line", release, shape, labels, shown, found.total - len(shown))


def _to_goal(release: Manifest, shape: _Shape, labels: Labels, found: _Found, goal: Goal) -> Chart:
    """The lines with the goal of the first; one figure is enough beside a goal."""
    shown = [found.series[0], *(series for series in found.series[1:LINES] if len(series.points) > 1)]
    return replace(_chart("line", release, shape, labels, shown, found.total - len(shown)), goal=goal)


def _bars(release: Manifest, shape: _Shape, labels: Labels, found: _Found) -> Chart | NoChart:
    if found.total < 2:  # noqa: PLR2004
        return NoChart(NO_GROUPS if found.total else NO_MEASURE)
    if found.total > BARS:
        return NoChart(TOO_MANY)
    last = max(period for series in found.series for period, _ in series.points)
    shown = [series for series in found.series if series.points[-1][0] == last]
    return _chart("bar", release, shape, labels, shown, found.total - len(shown))


def _chart(
    kind: Literal["line", "bar"],
    release: Manifest,
    shape: _Shape,
    labels: Labels,
    series: Sequence[Series],
    left_out: int,
) -> Chart:
    description = release.build.description
    title = Text(str(description["title@ja"]), str(description["title@en"]))
    measure = _title(labels, shape.measures[0]) if shape.dims or len(series) == 1 else title
    unit = str(labels.fields[shape.measures[0]]["unit"])
    return Chart(kind, title, measure, unit, shape.kind, tuple(series), left_out)


def _title(labels: Labels, name: str) -> Text:
    field = labels.fields[name]
    return Text(str(field["title@ja"]), str(field["title@en"]))
