"""One cell of a Japanese administrative table → its plain value, or a refusal. Pure functions.

A text is read only when it can mean one thing; everything else raises `NotReadable`, and the steward decides
(`unit`, `values`, `pattern` or a correction in the source file). Nothing is rounded, completed or guessed.

kanjize 1.6 was tried for 億 and 万 and left out: it computes with floats and cuts off (1.23456789012万 → 12345).
jaconv isn't needed, NFKC does its work.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal, Inexact, InvalidOperation
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from pipelines.reading import eras

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from pipelines.datasets.schema import FieldType

Code = Literal["number", "decimals", "year", "yearmonth", "date", "datetime", "boolean", "unit", "integer"]
_T = TypeVar("_T")


class NotReadable(ValueError):
    """The text is no value of the kind that was asked for.

    Facts in `expected`, by code:
    number, integer, unit      `unit`: the endings that may stand, joined by a comma
    decimals                   `decimals`: how many places there may be
    year, yearmonth, date, datetime   `instead`: how the same time is rightly written (令和元年5月1日), or empty
    boolean                    none
    """

    def __init__(self, code: Code, **expected: str) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected


def squeeze(text: str) -> str:
    """A header for comparison: NFKC, and no white space at all."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def tidy(text: str) -> str:
    """A cell in half width, stripped, with each inner run of white space as one space.

    NFKC, except for characters of which it would make a figure, sign or point that nobody wrote:
    ① ² ½ ⁻ … ㎥ stay as they are.
    """
    runs = groupby(text, _makes_a_figure)
    return " ".join("".join(_normal("".join(run), keep=keep) for keep, run in runs).split())


def _normal(run: str, *, keep: bool) -> str:
    return run if keep else unicodedata.normalize("NFKC", run)


def _makes_a_figure(char: str) -> bool:
    """Whether NFKC makes a figure's character of something that is neither ASCII nor its full-width form."""
    if char.isascii() or "\uff01" <= char <= "\uff5e":
        return False
    normal = unicodedata.normalize("NFKC", char)
    return normal != char and not _FIGURE_CHARACTERS.isdisjoint(normal)


_FIGURE_CHARACTERS: Final = frozenset("0123456789.,+-−")

_SIGN = r"(?P<sign>[▲△] ?|[-−+])?"
# No leading zero (007 is a code, not a figure), no `.5` and `12.`; grouping is by three throughout or not at all.
_FIGURE = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)(?:\.[0-9]+)?"
_POWERS: Final = {"兆": 12, "千億": 11, "百億": 10, "億": 8, "千万": 7, "百万": 6, "万": 4, "千": 3, "": 0}
_POWER = "|".join(name for name in _POWERS if name)
_SIMPLE = re.compile(rf"{_SIGN}(?P<body>{_FIGURE})")
_COMPOUND = re.compile(rf"{_SIGN}(?P<body>(?:{_FIGURE}(?:{_POWER}))+(?:{_FIGURE})?)")
_PART = re.compile(rf"({_FIGURE})({_POWER}|)")

# What the contract's columns hold (DECIMAL(18, decimals), BIGINT); a larger figure is refused, so no cast can fail.
MOST_DIGITS: Final = 18
# A text this long is no figure; it also bounds the work that a cell can cause.
_LONGEST: Final = 40
# Raises instead of rounding; wide enough for the longest text with 兆 and any sensible scale.
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])


def number(text: str, *, unit: Sequence[str] = (), scale: int = 1, decimals: int) -> Decimal:
    """The exact figure times `scale`, with at most `decimals` places (trailing zeros don't count).

    Signs are ▲ △ - － − +, in front and without a gap but for ▲ and △. Other dashes (– ‐ ― ー) are marks for nil
    or a range, brackets a negative or a note: refused. A negative zero is zero. 兆 億 万 千 are multiplied out
    (`1億2,192万`), unless `scale` already states that the column is in thousands, say. An ending listed in `unit`
    is compared after NFKC; where two listed endings (人, 万人) give different figures, the text is refused.
    Raises NotReadable with code number (also when the column can't hold it), unit or decimals.
    """
    text = tidy(text)
    readings = set(_readings(text, unit, scale))
    if len(readings) != 1:
        raise NotReadable("unit" if _has_other_ending(text, unit) else "number", unit=_listed(unit))
    value = _plain(_EXACT.multiply(readings.pop(), Decimal(scale)))
    if _places(value) > decimals:
        raise NotReadable("decimals", decimals=str(decimals))
    if value.adjusted() >= MOST_DIGITS - decimals:
        raise NotReadable("number", unit=_listed(unit))
    return value


def integer(text: str, *, unit: Sequence[str] = (), scale: int = 1) -> int:
    """As `number` without decimals. Raises NotReadable with code integer or unit."""
    try:
        return int(number(text, unit=unit, scale=scale, decimals=0))
    except NotReadable as error:
        if error.code == "unit":
            raise
        raise NotReadable("integer", unit=_listed(unit)) from error


def _readings(text: str, unit: Sequence[str], scale: int) -> list[Decimal]:
    """Every figure that the text can stand for; a listed ending (万) goes before the same text as a power."""
    endings = {squeeze(ending) for ending in unit}
    found = [match for match in _matches(text) if match.re is _SIMPLE or scale == 1]
    listed = [match for match in found if (rest := squeeze(text[match.end() :])) and rest in endings]
    chosen = listed or [match for match in found if match.end() == len(text)]
    return [value for match in chosen if (value := _value(match)) is not None]


