"""Rules about times and area codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipelines.checking.proposals import moment
from pipelines.checking.rules.kit import Cells, Hit, Spot, View, cell, texts
from pipelines.checking.sheet import DATE, KIND, NUMBER, Mask
from pipelines.checking.table import MISSING
from pipelines.reading.cells import squeeze, tidy

# Western year alone or with a word, ISO 8601, e-Stat's ten digits, an era with its Western year.
_GOOD: Final = (
    (
        "year",
        re.compile(r"(FY ?)?(19|20|21)[0-9]{2}( ?年度?| ?年度?末)?|.*[(（] ?(19|20|21)[0-9]{2} ?年?度? ?[)）] ?(年度?)?"
                   r"|(19|20|21)[0-9]{2}年?度? ?[(（].+[)）] ?(年度?)?"),
    ),
    ("month", re.compile(r"(19|20|21)[0-9]{2}(-(0[1-9]|1[0-2])|年[0-9]{1,2}月)")),
    ("day", re.compile(r"(19|20|21)[0-9]{2}(-(0[1-9]|1[0-2])-[0-9]{2}(T.+)?|年[0-9]{1,2}月[0-9]{1,2}日)")),
    ("e-Stat", re.compile(r"(19|20|21)[0-9]{8}")),
)  # fmt: skip
_ERA_LABEL: Final = re.compile(r"^(明治|大正|昭和|平成|令和|[MTSHR])[0-9元]{1,2}(年.*|\.[0-9]+)?$")
_AREA_NAME: Final = re.compile(
    r"(市区町村|市町村|自治体|団体|都道府県|地域|地方公共団体|行政区域?|区域)(\(.*\))?(コード|ｺｰﾄﾞ|番号|CODE|code)"
)
_WEIGHTS: Final = (6, 5, 4, 3, 2)  # of the check digit of the national local government codes


def time_style(view: View) -> Iterator[Hit]:
    """L3-05: eras alone, dotted and shortened dates, and more than one style in a column."""
    table = view.table
    if table is None:
        return
    for column in table.columns:
        if table.is_time(column):
            yield from _times(view, column, table.rows)
    for row in table.header:
        for column in table.columns:
            text = view.sheet.text(row, column)
            if _ERA_LABEL.match(squeeze(text)) and style_of(text) is None:
                yield Spot(cell(row, column), text, moment(text))


def _times(view: View, column: int, rows: Mask) -> Iterator[Hit]:
    styles: dict[str, int] = {}
    for text, where in texts(view, column, rows):
        plain = text.strip(" 　")
        if not plain or plain in MISSING:
            continue
        style = style_of(text)
        if style is None:
            better = moment(text)
            if better or re.search(r"[0-9０-９元]", text):
                yield Cells(column, where, text, better)
        else:
            styles[style] = styles.get(style, 0) + len(where)
    kinds = view.sheet.kinds[:, column] & KIND
    if (dates := int((rows & (kinds == DATE)).sum())) > 0:
        styles["day"] = styles.get("day", 0) + dates
    numbers = rows & (kinds == NUMBER)
    if len(styles) + bool(numbers.any() and "year" not in styles) > 1:
        usual = max(styles, key=lambda name: styles[name])
        for text, where in texts(view, column, rows):
            if (style := style_of(text)) is not None and style != usual:
                yield Cells(column, where, text)


def style_of(text: str) -> str | None:
    """In which of the good ways a time is written; None when in none."""
    plain = tidy(text)
    return next((name for name, pattern in _GOOD if pattern.fullmatch(plain)), None)


def area_code(view: View) -> Iterator[Hit]:
    """L3-06: codes of municipalities that have lost a zero, or whose check digit is wrong."""
    table = view.table
    if table is None:
        return
    for column in table.columns:
        if not _AREA_NAME.search(squeeze(table.names[column])):
            continue
        for text, _, rows in view.sheet.distinct(column, table.rows):
            if text.strip() and not is_area_code(text.strip()):
                yield Cells(column, rows, text, _with_zero(text.strip()))


def is_area_code(code: str) -> bool:
    """Two digits of a prefecture, five of a municipality, six with a check digit that fits."""
    if not re.fullmatch(r"[0-9]+", code):
        return False
    if len(code) in {2, 5}:
        return "01" <= code[:2] <= "47" or code[:2] == "00"
    return len(code) == 6 and code[5] == check_digit(code)  # noqa: PLR2004


def check_digit(code: str) -> str:
    """The sixth digit of a code, computed from its first five (総務省 全国地方公共団体コード仕様)."""
    total = sum(int(digit) * weight for digit, weight in zip(code[:5], _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def _with_zero(code: str) -> str:
    """The code with the zero that a spreadsheet took away, where that makes a sound one."""
    padded = f"0{code}"
    return padded if len(padded) in {2, 5, 6} and is_area_code(padded) else ""
