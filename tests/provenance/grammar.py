"""What the text of a cell says, read a second time: written from the sources' documentation, not from the pipeline.

It is smaller than pipelines.reading.cells, because it only has to read what the shipped deliveries hold.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

FIRST_YEARS = {"昭和": 1926, "平成": 1989, "令和": 2019, "S": 1926, "H": 1989, "R": 2019}
POWERS = {"億": 10**8, "万": 10**4, "千": 10**3, "": 1}
Value = str | int | bool | Decimal | dt.date | dt.datetime | None


def plain(text: str) -> str:
    """Half width, without white space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def figure(text: str, units: Sequence[str] = ()) -> Decimal:
    """`▲1億2,192万円` and its like; ValueError for anything else."""
    bare = plain(text).replace(",", "").replace(" ", "")
    negative = bare[:1] in {"▲", "△", "-", "−"}
    bare = bare[1:] if negative else bare
    for unit in sorted(map(plain, units), key=len, reverse=True):
        if bare.endswith(unit):
            bare = bare.removesuffix(unit)
            break
    if not re.fullmatch(r"(?:\d+(?:\.\d+)?[億万千]?)+", bare):
        raise ValueError(text)
    value = sum(Decimal(n) * POWERS[power] for n, power in re.findall(r"(\d+(?:\.\d+)?)([億万千]?)", bare))
    return -value if negative else Decimal(value)


def year(text: str) -> int:
    """`2018年度`, `平成30年度`, `H30`, `R元`, `FY2018`, `2018(平成30)年度`."""
    found = re.match(r"(?:FY)?(\d{4})|(昭和|平成|令和|[SHR])(元|\d+)", plain(text).replace(" ", ""))
    if found is None:
        raise ValueError(text)
    if found[1]:
        return int(found[1])
    return FIRST_YEARS[found[2]] + (0 if found[3] == "元" else int(found[3]) - 1)


def numbers(text: str) -> list[int]:
    """Year, month and what follows, of a date in any of the forms."""
    bare = plain(text).replace(" ", "")
    head = re.match(r"(?:FY)?\d{4}|(?:昭和|平成|令和|[SHR])(?:元|\d+)", bare)
    if head is None:
        raise ValueError(text)
    return [year(head[0]), *map(int, re.findall(r"\d+", bare[head.end() :]))]


def typed(kind: str, text: str, units: Sequence[str], scale: int) -> Value:
    """A text as a value of a published type."""
    if kind in {"number", "integer"}:
        value = figure(text, units) * scale
        return value if kind == "number" else int(value)
    if kind == "year":
        return year(text)
    if kind == "yearmonth":
        return "{:04}-{:02}".format(*numbers(text)[:2])
    if kind == "date":
        return dt.date(*numbers(text)[:3])
    return {"true": True, "false": False}[text] if kind == "boolean" else text.strip()


def read(text: str, field: Mapping[str, Any], column: Mapping[str, Any], missing: Sequence[str]) -> Value:
    """The value of a cell as its column is declared in the source file."""
    if text.strip() in {"", *missing}:
        return None
    if pattern := column.get("pattern"):
        found = re.search(pattern, plain(text))
        if found is None and column.get("optional"):
            return None
        assert found is not None, text
        text = found[1] or ""
    if (values := column.get("values")) is not None:
        text = {plain(key): value for key, value in values.items()}[plain(text)]
    return typed(field["type"], text, column.get("unit", ()), column.get("scale", 1))
