"""What to write instead, where the cell grammar can tell. Nothing is ever filled in by itself."""

from __future__ import annotations

import re
from typing import Final

from pipelines.reading.cells import NotReadable, date, number, tidy, year, yearmonth

_MARK: Final = re.compile(r"( ?[※*＊] ?[0-9]*| ?[(（]?注 ?[0-9]*[)）]?)+$")
_ENDING: Final = re.compile(r"(?P<figure>[▲△+\-−]? ?[0-9][0-9,.]*(?:(?:兆|億|万|千)[0-9,.]*)*)(?P<ending>[^0-9,.]*)")
_MOST_DECIMALS: Final = 9


def figure(text: str) -> str:
    """The plain number that a text says, without unit, separators, full-width digits and marks; else nothing."""
    plain = _MARK.sub("", tidy(text))
    found = _ENDING.fullmatch(plain)
    if found is None:
        return ""
    ending = found["ending"].strip()
    try:
        decimals = min(len(found["figure"].partition(".")[2]), _MOST_DECIMALS)
        return format(number(found["figure"], decimals=decimals), "f") if _is_unit(ending) else ""
    except NotReadable:
        return ""


def _is_unit(ending: str) -> bool:
    """Whether what follows a figure leaves it as it is: a unit, in brackets or not, and no power or range."""
    return len(ending) <= 8 and not re.search(r"[兆億万千百/～〜~・、OlI｜|]|^[\-−–]", ending)  # noqa: PLR2004


def moment(text: str) -> str:
    """The same time in ISO form (`2018`, `2019-03`, `2019-03-31`), where the text can mean one only; else nothing."""
    plain = tidy(text)
    for read in (lambda t: date(t).isoformat(), yearmonth, lambda t: str(year(t))):
        try:
            return str(read(plain))
        except NotReadable:
            continue
    return ""
