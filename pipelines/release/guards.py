"""Guards: whether a new release differs so much from the last one that a steward should say so first.

    vanished   more keys of the last release are gone than the contract allows
    changed    more of its values are others now
    jump       a step of a series is larger than its history and the value it starts from let expect

One key or one value that goes or changes is never too many: in a table of three rows it is a correction like any other.
What can't be compared (another key, a field of another type) is a change of the contract, made by hand: no surprise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.datasets import Dataset
from pipelines.datasets.guards import Guards, fraction
from pipelines.findings import Finding, Place
from pipelines.release.difference import Difference
from pipelines.sqltext import identifier, literal, parquet

STEPS = 4  # a series with fewer has no history to jump against
TIMES_OF_VALUE = 0.5  # a step of less than half of what it starts from is no jump
_NUMBERS = {"integer", "number"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The last release and the one that may follow: their Parquet and their Table Schemas, and how they differ."""

    old: Path
    new: Path
    before: Mapping[str, object]
    after: Mapping[str, object]
    rows: int
    difference: Difference

    @property
    def comparable(self) -> list[str]:
        """The fields outside the key that both have with one type."""
        old, new = _types(self.before), _types(self.after)
        return [name for name, kind in new.items() if old.get(name) == kind and name not in self.key]

    @property
    def key(self) -> list[str]:
        """The primary key; empty when the two have another one, or one of other types."""
        old, new = _types(self.before), _types(self.after)
        names = self.after["primaryKey"]
        assert isinstance(names, list)
        same = self.before["primaryKey"] == names and all(old[name] == new[name] for name in names)
        return [str(name) for name in names] if same else []


def guards_of(dataset: Dataset) -> Guards | None:
    """The guards of a dataset. One that is derived follows its inputs, unless its contract sets guards of its own."""
    guards, is_set = dataset.schema.guards, "guards" in dataset.schema.model_fields_set
    return None if guards == "off" or (dataset.source.kind == "derived" and not is_set) else guards


def tripped(connection: duckdb.DuckDBPyConnection, dataset: Dataset, pair: Pair, place: Place) -> list[Finding]:
    """What a steward should see before this goes out. `connection` has just compared the two (`difference.compare`)."""
    guards = guards_of(dataset)
    if guards is None or not pair.key:
        return []
    found = [_vanished(guards, pair, place), _changed(connection, guards, pair, place)]
    return [*(finding for finding in found if finding), *_jumps(connection, dataset, guards, pair, place)]


def _vanished(guards: Guards, pair: Pair, place: Place) -> Finding | None:
    """Too many keys of the last release are gone."""
    return _too_many("guard.vanished", guards.vanished, pair.difference.removed, pair.rows, place)


def _changed(connection: duckdb.DuckDBPyConnection, guards: Guards, pair: Pair, place: Place) -> Finding | None:
    """Too many of the values that the last release had are others now, or empty; one that comes is no change here."""
    fields = pair.comparable
    if guards.changed == "off" or not fields or not pair.difference.changed:
        return None
    listed = ", ".join(literal(name) for name in fields)
    query = f"SELECT count(*) FROM _difference WHERE change = 'changed' AND old IS NOT NULL AND field IN ({listed})"
    counts = " + ".join(f"count({identifier(name)})" for name in fields)
    changed, values = _number(connection, query), _number(connection, f"SELECT {counts} FROM {parquet(pair.old)}")
    return _too_many("guard.changed", guards.changed, changed, values, place)


def _too_many(code: str, limit: str, count: int, total: int, place: Place) -> Finding | None:
    allowed = fraction(limit)
    if allowed is None or count <= 1 or count <= allowed * total:
        return None
    return Finding(code, place, f"{count} / {total} ({100 * count / total:.0f}%)", {"limit": limit})


def _jumps(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, guards: Guards, pair: Pair, place: Place
) -> Iterator[Finding]:
    """A finding per field that jumps, with every place of it counted."""
    period = dataset.schema.period_field
    if guards.jump == "off" or period is None or period.name not in pair.key:
        return
    kinds = _types(pair.after)
    for field in (name for name in pair.comparable if kinds[name][0] in _NUMBERS):
        rows = connection.execute(_jump(pair, field, period.name, guards.jump)).fetchall()
        if rows:
            yield _jump_finding(rows, field, f"{guards.jump:g}", place)


def _jump_finding(rows: Sequence[tuple[str, str, str, str]], field: str, limit: str, place: Place) -> Finding:
    shown = [f"{where}: {old} → {new} (≤ {largest})" for where, old, new, largest in rows[:20]]
    facts = {"limit": limit, "field": field}
    there = Place(place.dataset, place.file, field=field)
    return Finding("guard.jump", there, shown[0], facts, count=len(rows), samples=tuple(shown))


def _jump(pair: Pair, field: str, period: str, times: float) -> str:
    """SQL: key, value before, value, largest step of the series' history, of new and changed values that jump."""
    series = [identifier(name) for name in pair.key if name != period]
    value, time = identifier(field), identifier(period)
    parts = f"PARTITION BY {', '.join(series)} " if series else ""
    order = f"OVER ({parts}ORDER BY {time})"
    group = f"GROUP BY {', '.join(series)}" if series else ""
    by_series = " AND ".join(f"n.{name} = h.{name}" for name in series) or "true"
    by_key = " AND ".join(f"n.{identifier(name)} = o.{identifier(name)}" for name in pair.key)
    key = ", ".join(f"n.{identifier(name)}::VARCHAR" for name in pair.key)
    listed = ", ".join([*series, time])
    step = f"SELECT {listed}, {value}::DOUBLE AS v, lag({value}::DOUBLE) {order} AS p"
    return f"""WITH old AS ({step} FROM {parquet(pair.old)} WHERE {value} IS NOT NULL),
        new AS ({step} FROM {parquet(pair.new)} WHERE {value} IS NOT NULL),
        history AS (SELECT {", ".join([*series, "max(abs(v - p)) AS largest, count(p) AS steps"])} FROM old {group})
        SELECT concat_ws(' ', {key}), n.p::VARCHAR, n.v::VARCHAR, h.largest::VARCHAR
        FROM new n JOIN history h ON {by_series} LEFT JOIN old o ON {by_key}
        WHERE h.steps >= {STEPS} AND n.v IS DISTINCT FROM o.v AND abs(n.v - n.p) > {times} * h.largest
        AND abs(n.v - n.p) > {TIMES_OF_VALUE} * abs(n.p) ORDER BY ALL"""


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int((connection.execute(query).fetchone() or (0,))[0])


def _types(schema: Mapping[str, object]) -> dict[str, tuple[str, object]]:
    fields = schema["fields"]
    assert isinstance(fields, list)
    return {str(field["name"]): (str(field["type"]), field.get("decimals")) for field in fields}