def _matches(text: str) -> Iterator[re.Match[str]]:
    """The figure at the start, alone and then with its powers."""
    yield from (match for pattern in (_SIMPLE, _COMPOUND) if (match := pattern.match(text)))


def _value(match: re.Match[str]) -> Decimal | None:
    """The signed sum of the parts, or None when they don't go together."""
    body = match["body"].replace(",", "")
    parts = [(figure, _POWERS[power]) for figure, power in _PART.findall(body)]
    if len(body) > _LONGEST or not _go_together(parts):
        return None
    value = Decimal(0)
    for figure, power in parts:
        value = _EXACT.add(value, _EXACT.scaleb(Decimal(figure), power))
    return value if match["sign"] in {None, "+"} else _EXACT.minus(value)


def _go_together(parts: list[tuple[str, int]]) -> bool:
    """A compound has whole figures above zero and goes down step by step.

    In speech the last power is left out: 1億2千 is 1億2千万 to some, 8万5 is 8万5千. Such texts are refused.
    """
    if len(parts) == 1:
        return True
    if any("." in figure or figure == "0" for figure, _ in parts) or (parts[-1][1] == 0 and len(parts[-1][0]) == 1):
        return False
    return all(_next_step(upper, figure, power) for (_, upper), (figure, power) in pairwise(parts))


def _next_step(upper: int, figure: str, power: int) -> bool:
    """Whether the part fits below 10 to the `upper`: 億 after 兆, 万 after 億, the rest after 万 or 千."""
    if upper == _POWERS["千"]:
        return power == 0 and len(figure) <= upper
    bound = upper // 4 * 4
    return bound - 4 <= power < bound and len(figure) + power <= bound


def _has_other_ending(text: str, unit: Sequence[str]) -> bool:
    """Whether a sound figure is followed by something that is no part of a figure and isn't listed.

    Where no unit was agreed on, what follows is a slip of the hand and no other unit.
    """
    if not unit:
        return False
    rest = text[max((match.end() for match in _matches(text)), default=len(text)) :].strip()
    if not rest or rest[0].isnumeric() or rest[0] in ".,+-−▲△/" or re.search("[0-9]", rest):
        return False
    return squeeze(rest) not in map(squeeze, unit)


def _listed(unit: Sequence[str]) -> str:
    return ", ".join(unit)


def _plain(value: Decimal) -> Decimal:
    """The same value without trailing zeros, exponent, or the sign of a negative zero."""
    return Decimal(format(_EXACT.normalize(_EXACT.plus(value)), "f"))


def _places(value: Decimal) -> int:
    return len(format(value, "f").partition(".")[2])


def excel_number(value: float) -> str:
    """The figure that a spreadsheet shows for a binary float: 15 significant digits, Excel's own precision.

    Decimal text without exponent and trailing zeros (0.1 + 0.2 → `0.3`). Raises NotReadable, code number, for
    infinities and NaN, and for whole numbers of more digits than that: codes of which the last digits would be made up.
    """
    shown = Decimal(format(value, ".15g"))
    if not shown.is_finite() or (value.is_integer() and shown != Decimal(value)):
        raise NotReadable("number", unit="")
    return format(_plain(shown), "f")


def year(text: str) -> int:
    """See `eras.year`. Raises NotReadable, code year."""
    return _time("year", eras.year, text)


def yearmonth(text: str) -> str:
    """`YYYY-MM`; see `eras.yearmonth`. Raises NotReadable, code yearmonth."""
    return "{:04}-{:02}".format(*_time("yearmonth", eras.yearmonth, text))


def date(text: str) -> dt.date:
    """See `eras.date`. Raises NotReadable, code date."""
    return _time("date", eras.date, text)


def datetime_(text: str) -> dt.datetime:
    """See `eras.moment`; without a zone, on Japan's clocks. Raises NotReadable, code datetime."""
    return _time("datetime", eras.moment, text)


def _time(code: Code, read: Callable[[str], _T], text: str) -> _T:
    try:
        return read(tidy(text))
    except eras.NotATime as error:
        raise NotReadable(code, instead=error.instead) from error


def boolean(text: str) -> bool:
    """`true` or `false` in any case; ○, はい, 1 and their like are for `values`. Raises NotReadable, code boolean."""
    word = tidy(text).lower()
    if word not in {"true", "false"}:
        raise NotReadable("boolean")
    return word == "true"


# A published string keeps its characters; only the white space around it goes.
READERS: Final[dict[FieldType, Callable[[str], str]]] = {
    "string": str.strip,
    "boolean": lambda text: str(boolean(text)).lower(),
    "year": lambda text: str(year(text)),
    "yearmonth": yearmonth,
    "date": lambda text: date(text).isoformat(),
    "datetime": lambda text: datetime_(text).isoformat(),
}


def canonical(kind: FieldType, text: str, *, unit: Sequence[str] = (), scale: int = 1, decimals: int = 0) -> str:
    """The text that DuckDB casts exactly to a field of that type: `-1234.5`, `2018`, `2019-03-31`, `true`.

    `unit` and `scale` count for number and integer, `decimals` for number. Raises NotReadable.
    """
    if kind == "number":
        return format(number(text, unit=unit, scale=scale, decimals=decimals), "f")
    if kind == "integer":
        return str(integer(text, unit=unit, scale=scale))
    return READERS[kind](text)
