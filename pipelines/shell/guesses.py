"""What a column of a delivery may be: its name, type, decimals, unit. Guesses, for a person to look over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.datasets import Layout
from pipelines.datasets.schema import FieldType
from pipelines.reading.cells import NotReadable, canonical, squeeze, tidy
from pipelines.shell.glossary import WORDS, YEARS, unit_of, word_of
from pipelines.shell.survey import MISSING

_TIMES: Final[tuple[FieldType, ...]] = ("date", "yearmonth", "datetime")
_CODES: Final = re.compile(r"(コード|番号|ID|符号)$")
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]]+)[)\]](?=/|$)")
_FIGURE: Final = re.compile(r"^[▲△+\-−] ?|[0-9][0-9,.]*(兆|億|万|千)*")
_MOST_DECIMALS: Final = 9
_MOST: Final = 0.8  # of the values must read; the night names the cells that don't


@dataclass(frozen=True, slots=True)
class Guess:
    """One field. `header` as `columns` declares it; `name` and `english` are empty where a person must decide."""

    header: str
    name: str
    japanese: str
    english: str
    type: FieldType = "string"
    decimals: int = 0
    unit: str = ""
    endings: Sequence[str] = ()
    scale: int = 1
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What is to be written down: where the table is, what its fields are, and which of them make the key."""

    path: str
    kind: str
    encoding: str
    delimiter: str
    sheet: str
    title: str = ""
    layout: Layout | None = None
    fields: Sequence[Guess] = ()
    key: Sequence[str] = ()


def is_measure(header: str) -> bool:
    """Whether a header surely names a figure: it has a unit, or is one of the known words."""
    label, unit = split(squeeze(header))
    return bool(unit) or any(part in WORDS for part in label.split("/"))


def guess(header: str, texts: Sequence[str], unit_above: str) -> Guess:
    """Guess a column by its header (levels joined by `/`), its cells, and the unit stated above the table."""
    label, stated = split(squeeze(header))
    word = word_of(label)
    found = Guess(header, word.name if word else "", label.replace("/", "・"), word.title if word else "")
    shown = [text.strip() for text in texts if text.strip()]
    values = [text for text in shown if text not in MISSING]
    kind = _other_type(label, values)
    if kind == "year" and word is None:
        word = YEARS["度" in values[0]]
        found = Guess(header, word.name, found.japanese, word.title)
    if kind:
        return _with(found, kind, missing=_used(shown) if kind != "string" else ())
    endings = sorted({ending for value in values if (ending := _ending(value))})
    unit = stated or unit_above or (endings[0] if len(endings) == 1 else "")
    scale = unit_of(unit).scale
    decimals = _decimals(values, endings, scale)
    if decimals is None:
        return _with(found, "string")
    name = unit_of(unit).name or (unit if unit.isascii() else f"TODO: {unit}")
    return Guess(
        header,
        found.name,
        found.japanese,
        found.english,
        "number" if decimals else "integer",
        decimals,
        name,
        endings,
        scale,
        _used(shown),
    )


def _with(found: Guess, kind: FieldType, missing: Sequence[str] = ()) -> Guess:
    return Guess(found.header, found.name, found.japanese, found.english, kind, missing=missing)


def _used(shown: Sequence[str]) -> Sequence[str]:
    return sorted(set(shown) & MISSING)


def split(header: str) -> tuple[str, str]:
    """A header without the unit in the brackets after one of its levels, and that unit: known, or in Latin letters."""
    for found in _BRACKET.finditer(header):
        if unit_of(found[1]).name or found[1].isascii():
            return header[: found.start()] + header[found.end() :], found[1]
    return header, ""


def _other_type(label: str, values: Sequence[str]) -> FieldType | None:
    """A type other than a number, if the column has one for sure."""
    if not values or _CODES.search(label):
        return "string"
    if _is_year(label, values) and _share("year", values) >= _MOST:
        return "year"
    return next((kind for kind in _TIMES if _share(kind, values) >= _MOST), None)


def _is_year(label: str, values: Sequence[str]) -> bool:
    """A number of four digits is a year only where header or cells say so."""
    return "年" in label or any(not tidy(value).isdigit() for value in values)


def _share(
    kind: FieldType, values: Sequence[str], unit: Sequence[str] = (), scale: int = 1, decimals: int = 0
) -> float:
    return sum(_reads(kind, value, unit, scale, decimals) for value in values) / len(values)


def _reads(kind: FieldType, text: str, unit: Sequence[str], scale: int, decimals: int) -> bool:
    try:
        canonical(kind, text, unit=unit, scale=scale, decimals=decimals)
    except NotReadable:
        return False
    return True


def _decimals(values: Sequence[str], endings: Sequence[str], scale: int) -> int | None:
    """The least number of places that reads as many values as any; None when the column is no number."""
    shares = [_share("number", values, endings, scale, places) for places in range(_MOST_DECIMALS + 1)]
    return shares.index(max(shares)) if max(shares) >= _MOST else None


def _ending(text: str) -> str:
    """What follows the figure of a cell: `902g` → `g`, `14.1万人` → `人`."""
    plain = tidy(text)
    rest = _FIGURE.sub("", plain)
    return rest.strip() if plain.endswith(rest) and not re.search("[0-9]", rest) else ""
