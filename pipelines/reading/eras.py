"""Japanese and Western calendar texts → values. Texts come tidied (half-width, single spaces); see `cells.tidy`.

japanera 2.1 was tried and left out: it reads `S31.1.1` as the year 31 of our era, warns where it should refuse,
and wants the format to be known beforehand. The five eras that official tables use are five rows.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final, NamedTuple

FIRST_YEAR: Final = 1868
LAST_YEAR: Final = 2200
# Japan counted months and days by the moon until 明治5年12月2日, the eve of 1873-01-01 (明治5年太政官布告第337号).
_FIRST_SOLAR_DAY: Final = dt.date(1873, 1, 1)


class NotATime(ValueError):
    """The text is no such time. `instead` is how the same time is rightly written, or empty when nobody can tell."""

    def __init__(self, instead: str = "") -> None:
        super().__init__(instead)
        self.instead = instead


class Era(NamedTuple):
    """One era from its first to its last day; the day of a change belongs to the new era."""

    name: str
    letter: str
    first: dt.date
    last: dt.date


# The days are those of the edicts and cabinet orders (平成: 昭和64年政令第1号, 令和: 平成31年政令第143号).
ERAS: Final = (
    Era("明治", "M", dt.date(1868, 10, 23), dt.date(1912, 7, 29)),
    Era("大正", "T", dt.date(1912, 7, 30), dt.date(1926, 12, 24)),
    Era("昭和", "S", dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
    Era("平成", "H", dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    Era("令和", "R", dt.date(2019, 5, 1), dt.date.max),
)
_BY_MARK: Final = {mark: era for era in ERAS for mark in (era.name, era.name[0], era.letter)}

_WESTERN = r"(?P<western>[0-9]{4})"
_ERA = r"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHR]) ?(?P<count>元|[0-9]{1,2})"
_SUFFIX = r" ?(?P<{}>年度?)?"
_BOTH = "{}" + _SUFFIX.format("inner") + r" ?\( ?{}" + _SUFFIX.format("inside") + r" ?\)" + _SUFFIX.format("outer")
_YEARS = [
    re.compile(pattern)
    for pattern in (
        rf"FY ?{_WESTERN}",
        rf"(?:{_WESTERN}|{_ERA}) ?(?:年度?)?",
        _BOTH.format(_WESTERN, _ERA),
        _BOTH.format(_ERA, _WESTERN),
    )
]

_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_MONTHS = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<year>.+[年)]) ?{_MONTH} ?月",
        # Not `2019.3`: a spreadsheet makes the number 2019.1 of 2019.10, and October would become January.
        rf"(?P<year>[0-9]{{4}})[-/] ?{_MONTH}",
        # Not `H30-1`, which may be a range or a serial number.
        rf"(?P<year>[^-/.年0-9][^-/.年]*)[/.] ?{_MONTH}",
    )
]
_DAYS = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<year>.+[年)]) ?{_MONTH} ?月 ?{_DAY} ?日",
        rf"(?P<year>[^-/.年]+)(?P<mark>[-/.]) ?{_MONTH}(?P=mark) ?{_DAY}",
    )
]
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$")
_CLOCK = (
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?)?(?:\+09:00)?",
    r"(?P<h>[0-9]{1,2})時 ?(?P<m>[0-9]{1,2})分(?: ?(?P<s>[0-9]{1,2})秒)?",
)
_MOMENTS = [re.compile(rf"(?P<date>.+?)(?: |T|(?<=日)){clock}") for clock in _CLOCK]


def year(text: str) -> int:
    """The Western year of a calendar or fiscal year; a fiscal year has the number of the April it begins in.

    An era's years run from that of its first day to that of its last, so 平成31年度 and 令和元年度 are both 2019.
    Where a text gives both calendars, they must agree. Raises NotATime.
    """
    return _year(text)[0]


def yearmonth(text: str) -> tuple[int, int]:
    """Year and month (1 to 12); an era must have at least one day in that month. Raises NotATime."""
    found = _match(_MONTHS, text)
    number, era = _calendar_year(found["year"])
    month = int(found["month"])
    first = _existing_day(number, month, 1)
    _must_contain(era, first, first.replace(day=calendar.monthrange(number, month)[1]), _written(first, days=False))
    return number, month


def date(text: str) -> dt.date:
    """A day that exists, within its era if it has one; a time of day may follow if it is midnight. Raises NotATime."""
    found = _match(_DAYS, _MIDNIGHT.sub("", text))
    number, era = _calendar_year(found["year"])
    day = _existing_day(number, int(found["month"]), int(found["day"]))
    _must_contain(era, day, day, _written(day, days=True))
    return day


def moment(text: str) -> dt.datetime:
    """A day with a time of day on Japan's clocks, without a zone.

    `+09:00` may follow, as it names those clocks; any other zone would need a conversion and is refused, and so
    is a day alone, as its time would be invented. Raises NotATime.
    """
    found = _match(_MOMENTS, text)
    microsecond = (found.groupdict().get("f") or "").ljust(6, "0")
    try:
        clock = dt.time(int(found["h"]), int(found["m"]), int(found["s"] or 0), int(microsecond))
    except ValueError as error:
        raise NotATime from error
    return dt.datetime.combine(date(found["date"]), clock)


def _match(patterns: list[re.Pattern[str]], text: str) -> re.Match[str]:
    """The first pattern that covers the whole text."""
    for pattern in patterns:
        if found := pattern.fullmatch(text):
            return found
    raise NotATime


def _year(text: str) -> tuple[int, Era | None]:
    """The Western year, and the era that the text names."""
    found = _match(_YEARS, text).groupdict()
    if len({found.get(key) for key in ("inner", "inside", "outer")} - {None}) > 1:
        raise NotATime  # 年 and 年度 in one text
    era = _BY_MARK[found["era"]] if found.get("era") else None
    numbers = {int(found["western"])} if found.get("western") else set()
    if era:
        numbers.add(_year_of_era(era, found["count"]))
    if len(numbers) != 1 or not FIRST_YEAR <= min(numbers) <= LAST_YEAR:
        raise NotATime
    return numbers.pop(), era


def _year_of_era(era: Era, count: str) -> int:
    """The Western year of an era's year; 元 is the first."""
    number = era.first.year - 1 + (1 if count == "元" else int(count))
    if number > era.last.year:
        raise NotATime(_written_year(dt.date(number, 12, 31)))
    if number < era.first.year:
        raise NotATime
    return number


def _calendar_year(text: str) -> tuple[int, Era | None]:
    """As `_year`, without fiscal years: 平成30年度3月 is a month of 2019, and a reader may take it for 2018."""
    if "度" in text or "FY" in text:
        raise NotATime
    return _year(text)


def _existing_day(number: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(number, month, day)
    except ValueError as error:
        raise NotATime from error


def _must_contain(era: Era | None, first: dt.date, last: dt.date, instead: str) -> None:
    """Refuses 平成31年5月, though tables printed before the change of era have it: the correct text is in `instead`."""
    if era is None:
        return
    if first < _FIRST_SOLAR_DAY:
        raise NotATime
    if last < era.first or first > era.last:
        raise NotATime(instead)


def _written_year(day: dt.date) -> str:
    era = next((era for era in reversed(ERAS) if era.first <= day), ERAS[0])
    count = day.year - era.first.year + 1
    return f"{era.name}{'元' if count == 1 else count}年"


def _written(day: dt.date, *, days: bool) -> str:
    return f"{_written_year(day)}{day.month}月" + (f"{day.day}日" if days else "")
