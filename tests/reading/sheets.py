"""Small deliveries for the tests of reading, and what is read of them as `text@address`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple

from pipelines.datasets import Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.read import Delivered, Raw, read
from pipelines.reading.texts import text_of

Rows = Sequence[Sequence[object]]


def workbook(path: Path, rows: Rows, merged: Sequence[str] = (), sheet: str = "表") -> Path:
    """A workbook of one sheet."""
    return workbook_of(path, {sheet: rows}, merged)


def workbook_of(path: Path, sheets: Mapping[str, Rows], merged: Sequence[str] = ()) -> Path:
    """A workbook; `merged` holds for each of its sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([None if value == "" else value for value in row])
        for area in merged:
            page.merge_cells(area)
    book.save(path)
    return path


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A text file with exactly those line ends."""
    path.write_bytes(text.encode(encoding))
    return path


def source_of(kind: str = "workbook", **keys: object) -> Source:
    """The descriptor of a delivery, as its YAML would be."""
    return Source.model_validate({"kind": kind, "path": "deliveries/x", **keys})


def raw(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Raw:
    """Read a delivery as a night does."""
    return read(connection, source, Delivered(path, path.name, "0" * 64), Place("x", path.name), path.parent)


def cells(source: Source, path: Path, *names: str) -> list[str]:
    """Every row as `text@address …`, in the order of `names` (or of the declaration); constants have no address.

    Whoever opens the file at an address must find that very text there.
    """
    shown = opened(path)
    lines = []
    for row in addressed(source, path):
        for name, (text, at) in row.items():
            assert not at or shown[at] == text, f"{name}: {at} shows {shown[at]!r}, not {text!r}"
        lines.append(" ".join(f"{row[n][0]}@{row[n][1]}".removesuffix("@") for n in names or row))
    return lines


def addressed(source: Source, path: Path) -> Iterator[dict[str, tuple[str, str]]]:
    """Every row: field → text and `address`, or `sheet!address` where there are several sheets."""
    with duckdb.connect() as connection:
        found = raw(connection, source, path)
        relation = connection.sql(found.relation)
        records = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    several = len({part.sheet for part in found.parts}) > 1
    for record in records:
        part = found.parts[record["_part"]]
        sheet = f"{part.sheet}!" if several else ""
        fields = [name for name in record if not name.startswith("_")]
        yield {n: (record[n] or "", sheet + at if (at := _at(record, part.columns, n)) else "") for n in fields}


def _at(record: Mapping[str, object], columns: Mapping[str, str], name: str) -> str:
    if at := record.get(f"_at_{name}"):
        return str(at)
    return f"{columns[name]}{record['_row']}" if name in columns else ""


class Shown(dict[str, str]):
    """The texts of a file by address; whatever else is asked for is blank."""

    def __missing__(self, address: str) -> str:
        coordinate_to_tuple(address.rpartition("!")[2])
        return ""


def opened(path: Path) -> Shown:
    """What a person sees who opens the file: the text of each cell by its address."""
    if path.suffix == ".csv":
        encoding = "cp932" if "cp932" in path.name else "utf-8-sig"
        rows = csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""))
        return Shown({f"{_letter(c)}{r}": text for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)})
    book = openpyxl.load_workbook(path, data_only=True)
    several = len(book.worksheets) > 1
    return Shown(
        {
            (f"{page.title}!" if several else "") + cell.coordinate: text_of(cell.value)
            for page in book.worksheets
            for row in page.iter_rows()
            for cell in row
        }
    )


def _letter(column: int) -> str:
    return openpyxl.utils.get_column_letter(column)


def refusal(source: Source, path: Path) -> Finding:
    """Why a delivery is refused; fails when it is read."""
    try:
        found = list(addressed(source, path))
    except DeliveryRefused as refused:
        return refused.finding
    raise AssertionError(f"it was read: {found}")
