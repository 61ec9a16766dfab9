"""What stands in the cells of the shipped deliveries, read without any code of the pipeline.

.xlsx by openpyxl, .xls by calamine (openpyxl doesn't read it), text files by csv. Addresses are those of a spreadsheet.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from pipelines.settings import REPOSITORY

DELIVERIES = REPOSITORY / "sources" / "deliveries"
Sheet = dict[str, str]


@cache
def files() -> dict[str, Path]:
    """Every shipped delivery by its path below sources/deliveries/."""
    found = [p for p in sorted(DELIVERIES.rglob("*")) if p.is_file() and p.name != "ORIGINS.csv"]
    return {path.relative_to(DELIVERIES).as_posix(): path for path in found}


@cache
def by_hash() -> dict[str, str]:
    """The path below sources/deliveries/ of each delivery by the sha256 of its bytes."""
    return {hashlib.sha256(path.read_bytes()).hexdigest(): name for name, path in files().items()}


@cache
def sheets(file: str) -> dict[str, Sheet]:
    """The texts of a delivery by sheet and address; the one sheet of a text file is ''. Blank cells are left out."""
    path = files()[file]
    read = {".xlsx": _xlsx, ".xls": _xls}.get(path.suffix, _text)
    return read(path)


def cell(file: str, sheet: str, address: str) -> str:
    """The text of one cell, the empty text for a blank one."""
    return sheets(file)[sheet].get(address, "")


def cells(file: str) -> Iterator[tuple[str, str, str]]:
    """Every cell that is not blank, as sheet, address and text."""
    return ((name, address, text) for name, found in sheets(file).items() for address, text in found.items())


def _xlsx(path: Path) -> dict[str, Sheet]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {sheet.title: _xlsx_sheet(sheet) for sheet in book.worksheets}


def _xlsx_sheet(sheet) -> Sheet:
    texts = {
        c.coordinate: _shown(c.value, c.number_format) for row in sheet.iter_rows() for c in row if c.value is not None
    }
    for merged in sheet.merged_cells.ranges:
        first = sheet.cell(merged.min_row, merged.min_col).coordinate
        for row in merged.rows:
            texts.update({f"{get_column_letter(c)}{r}": texts.get(first, "") for r, c in row})
    return {address: text for address, text in texts.items() if text.strip()}


def _xls(path: Path) -> dict[str, Sheet]:
    book = CalamineWorkbook.from_path(str(path))
    return {name: _grid(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names}


def _text(path: Path) -> dict[str, Sheet]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp932")
    return {"": _grid(list(csv.reader(io.StringIO(text, newline=""))))}


def _grid(rows: list[list[object]]) -> Sheet:
    texts = {
        f"{get_column_letter(j)}{i}": _shown(value)
        for i, row in enumerate(rows, 1)
        for j, value in enumerate(row, 1)
        if value is not None
    }
    return {address: text for address, text in texts.items() if text.strip()}


def _shown(value: object, form: str = "General") -> str:
    """A value as a spreadsheet shows it, with the separators and decimals of its cell's format."""
    if isinstance(value, int | float) and (shape := re.fullmatch(r"(#,##)?0(?:\.(0+))?(?:_ )?", form)):
        return format(value, f"{',' if shape[1] else ''}.{len(shape[2] or '')}f")
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def row_of(address: str) -> int:
    """The row of an address."""
    return int(re.sub("[A-Z]", "", address))
