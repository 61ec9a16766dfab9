"""The values of a spreadsheet's cells as texts."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from pipelines.reading.cells import excel_number

Value: TypeAlias = "int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta"


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
