"""Opens a file as a book, whatever it is; or refuses it with the reason."""

from __future__ import annotations

from pathlib import Path

from pipelines.checking.sheet import Book
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.grid import kind_of


def kind_of_file(path: Path) -> str:
    """What the bytes of a file say that it is: xlsx, xls, text, html, empty."""
    with path.open("rb") as file:
        return kind_of(file.read(512))


def open_book(path: Path, place: Place) -> Book:
    """Read a file of any kind that can be checked. Raises DeliveryRefused, imports what the kind needs."""
    kind = kind_of_file(path)
    if kind == "xlsx":
        from pipelines.checking.xlsxbook import open_xlsx

        return open_xlsx(path, place)
    if kind == "xls":
        from pipelines.checking.xlsbook import open_xls

        return open_xls(path, place)
    if kind == "text":
        from pipelines.checking.csvbook import open_csv

        return open_csv(path, place)
    codes = {"html": "file.html", "empty": "file.empty"}
    raise DeliveryRefused(Finding(codes.get(kind, "file.wrong_kind"), place, kind, {"kind": "workbook, csv"}))
