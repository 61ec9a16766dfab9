"""Short ways to refuse a delivery."""

from __future__ import annotations

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import letter


def damaged(place: Place, found: str) -> DeliveryRefused:
    """The bytes are not what a file of that kind is made of."""
    return DeliveryRefused(Finding("file.damaged", place, found))


def too_large(code: str, place: Place, found: int, most: int) -> DeliveryRefused:
    """More than the reader takes on; `most` is one of `limits`."""
    return DeliveryRefused(Finding(code, place, f"{found:,}", {"most": f"{most:,}"}))


def too_wide(last_row: int, last_column: int, place: Place, most: int) -> DeliveryRefused:
    """The last value of a sheet stands too far out; rows and columns from 0."""
    rows, columns = last_row + 1, last_column + 1
    where = Place(place.dataset, place.file, place.sheet, f"{letter(last_column)}{rows}")
    return DeliveryRefused(Finding("sheet.too_large", where, f"{rows:,} × {columns:,}", {"most": f"{most:,}"}))
