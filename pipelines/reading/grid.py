"""A sheet as a grid of texts, from .xlsx, .xls or a text file, with what is merged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import column_of, letter
from pipelines.reading.apart import Book, Range, opened
from pipelines.reading.kinds import format_of, kind_of
from pipelines.reading.limits import MOST_BYTES
from pipelines.reading.refuse import too_large
from pipelines.reading.workbook import look_over

if TYPE_CHECKING:
    from pipelines.reading.sheetxml import Faults

__all__ = ["Grid", "column_of", "kind_of", "letter", "read_workbook", "require_kind", "sheet_names"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column, both from 0; `merged` holds first and last cell of each merged range.

    `faults` are the addresses of cells that hold no value but an error or a formula that was never computed, `times`
    those of cells that a spreadsheet keeps as a date or a time and not as the text that may once have been typed.
    """

    sheet: str
    rows: list[list[str]]
    merged: Sequence[Range] = ()
    faults: Collection[str] = ()
    times: Collection[str] = ()

    def flipped(self) -> Grid:
        """The grid with rows and columns exchanged."""
        width = max((len(row) for row in self.rows), default=0)
        padded = [row + [""] * (width - len(row)) for row in self.rows]
        merged = [((a[1], a[0]), (b[1], b[0])) for a, b in self.merged]
        return Grid(self.sheet, [list(column) for column in zip(*padded, strict=True)], merged, self.faults, self.times)


def require_kind(path: Path, place: Place, kind: str) -> None:
    """Raise DeliveryRefused when the bytes are not what the source file says."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise too_large("file.too_large", place, size, MOST_BYTES)
    found = format_of(path)
    expected = {"workbook": {"xlsx", "xls"}, "csv": {"text"}}[kind]
    if found in expected:
        return
    code = {"html": "file.html", "empty": "file.empty", "encrypted": "file.encrypted"}.get(found, "file.wrong_kind")
    raise DeliveryRefused(Finding(code, place, found, {"kind": kind}))


def sheet_names(path: Path, place: Place) -> list[str]:
    """The sheets of a workbook, in its order. Raises DeliveryRefused when it can't be opened."""
    with _open(path, place) as (book, _):
        return list(book.sheets)


def read_workbook(path: Path, place: Place, sheet: str | None) -> Grid:
    """One sheet of a workbook; without a name the workbook must have just one. Values as last computed.

    Raises DeliveryRefused when the file is damaged or too large, or the sheet isn't there.
    """
    with _open(path, place) as (book, faults_of):
        name = _sheet(book.sheets, sheet, place)
        wrong = dict(faults_of(name))
        found = book.read(name)
    wrong |= {(row, column): text for row, column, text in found.wrong}
    _put(found.rows, wrong)
    return Grid(name, found.rows, found.merged, _addresses(wrong), _addresses(found.times))


def _addresses(cells: Collection[tuple[int, int]]) -> frozenset[str]:
    return frozenset(f"{letter(column)}{row + 1}" for row, column in cells)


def _put(rows: list[list[str]], wrong: Faults) -> None:
    """Write what stands instead of a value into its cell; the reader in Rust leaves such cells out at the edges."""
    if not wrong:
        return
    height = max(len(rows), 1 + max(row for row, _ in wrong))
    width = max(max(map(len, rows), default=0), 1 + max(column for _, column in wrong))
    rows.extend([] for _ in range(height - len(rows)))
    for texts in rows:
        texts.extend([""] * (width - len(texts)))
    for (row, column), text in wrong.items():
        rows[row][column] = text


@contextmanager
def _open(path: Path, place: Place) -> Iterator[tuple[Book, Callable[[str], Faults]]]:
    """A workbook that was looked over, and what tells the faults of one of its sheets."""
    faults_of = look_over(path, place)
    with opened(path, place) as book:
        yield book, faults_of


def _sheet(names: Sequence[str], wanted: str | None, place: Place) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None or wanted not in names:
        facts = {"sheet": wanted or "", "sheets": "、".join(names)}
        raise DeliveryRefused(Finding("sheet.missing", place, "、".join(names), facts))
    return wanted
