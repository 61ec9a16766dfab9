"""The first and last rows of a release as a Markdown table, every value a link to its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import duckdb

from pipelines.contract.types import csv_text
from pipelines.findings import Language
from pipelines.release.difference import kinds_of
from pipelines.release.record import Manifest
from pipelines.sqltext import identifier, parquet
from pipelines.steward import markdown
from pipelines.steward.cells import Places, places_of
from pipelines.steward.links import Links, Spot
from pipelines.steward.refs import spots_of
from pipelines.store import Store

ENDS: Final = 5  # rows of the beginning, and of the end
_HEADS: Final[dict[str, dict[Language, str]]] = {
    "row": {"ja": "行", "en": "row"},
    "from": {"ja": "元の行", "en": "from"},
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where releases are read, and where their pages lead."""

    store: Store
    links: Links


def titles(release: Manifest, language: Language) -> dict[str, str]:
    """The title of every field by its name, in published order."""
    fields = cast("list[Mapping[str, object]]", release.build.table_schema["fields"])
    return {str(one["name"]): str(one[f"title@{language}"]) for one in fields}


@dataclass(frozen=True, slots=True)
class Preview:
    """Some rows by their number, from 1: their values as texts, and where they were read.

    Of derived rows `behind` has the cell behind each row that they came from.
    """

    values: Mapping[int, Mapping[str, str]]
    places: Mapping[int, Places]
    behind: Mapping[str, Spot]


def preview_of(store: Store, release: Manifest) -> Preview:
    """The first and the last rows."""
    count = release.build.count
    numbers = sorted({*range(1, min(ENDS, count) + 1), *range(max(count - ENDS, 0) + 1, count + 1)})
    places = places_of(store, release.build, numbers)
    refs = dict.fromkeys(ref for row in places.values() for ref in row.refs)
    return Preview(_values(store, release, numbers), places, spots_of(store, refs))


def preview_table(shelf: Shelf, release: Manifest, rows: Preview, language: Language, most_bytes: int) -> str:
    """The rows as Markdown; a value leads to its cell, a derived row by the rows that it came from."""
    is_derived = any(places.refs for places in rows.places.values())
    names = map(markdown.text, titles(release, language).values())
    heads = [_HEADS["row"][language], *names, *([_HEADS["from"][language]] if is_derived else [])]
    return markdown.table(
        heads, (_row(shelf, rows, number, is_derived=is_derived) for number in rows.values), most_bytes
    )


def _row(shelf: Shelf, rows: Preview, number: int, *, is_derived: bool) -> list[str]:
    places = rows.places[number]
    refs = [", ".join(_ref(shelf, rows, ref) for ref in places.refs)] if is_derived else []
    values = rows.values[number].items()
    return [f"{number:,}", *(linked(shelf, places, name, value) for name, value in values), *refs]


def _ref(shelf: Shelf, rows: Preview, ref: str) -> str:
    spot = rows.behind.get(ref)
    return markdown.link(ref, shelf.links.cell(spot)) if spot else markdown.text(ref)


def linked(shelf: Shelf, places: Places | None, name: str, value: str) -> str:
    """A value that leads to its cell, where it was read from one."""
    spot = places.cells.get(name) if places else None
    return markdown.link(value, shelf.links.cell(spot)) if spot else markdown.text(value)


def _values(store: Store, release: Manifest, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    """The texts of rows, by number, as the canonical CSV has them."""
    path = store.path(release.table)
    with duckdb.connect() as connection:
        kinds = kinds_of(connection, path)
        texts = ", ".join(csv_text(identifier(name), kind) for name, kind in kinds.items())
        wanted = ", ".join(str(number - 1) for number in numbers) or "-1"
        rows = connection.execute(
            f"SELECT file_row_number + 1, {texts} FROM {parquet(path, numbered=True)} "
            f"WHERE file_row_number IN ({wanted})"
        ).fetchall()
    rows.sort()
    return {row[0]: {n: "" if v is None else str(v) for n, v in zip(kinds, row[1:], strict=True)} for row in rows}
