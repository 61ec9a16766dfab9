"""Cells of a workbook that hold an error (`#N/A`) or a formula that was never computed.

python-calamine gives both as empty texts (its issue 105), and an empty cell may be published as no value. So they are
looked up in the file itself: in the sheet's XML, or, for errors in an .xls, in its records.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from pipelines.reading import biff

_SUSPECT = re.compile(rb't="e"|<(?:\w+:)?f[ >/]')


def faults(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column, from 0, of each such cell, with the error's text or the formula (`=B2/C2`). Raises ValueError."""
    if not zipfile.is_zipfile(path):
        return biff.errors(path, sheet)
    try:
        with zipfile.ZipFile(path) as book:
            content = book.read(_part(book, sheet))
        suspects = _cells(content) if _SUSPECT.search(content) else ()
        return {_position(cell.get("r", "")): text for cell in suspects if (text := _fault(cell))}
    except (KeyError, StopIteration, zipfile.BadZipFile, ET.ParseError) as error:
        raise ValueError(f"{sheet}: {error}") from error


def _part(book: zipfile.ZipFile, sheet: str) -> str:
    """The name of the sheet's XML inside the workbook."""
    sheets = _tree(book.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
    wanted = next(item for item in sheets if item.get("name") == sheet)
    relation = next(value for key, value in wanted.items() if key.endswith("}id"))
    relations = _tree(book.read("xl/_rels/workbook.xml.rels"))
    target = next(item.get("Target", "") for item in relations if item.get("Id") == relation)
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _tree(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314  expat stops at bombs, and a steward's own staff hands these in


def _cells(content: bytes) -> Iterator[ET.Element]:
    return _tree(content).iterfind("{*}sheetData/{*}row/{*}c")


def _position(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(address[len(letters) :]) - 1, column - 1


def _fault(cell: ET.Element) -> str:
    """What stands in the cell instead of a value; a formula whose result is an empty text has one."""
    value, formula = cell.findtext("{*}v") or "", cell.find("{*}f")
    if cell.get("t") == "e":
        return value or "#ERROR"
    return f"={formula.text or ''}" if formula is not None and not value and cell.get("t") != "str" else ""
