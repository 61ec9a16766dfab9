"""From a published figure back to the cell of the delivery that it was read from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import cast

import duckdb

from pipelines.datasets import Dataset
from pipelines.errors import TakenDown, UnknownName
from pipelines.findings import Finding, Place
from pipelines.pipeline import Pipeline, manifest
from pipelines.reading.grid import Grid, column_of, read_workbook
from pipelines.reading.textfile import read_text
from pipelines.release.record import Manifest
from pipelines.sqltext import identifier, literal, parquet
from pipelines.store import Store


@dataclass(frozen=True, slots=True)
class Origin:
    """One cell: the delivery's hash and file, sheet and A1 address, and the text that stands there.

    `cell` is empty for a constant of the source file; `correction` has the reason where the text was corrected.
    """

    sha256: str
    file: str
    sheet: str
    cell: str
    text: str
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """One published value with where it came from: a cell, or rows of other datasets (`dataset@version#row`)."""

    field: str
    value: str
    origin: Origin | None = None
    refs: Sequence[str] = ()
    title_ja: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One published row: its dataset, version and number (from 1), and every value of it."""

    dataset: str
    version: str
    number: int
    values: Sequence[Traced]


def trace(pipeline: Pipeline, name: str, key: Sequence[str]) -> Row:
    """The row with that key in the current release. Raises UnknownName when there is none."""
    dataset = pipeline.repository[name]
    ref = pipeline.store.log.head().current.get(name)
    if ref is None:
        raise UnknownName(Finding("name.release", Place(dataset=name), "", {"known": "—"}))
    release = manifest(pipeline.store, ref)
    return trace_row(pipeline.store, release, _number(pipeline.store, release, dataset, key))


def trace_row(store: Store, release: Manifest, number: int) -> Row:
    """The row of that number (from 1, in published order) of any release."""
    values = _row(store, release.table, number)
    where = _row(store, release.file("provenance.parquet"), number)
    origin = _json(store, release.file("provenance.json"))
    cells = _Cells(store, where, origin)
    reasons = _reasons(cells)
    fields = cast("list[Mapping[str, object]]", release.build.table_schema["fields"])
    titles = {str(one["name"]): (str(one["title@ja"]), str(one["title@en"])) for one in fields}
    traced = []
    for name, value in values.items():
        ja, en = titles.get(name, ("", ""))
        traced.append(replace(_traced(cells, name, value, reasons), title_ja=ja, title_en=en))
    return Row(release.name, release.version, number, traced)


def _number(store: Store, release: Manifest, dataset: Dataset, key: Sequence[str]) -> int:
    names = dataset.schema.primaryKey
    test = " AND ".join(f"{identifier(n)}::VARCHAR = {literal(v)}" for n, v in zip(names, key, strict=False))
    table = parquet(store.path(release.table), numbered=True)
    found = _query(f"SELECT file_row_number + 1 FROM {table} WHERE {test or 'true'} LIMIT 2").fetchall()
    if len(key) != len(names) or not found:
        raise UnknownName(Finding("name.row", Place(dataset=dataset.name), " ".join(key), {"known": " ".join(names)}))
    return int(found[0][0])


def _row(store: Store, sha256: str, number: int) -> dict[str, object]:
    """One row of a Parquet object by its number, from 1."""
    table = parquet(store.path(sha256), numbered=True)
    found = _query(f"SELECT * EXCLUDE (file_row_number) FROM {table} WHERE file_row_number = {number - 1}")
    (row,) = found.fetchall()
    return dict(zip(found.columns, row, strict=True))


def _query(sql: str) -> duckdb.DuckDBPyRelation:
    relation = duckdb.sql(sql)
    assert relation is not None  # it is a SELECT
    return relation


def _json(store: Store, sha256: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(store.path(sha256).read_bytes()))


@dataclass(frozen=True)
class _Cells:
    """The cells that one row was read from; each is opened once."""

    store: Store
    where: Mapping[str, object]
    origin: Mapping[str, object]
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Mapping[str, object]:
        """Delivery and sheet."""
        return cast("list[Mapping[str, object]]", self.origin["parts"])[cast("int", self.where["part"])]

    def address(self, name: str) -> str:
        """Where a field's text stands; empty for a constant, or what SQL has made."""
        return str(self.where.get(f"at_{name}") or "") or steady_cell(self.part, name, self.where)

    def text(self, name: str) -> str:
        """The text at that address."""
        cell = self.address(name)
        if name not in self.texts:
            self.texts[name] = _text_at(self.store, self.part, cell, self.origin) if cell else "(sources/*.yaml)"
        return self.texts[name]


def _traced(cells: _Cells, name: str, value: object, reasons: Mapping[str, str]) -> Traced:
    shown = "" if value is None else str(value)
    if refs := cells.where.get("refs"):
        return Traced(name, shown, refs=tuple(cast("list[str]", refs)))
    sha256, file, sheet = (str(cells.part[key]) for key in ("sha256", "file", "sheet"))
    return Traced(
        name, shown, Origin(sha256, file, sheet, cells.address(name), cells.text(name), reasons.get(name, ""))
    )


def _text_at(store: Store, part: Mapping[str, object], cell: str, origin: Mapping[str, object]) -> str:
    """What stands in a cell; that it was taken down, where the delivery is gone."""
    try:
        return cell_text(store, part, cell, cast("Mapping[str, str]", origin.get("text", {})))
    except TakenDown:
        return "(取り下げ済み / taken down)"


def steady_cell(part: Mapping[str, object], name: str, where: Mapping[str, object]) -> str:
    """The address of a cell that stands in its part's column for the field."""
    columns = cast("Mapping[str, str]", part["columns"])
    return f"{columns[name]}{where['row']}" if name in columns else ""


def _reasons(cells: _Cells) -> dict[str, str]:
    """By field, why the text of this row was corrected: each correction is done again, in turn, as in reading."""
    reasons: dict[str, str] = {}
    now: dict[str, str] = {}
    for correction in cast("list[Mapping[str, object]]", cells.origin["corrections"]):
        name, where = str(correction["field"]), cast("Mapping[str, str]", correction["where"])
        expected = [*where.items(), (name, str(correction["expect"]))]
        # What stands in no cell (a constant) is the same in every row of the sheet and rules none out.
        if all(now.get(key, cells.text(key)).strip() == text for key, text in expected if cells.address(key)):
            reasons[name], now[name] = str(correction["reason"]), str(correction["set"])
    return reasons


def cell_text(
    store: Store, part: Mapping[str, object], cell: str, form: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What stands in a cell of an archived delivery. Merged cells show the text of their first cell.

    `form` is what the release says of an unusual text file: `encoding`, `delimiter`.
    """
    grid = _sheet(store, part, form)
    letters = cell.rstrip("0123456789")
    row, column = int(cell[len(letters) :]) - 1, column_of(letters)
    for (top, left), (bottom, right) in grid.merged:
        if top <= row <= bottom and left <= column <= right:
            row, column = top, left
    cells = grid.rows[row] if row < len(grid.rows) else []
    return cells[column] if column < len(cells) else ""


def _sheet(store: Store, part: Mapping[str, object], form: Mapping[str, str]) -> Grid:
    path, place, sheet = store.path(str(part["sha256"])), Place(file=str(part["file"])), str(part["sheet"])
    if sheet:
        return read_workbook(path, place, sheet)
    encoding = form.get("encoding") or ("cp932" if _is_cp932(path.read_bytes()) else "utf-8")
    return read_text(path, place, encoding, form.get("delimiter", ","))


def _is_cp932(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
