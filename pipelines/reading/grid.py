"""A sheet as a grid of texts, from .xlsx, .xls or a text file, with what is merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import column_of, letter
from pipelines.reading.cells import NotReadable, excel_number
from pipelines.reading.kinds import format_of, kind_of
from pipelines.reading.limits import MOST_BYTES
from pipelines.reading.refuse import damaged, too_large
from pipelines.reading.workbook import look_over

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

    from pipelines.reading.sheetxml import Faults

__all__ = ["Grid", "column_of", "kind_of", "letter", "read_workbook", "require_kind", "sheet_names", "text_of"]

Value: TypeAlias = "int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta"
Range: TypeAlias = "tuple[tuple[int, int], tuple[int, int]]"


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
    return [str(name) for name in _open(path, place)[0].sheet_names]


def read_workbook(path: Path, place: Place, sheet: str | None) -> Grid:
    """One sheet of a workbook; without a name the workbook must have just one. Values as last computed.

    Raises DeliveryRefused when the file is damaged or too large, or the sheet isn't there.
    """
    book, faults_of = _open(path, place)
    name = _sheet(list(book.sheet_names), sheet, place)
    wrong = dict(faults_of(name))
    with _refusing(place):
        table = book.get_sheet_by_name(name)
        values = table.to_python(skip_empty_area=False)
        merged = table.merged_cell_ranges or []
    rows, times = _texts(values, wrong)
    return Grid(name, rows, merged, _addresses(wrong), _addresses(times))


def _addresses(cells: Collection[tuple[int, int]]) -> frozenset[str]:
    return frozenset(f"{letter(column)}{row + 1}" for row, column in cells)


def _texts(values: Iterable[list[Value]], wrong: Faults) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """The texts of all cells, and which are dates or times. What is no value at all is added to `wrong`."""
    times: list[tuple[int, int]] = []
    rows: list[list[str]] = []
    for number, row in enumerate(values):
        texts: list[str] = []
        for column, value in enumerate(row):
            if isinstance(value, dt.date | dt.time | dt.timedelta):
                times.append((number, column))
            try:
                texts.append(value if isinstance(value, str) else text_of(value))
            except NotReadable:
                texts.append(str(value))
                wrong[number, column] = repr(value)
        rows.append(texts)
        row.clear()  # a long sheet need not stand in memory twice
    _put(rows, wrong)
    return rows, times


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


def _open(path: Path, place: Place) -> tuple[CalamineWorkbook, Callable[[str], Faults]]:
    """A workbook that was looked over, and what tells the faults of one of its sheets."""
    from python_calamine import CalamineWorkbook

    with _refusing(place):
        faults_of = look_over(path, place)
        return CalamineWorkbook.from_path(str(path)), faults_of


@contextmanager
def _refusing(place: Place) -> Iterator[None]:
    """Turn what a damaged workbook does to its reader into a refusal.

    The reader is written in Rust and panics at some damaged .xls. Its PanicException has no name to import and is no
    Exception, so that it would end the whole night.
    """
    from python_calamine import CalamineError

    try:
        yield
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged(place, str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(place, str(error)) from error


def _sheet(names: list[str], wanted: str | None, place: Place) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        facts = {"sheet": wanted or "", "sheets": "、".join(names)}
        raise DeliveryRefused(Finding("sheet.missing", place, "、".join(names), facts))
    return wanted


def text_of(value: object) -> str:
    """The text of one cell's value: numbers in decimal form, dates in ISO form, nothing as the empty text.

    Raises NotReadable for a number that has no such form.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return excel_number(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return _time(value)
    return "" if value is None else str(value)


def _time(value: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.timedelta):
        return _duration(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return value.date().isoformat()  # a spreadsheet has no dates, only moments; midnight means the day
    return value.isoformat()


def _duration(value: dt.timedelta) -> str:
    """`26:30:00`, as a spreadsheet shows a time that goes on beyond midnight."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
