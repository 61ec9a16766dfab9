"""What a release changed against the one before: by key and field, old → new, each with its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import duckdb

from pipelines.contract.types import csv_text
from pipelines.findings import Language
from pipelines.release.difference import KINDS, kinds_of
from pipelines.release.record import Manifest
from pipelines.sqltext import identifier, literal, parquet
from pipelines.steward import markdown
from pipelines.steward.cells import Places, places_of
from pipelines.steward.links import Spot
from pipelines.steward.rows import Shelf, titles
from pipelines.store import Store

MOST: Final = 50
# How it was written, so that no text in it is taken for a sign of another form.
_FORM = r"""auto_detect=false, header=true, delim=',', quote='"', escape='"', new_line='\r\n', nullstr='',
allow_quoted_nulls=false, max_line_size=16777216"""
_HEADS: Final[dict[Language, tuple[str, ...]]] = {
    "ja": ("変更", "項目", "旧", "新", "セル"),
    "en": ("change", "field", "old", "new", "cell"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value that came, went or changed, and where it was read in either release."""

    kind: str
    key: Sequence[str]
    field: str
    old: str
    new: str
    old_spot: Spot | None
    new_spot: Spot | None


def changes_of(store: Store, release: Manifest, most: int = MOST) -> list[Change]:
    """The first changes of a release. None where it is the first, or its key is not that of the one before.

    Of a release before that was taken down there are no cells, and what quoted it is gone as well.
    """
    if "changes.csv" not in release.files or not release.parent:
        return []
    before = Manifest.read(store, release.parent)
    rows = _located(store, release, release if before.is_taken else before, most)
    new = places_of(store, release.build, {int(str(row[-1])) for row in rows if row[-1]})
    old = {} if before.is_taken else places_of(store, before.build, {int(str(row[-2])) for row in rows if row[-2]})
    return [_change(row, old, new) for row in rows]


def changes_table(shelf: Shelf, release: Manifest, changes: Sequence[Change], language: Language, most: int) -> str:
    """The changes as Markdown; their texts lead to the cells."""
    names = titles(release, language)
    change, *others = _HEADS[language]
    keys = [names.get(name, name) for name in _key(release)]
    rows = [_row(shelf, one, names, language) for one in changes]
    return markdown.table([change, *map(markdown.text, keys), *others], rows, most)


def _row(shelf: Shelf, one: Change, names: Mapping[str, str], language: Language) -> list[str]:
    spot = one.new_spot or one.old_spot
    where = ".".join(filter(None, (spot.sheet, spot.cell))) if spot else ""
    values = [_value(shelf, one.old, one.old_spot), _value(shelf, one.new, one.new_spot)]
    cell = markdown.link(where, shelf.links.cell(spot)) if spot else ""
    field = markdown.text(names.get(one.field, one.field))
    return [KINDS[one.kind].said(language), *map(markdown.text, one.key), field, *values, cell]


def _value(shelf: Shelf, value: str, spot: Spot | None) -> str:
    return markdown.link(value, shelf.links.cell(spot)) if spot and value else markdown.text(value)


def _change(row: Sequence[object], old: Mapping[int, Places], new: Mapping[int, Places]) -> Change:
    kind, *key, field, before, after, old_row, new_row = ("" if value is None else str(value) for value in row)
    spots = [_spot(places, number, field) for places, number in ((old, old_row), (new, new_row))]
    return Change(kind, key, field, before, after, *spots)


def _spot(places: Mapping[int, Places], number: str, field: str) -> Spot | None:
    found = places.get(int(number)) if number else None
    return found.cells.get(field) if found else None


def _located(store: Store, release: Manifest, before: Manifest, most: int) -> list[tuple[object, ...]]:
    """Rows of changes.csv, and after them the row's number in the release before and in this one."""
    keys = [f"k{number}" for number, _ in enumerate(_key(release))]
    kinds = dict.fromkeys(["change", *keys, "field", "old", "new"], "VARCHAR")
    path = literal(str(store.path(release.file("changes.csv"))))
    changes = f"read_csv({path}, columns={kinds}, {_FORM})"
    same = {side: " AND ".join(f"c.{key} = {side}.{key}" for key in keys) for side in ("o", "n")}
    with duckdb.connect() as connection:
        old, new = (_numbered(connection, store, one, _key(release)) for one in (before, release))
        return connection.execute(
            f"SELECT c.* EXCLUDE nth, o.number, n.number "
            f"FROM (SELECT *, row_number() OVER () AS nth FROM {changes} LIMIT {most}) c "
            f"LEFT JOIN ({old}) o ON {same['o']} LEFT JOIN ({new}) n ON {same['n']} ORDER BY c.nth"
        ).fetchall()


def _numbered(connection: duckdb.DuckDBPyConnection, store: Store, release: Manifest, key: Sequence[str]) -> str:
    """SQL: the keys of a release's rows, as texts, and their numbers."""
    path = store.path(release.table)
    kinds = kinds_of(connection, path)
    texts = ", ".join(f"{csv_text(identifier(name), kinds[name])} AS k{n}" for n, name in enumerate(key))
    return f"SELECT file_row_number + 1 AS number, {texts} FROM {parquet(path, numbered=True)}"


def _key(release: Manifest) -> list[str]:
    return cast("list[str]", release.build.table_schema["primaryKey"])
