"""Ways in which people change, and spoil, the files that they hand in."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import xlwt
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook

Edit = Callable[[Path], None]
ERROR_PAGE = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not Found</body></html>\n"


def cells(changes: Mapping[str, object], sheet: str | None = None) -> Edit:
    """Type values into cells of one sheet of a workbook, by their addresses."""

    def edit(path: Path) -> None:
        if path.suffix == ".xls":
            _rewrite_xls(path, changes)
            return
        book = openpyxl.load_workbook(path)
        page = book[sheet] if sheet else book.worksheets[0]
        for address, value in changes.items():
            page[address].value = value
        book.save(path)

    return edit


def _rewrite_xls(path: Path, changes: Mapping[str, object]) -> None:
    """Write the first sheet of an old workbook again, with some of its cells changed."""
    name, rows = _first_sheet(path)
    for address, value in changes.items():
        row, column = coordinate_to_tuple(address)
        rows[row - 1][column - 1] = value
    _write_xls(path, name, rows)


def _first_sheet(path: Path) -> tuple[str, list[list[object]]]:
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    return sheet.name, [list(row) for row in sheet.to_python(skip_empty_area=False)]


def _write_xls(path: Path, name: str, rows: list[list[object]]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(name)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value not in ("", None):
                page.write(row, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(buffer.getvalue())


def shifted(first: int, last: int, column: int) -> Edit:
    """Push the cells of an old workbook's rows one column to the right, from a column (1 is A) on."""

    def edit(path: Path) -> None:
        name, rows = _first_sheet(path)
        for row in rows[first - 1 : last]:
            row.insert(column - 1, "")
        _write_xls(path, name, rows)

    return edit


def resaved(path: Path) -> None:
    """Open a workbook and save it: the same figures, other bytes."""
    before = path.read_bytes()
    openpyxl.load_workbook(path).save(path)
    assert path.read_bytes() != before


def without_sheet(name: str) -> Edit:
    """Take a sheet out of a workbook; where it is the only one, an empty one takes its place."""

    def edit(path: Path) -> None:
        if path.suffix == ".xls":
            _write_xls(path, "Sheet1", [["メモ"]])
            return
        book = openpyxl.load_workbook(path)
        book.remove(book[name])
        if not book.sheetnames:
            book.create_sheet("Sheet1")
        book.save(path)

    return edit


def text(old: str, new: str, encoding: str) -> Edit:
    """Replace a text that stands just once in a text file."""

    def edit(path: Path) -> None:
        content = path.read_bytes().decode(encoding)
        assert content.count(old) == 1, old
        path.write_bytes(content.replace(old, new).encode(encoding))

    return edit


def recoded(old: str, new: str) -> Edit:
    """Save a text file in another encoding."""

    def edit(path: Path) -> None:
        path.write_bytes(path.read_bytes().decode(old).encode(new))

    return edit


def cut_off(path: Path) -> None:
    """Half of the file, as a copy that was broken off leaves it."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def html_page(path: Path) -> None:
    """The web server's error page, saved under the delivery's name."""
    path.write_bytes(ERROR_PAGE)


def emptied(path: Path) -> None:
    """A file of zero bytes."""
    path.write_bytes(b"")


def gone(path: Path) -> None:
    """No file."""
    path.unlink()


def all_of(*edits: Edit) -> Edit:
    """Several changes to one file."""

    def edit(path: Path) -> None:
        for each in edits:
            each(path)

    return edit
