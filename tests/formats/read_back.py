"""Readers of every form, each with the tool that its users have, giving back the rows of the Parquet."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
from openpyxl.utils.escape import unescape

Row = dict[str, Any]
TEXTS = ("string", "yearmonth")


def published(folder: Path, name: str) -> list[Row]:
    """The rows of the Parquet."""
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def fields(folder: Path, name: str) -> dict[str, str]:
    """Every field's type, as the package says."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    table = next(r for r in package["resources"] if r["path"] == f"{name}.csv")
    return {field["name"]: field["type"] for field in table["schema"]["fields"]}


def key(folder: Path, name: str) -> list[str]:
    """The fields of the primary key."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    return next(r for r in package["resources"] if r["path"] == f"{name}.csv")["schema"]["primaryKey"]


def typed(kind: str, value: object) -> object:
    """A value of a form as Python has the Parquet's."""
    if value is None:
        return None
    return _TYPED[kind](value)


def _whole(value: object) -> int:
    number = Decimal(str(value))
    assert number == int(number)
    return int(number)


_TYPED: Mapping[str, Callable[[Any], object]] = {
    "string": str,
    "yearmonth": str,
    "integer": _whole,
    "year": _whole,
    "number": lambda v: Decimal(str(v)),
    "boolean": lambda v: v if isinstance(v, bool) else {"true": True, "false": False}[v],
    "date": lambda v: v.date() if isinstance(v, datetime) else v if isinstance(v, date) else date.fromisoformat(v),
    "datetime": lambda v: v if isinstance(v, datetime) else datetime.fromisoformat(v),
}


def spreadsheet_csv(folder: Path, name: str) -> list[Row]:
    """With Python's csv, as UTF-8 with a byte order mark; the first apostrophe of a text is taken away."""
    kinds = fields(folder, name)
    path = folder / f"{name}.spreadsheet.csv"
    assert path.read_bytes()[:3] == b"\xef\xbb\xbf"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{n: typed(kinds[n], _armed(kinds[n], v) if v != "" else None) for n, v in row.items()} for row in rows]


def _armed(kind: str, text: str) -> str:
    return text.removeprefix("'") if kind == "string" else text


def json_rows(folder: Path, name: str) -> list[Row]:
    """With Python's json, numbers exact."""
    kinds = fields(folder, name)
    rows = json.loads((folder / f"{name}.json").read_bytes(), parse_float=Decimal)
    return [{n: typed(kinds[n], value) for n, value in row.items()} for row in rows]


def xlsx(folder: Path, name: str) -> list[Row]:
    """With openpyxl, which leaves the escapes of control characters (ECMA-376, ST_Xstring) to whoever asks."""
    kinds = fields(folder, name)
    book = openpyxl.load_workbook(folder / f"{name}.xlsx", read_only=True)
    head, *rows = book.worksheets[0].iter_rows()
    names = [cell.value for cell in head]
    assert names == list(kinds)
    return [{n: _cell(kinds[n], row[i] if i < len(row) else None) for i, n in enumerate(names)} for row in rows]


def _cell(kind: str, cell: Any) -> object:
    value = None if cell is None else cell.value
    if value is not None and kind not in TEXTS:
        assert isinstance(value, str) == (cell.number_format == "@"), "a typed cell, or one that says that it is a text"
    if isinstance(value, float) and kind == "number":
        return Decimal(repr(value))
    return typed(kind, unescape(value) if isinstance(value, str) else value)


def json_stat(folder: Path, name: str) -> list[Row]:
    """Cell by cell after the standard; rows that have neither a value nor the status `missing` are not in the table."""
    kinds, cube = fields(folder, name), json.loads((folder / f"{name}.jsonstat.json").read_bytes(), parse_float=Decimal)
    *dimensions, metric = cube["id"]
    assert metric == cube["role"]["metric"][0]
    measures = categories(cube, metric)
    rows = []
    for number, at in enumerate(product(*(categories(cube, dimension) for dimension in dimensions))):
        cells = range(number * len(measures), (number + 1) * len(measures))
        values = [_value(cube, cell) for cell in cells]
        if any(v is not None for v in values) or any(str(c) in cube.get("status", {}) for c in cells):
            found = {**dict(zip(dimensions, at, strict=True)), **dict(zip(measures, values, strict=True))}
            found |= _labels(cube, found)
            rows.append({n: typed(kinds[n], found[n]) for n in kinds})
    return rows


def categories(cube: Mapping[str, Any], dimension: str) -> Sequence[str]:
    return cube["dimension"][dimension]["category"]["index"]


def _value(cube: Mapping[str, Any], cell: int) -> object:
    values = cube["value"]
    return values.get(str(cell)) if isinstance(values, dict) else values[cell]


def _labels(cube: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    labels = cube["extension"]["labels"]
    return {
        n: cube["dimension"][of["dimension"]]["category"]["label"][row[of["dimension"]]] for n, of in labels.items()
    }


def unpacked(folder: Path, name: str, to: Path) -> dict[str, bytes]:
    """Every file of the zip."""
    with zipfile.ZipFile(folder / f"{name}.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(to)
    return {path.name: path.read_bytes() for path in to.iterdir()}
