"""Opens a file as a book, whatever it is; or refuses it with the reason, as the night would."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipelines.checking.sheet import Book
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.kinds import format_of
from pipelines.reading.limits import MOST_BYTES
from pipelines.reading.refuse import too_large
from pipelines.reading.workbook import look_over

_CODES: Final = {"html": "file.html", "empty": "file.empty", "encrypted": "file.encrypted"}


def open_book(path: Path, place: Place) -> Book:
    """Read a file of any kind that can be checked. Raises DeliveryRefused; imports what the kind needs."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise too_large("file.too_large", place, size, MOST_BYTES)
    kind = format_of(path)
    if kind == "text":
        from pipelines.checking.csvbook import open_csv

        return open_csv(path, place)
    if kind not in {"xlsx", "xls"}:
        raise DeliveryRefused(Finding(_CODES.get(kind, "file.wrong_kind"), place, kind, {"kind": "xlsx, xls, csv"}))
    look_over(path, place)
    return _workbook(kind, path, place)


def _workbook(kind: str, path: Path, place: Place) -> Book:
    if kind == "xls":
        from pipelines.checking.xlsbook import open_xls

        return open_xls(path, place)
    from pipelines.checking.xlsxbook import open_xlsx

    return open_xlsx(path, place)
