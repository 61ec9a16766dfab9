"""The difference between two releases by primary key: added, changed (old → new), removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contract.types import CSV_FORM, csv_text
from pipelines.findings import Text
from pipelines.sqltext import identifier, literal, parquet
from pipelines.words import counted

# What becomes of a value, as people read it.
KINDS = {"added": Text("追加", "added"), "changed": Text("変更", "changed"), "removed": Text("削除", "removed")}


@dataclass(frozen=True, slots=True)
class Difference:
    """How many rows came and went and how many values changed. `columns_changed` when the two have other columns."""

    added: int
    changed: int
    removed: int

    @property
    def is_empty(self) -> bool:
        """Whether both releases have the same rows."""
        return not (self.added or self.changed or self.removed)

    @property
    def counts(self) -> Text:
        """The same in a line."""
        rows = f"{counted(self.added, 'row')} added, {counted(self.changed, 'value')} changed"
        return Text(
            f"追加{self.added:,}行・変更{self.changed:,}値・削除{self.removed:,}行",
            f"{rows}, {counted(self.removed, 'row')} removed",
        )


def compare(connection: duckdb.DuckDBPyConnection, old: Path, new: Path, key: Sequence[str], path: Path) -> Difference:
    """Write the difference of two Parquet tables as CSV: `change, key…, field, old, new`, one row per value.

    Values are texts in the form of the canonical CSV. Where the key is not in both tables with the same types,
    every row is a new one.
    """
    before, after = kinds_of(connection, old), kinds_of(connection, new)
    if any(before.get(name) != after[name] for name in key):
        return _all_new(connection, old, new)
    queries = [_gone("added", new, old, key, after), _gone("removed", old, new, key, before)]
    if before.keys() & after.keys() - set(key):
        queries.append(_changed(old, new, key, before, after))
    order = ", ".join(["change", *(identifier(name) for name in key), "field"])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _difference AS {' UNION ALL '.join(queries)}")
    connection.execute(
        f"COPY (SELECT * FROM _difference ORDER BY {order}) TO {literal(str(path))} ({CSV_FORM}, FORCE_QUOTE *)"
    )
    return _counted(connection, key)


def kinds_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """The DuckDB type of every column of a Parquet file, in its order."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {parquet(path)}").fetchall()
    return {row[0]: row[1] for row in rows}


def _text(side: str, name: str, kinds: Mapping[str, str]) -> str:
    return csv_text(f"{side}.{identifier(name)}", kinds[name])


def _keys(key: Sequence[str], side: str, kinds: Mapping[str, str]) -> str:
    return ", ".join(f"{_text(side, name, kinds)} AS {identifier(name)}" for name in key)


def _gone(change: str, here: Path, there: Path, key: Sequence[str], kinds: Mapping[str, str]) -> str:
    """Rows of `here` that are not `there`, a row for each of their values."""
    using = ", ".join(identifier(name) for name in key)
    values = [name for name in kinds if name not in key] or list(key)
    pairs = ", ".join(f"{{'field': {literal(n)}, 'value': {_text('a', n, kinds)}}}" for n in values)
    old, new = ("NULL", "u.value") if change == "added" else ("u.value", "NULL")
    return (
        f"SELECT {literal(change)} AS change, * EXCLUDE (u), u.field AS field, {old} AS old, {new} AS new FROM ("
        f"SELECT {_keys(key, 'a', kinds)}, unnest([{pairs}]) AS u "
        f"FROM {parquet(here)} a ANTI JOIN {parquet(there)} b USING ({using}))"
    )


def _changed(old: Path, new: Path, key: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    shared = [name for name in after if name in before and name not in key]
    same = " AND ".join(f"o.{identifier(n)} = n.{identifier(n)}" for n in key)
    pairs = ", ".join(
        f"{{'field': {literal(c)}, 'old': {_text('o', c, before)}, 'new': {_text('n', c, after)}}}" for c in shared
    )
    # As texts, because a field that changed its type has values that can't be compared otherwise.
    differs = " OR ".join(f"{_text('o', c, before)} IS DISTINCT FROM {_text('n', c, after)}" for c in shared)
    return (
        f"SELECT 'changed' AS change, * EXCLUDE (u), u.field AS field, u.old AS old, u.new AS new FROM ("
        f"SELECT {_keys(key, 'n', after)}, unnest([{pairs}]) AS u "
        f"FROM {parquet(old)} o JOIN {parquet(new)} n ON {same} WHERE {differs}) WHERE u.old IS DISTINCT FROM u.new"
    )


def _counted(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> Difference:
    keys = ", ".join(identifier(name) for name in key)
    query = f"""SELECT count(DISTINCT ({keys})) FILTER (change = 'added'), count(*) FILTER (change = 'changed'),
                count(DISTINCT ({keys})) FILTER (change = 'removed') FROM _difference"""
    added, changed, removed = connection.execute(query).fetchone() or (0, 0, 0)
    return Difference(added, changed, removed)


def _all_new(connection: duckdb.DuckDBPyConnection, old: Path, new: Path) -> Difference:
    counts = [connection.execute(f"SELECT count(*) FROM {parquet(path)}").fetchone() or (0,) for path in (new, old)]
    return Difference(counts[0][0], 0, counts[1][0])
