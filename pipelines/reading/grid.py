"""A sheet as a grid of texts, from .xlsx, .xls or a text file, with what is merged."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.cells import excel_number
from pipelines.reading.faults import faults

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAGIC = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls"}
Range: TypeAlias = "tuple[tuple[int, int], tuple[int, int]]"


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column, both from 0; `merged` holds first and last cell of each merged range.

    `faults` are the addresses of cells that hold no value but an error or a formula that was never computed.
    """

    sheet: str
    rows: list[list[str]]
    merged: Sequence[Range] = ()
    faults: Collection[str] = ()

    def flipped(self) -> Grid:
        """The grid with rows and columns exchanged."""
        width = max((len(row) for row in self.rows), default=0)
        padded = [row + [""] * (width - len(row)) for row in self.rows]
        merged = [((a[1], a[0]), (b[1], b[0])) for a, b in self.merged]
        return Grid(self.sheet, [list(column) for column in zip(*padded, strict=True)], merged, self.faults)


def letter(column: int) -> str:
    """The letters of a column counted from 0: 0 → A, 26 → AA."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def column_of(letters: str) -> int:
    """The column, from 0, of its letters (or of a number from 1, in a table that lies on its side)."""
    if letters.isdigit():
        return int(letters) - 1
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - 64
    return number - 1


def kind_of(head: bytes) -> str:
    """What the first bytes say that a file is: xlsx, xls, html, empty or text."""
    if not head:
        return "empty"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<!doc")):
        return "html"
    return MAGIC.get(head[:4], "text")


def require_kind(path: Path, place: Place, kind: str) -> None:
    """Raise DeliveryRefused when the bytes are not what the source file says."""
    with path.open("rb") as file:
        found = kind_of(file.read(512))
    expected = {"workbook": {"xlsx", "xls"}, "csv": {"text"}}[kind]
    if found in expected:
        return
    code = {"html": "file.html", "empty": "file.empty"}.get(found, "file.wrong_kind")
    raise DeliveryRefused(Finding(code, place, found, {"kind": kind}))


def sheet_names(path: Path, place: Place) -> list[str]:
    """The sheets of a workbook, in its order. Raises DeliveryRefused when it can't be opened."""
    return [str(name) for name in _open(path, place).sheet_names]


def read_workbook(path: Path, place: Place, sheet: str | None) -> Grid:
    """One sheet of a workbook; without a name the workbook must have just one. Values as last computed.

    Raises DeliveryRefused when the file is damaged or the sheet isn't there.
    """
    book = _open(path, place)
    name = _sheet(list(book.sheet_names), sheet, place)
    with _refusing(place):
        table = book.get_sheet_by_name(name)
        values = table.to_python(skip_empty_area=False)
        merged = table.merged_cell_ranges or []
        wrong = faults(path, name)
    rows = [[text_of(value) for value in row] for row in values]
    for (row, column), text in wrong.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return Grid(name, rows, merged, frozenset(f"{letter(column)}{row + 1}" for row, column in wrong))


def _open(path: Path, place: Place) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    with _refusing(place):
        return CalamineWorkbook.from_path(str(path))


@contextmanager
def _refusing(place: Place) -> Iterator[None]:
    """Turn what a damaged workbook does to its reader into a refusal.

    The reader is written in Rust and panics at some damaged .xls. Its PanicException has no name to import and is no
    Exception, so that it would end the whole night.
    """
    from python_calamine import CalamineError

    try:
        yield
    except (CalamineError, OSError, ValueError) as error:
        raise DeliveryRefused(Finding("file.damaged", place, str(error))) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DeliveryRefused(Finding("file.damaged", place, str(error))) from error


def _sheet(names: list[str], wanted: str | None, place: Place) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        facts = {"sheet": wanted or "", "sheets": "、".join(names)}
        raise DeliveryRefused(Finding("sheet.missing", place, "、".join(names), facts))
    return wanted


def text_of(value: object) -> str:
    """The text of one cell's value: numbers in decimal form, dates in ISO form, nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return excel_number(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return value.date().isoformat()  # a spreadsheet has no dates, only moments; midnight means the day
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def decoded(path: Path, place: Place, encoding: str) -> str:
    """A text file's text, without BOM. Raises DeliveryRefused naming the line that is not in that encoding."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = content[error.start : error.start + 8].hex(" ")
        raise DeliveryRefused(Finding("file.encoding", _at_line(place, line), found, {"encoding": encoding})) from error


def read_text(path: Path, place: Place, encoding: str, delimiter: str) -> Grid:
    """A delimited text file as a grid; a record is a row, as a spreadsheet shows it.

    Raises DeliveryRefused where quotes are broken.
    """
    text = io.StringIO(decoded(path, place, encoding), newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True)  # as DuckDB does before a quote
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise DeliveryRefused(Finding("csv.quotes", _at_line(place, reader.line_num), str(error))) from error
    return Grid("", rows)


def _at_line(place: Place, line: int) -> Place:
    return Place(place.dataset, place.file, place.sheet, place.cell, line, place.field)
