"""Values as they can be compared, whether they come out of Parquet, CSV or CKAN's JSON."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

Row = frozenset[tuple[str, str | None]]
Rows = Counter[Row]
CKANS_OWN = {"_id", "_full_text", "rank"}


def canonical(row: Mapping[str, object]) -> Row:
    """A row without CKAN's own columns; equal for equal values."""
    return frozenset((key, plain(value)) for key, value in row.items() if key not in CKANS_OWN)


def plain(value: object) -> str | None:
    """A value as text: 12.50 and 12.5 are the same number, a day is a day with or without a midnight behind it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return _number(str(value))
    if isinstance(value, dt.date):
        return value.isoformat().removesuffix("T00:00:00")
    return _text(str(value))


def _number(text: str) -> str:
    number = Decimal(text).normalize()
    return f"{number:f}"


def _text(text: str) -> str:
    """Numbers that came as text are numbers all the same: CKAN gives a decimal number as text in some versions."""
    if text in {"True", "False"}:
        return text.lower()
    try:
        return _number(text) if "." in text else text
    except InvalidOperation:
        return text.removesuffix("T00:00:00")
