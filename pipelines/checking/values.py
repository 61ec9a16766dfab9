"""What a spreadsheet's numbers mean: figures as the reader gives them, and moments where the format shows a date."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

from pipelines.reading.cells import NotReadable, excel_number
from pipelines.reading.texts import text_of

_SIMPLE: Final = re.compile(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,14})?")
_MOST_DIGITS: Final = 15
# Formats by number that show a date or a time, also the Japanese ones.
_DATE_FORMATS: Final = frozenset([*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)])
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DAY: Final = 86400
_EPOCHS: Final = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}  # noqa: DTZ001  no zone in a cell
_LAST_WRONG_DAY: Final = 60  # Excel counts a 29 February 1900 that never was


def number_text(value: str) -> str:
    """The text of a number as a workbook's XML has it: 15 significant digits, without exponent."""
    if _SIMPLE.fullmatch(value) and len(value) <= _MOST_DIGITS:
        return value.rstrip("0").rstrip(".") if "." in value else value
    try:
        return excel_number(float(value))
    except (ValueError, NotReadable):
        return value


@lru_cache(maxsize=4096)
def is_date_format(number: int, code: str) -> bool:
    """Whether a number format shows a date or a time."""
    if not code:
        return number in _DATE_FORMATS
    plain = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    return plain != "general" and bool(re.search(r"[ymdhs]|e(?![-+])", plain)) and not re.search(r"[0#]{2}", plain)


def moment_text(serial: float, *, since_1904: bool) -> str:
    """The ISO form of a date or time; of a serial that is none, the number."""
    if not 0 <= serial < 2958466:  # noqa: PLR2004  31 December 9999
        return number_text(repr(serial))
    days, seconds = int(serial), round((serial % 1) * _DAY)
    if days == 0 and not since_1904 and seconds:
        return text_of((_EPOCHS[False] + dt.timedelta(seconds=seconds)).time())
    if not since_1904 and days < _LAST_WRONG_DAY:
        days += 1
    return text_of(_EPOCHS[since_1904] + dt.timedelta(days=days, seconds=seconds))
