"""Rules about figures and the labels beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from pipelines.checking.anatomy import outside
from pipelines.checking.proposals import figure
from pipelines.checking.rules.kit import Cells, Hit, Spot, View, cell, texts
from pipelines.checking.sheet import EMPTY, ERROR, FORMULA, KIND, UNCOMPUTED, Mask, Numbers
from pipelines.checking.table import MISSING, Table
from pipelines.reading.cells import squeeze

_REPEAT: Final = frozenset("〃 ″ ” 々 同上 〃〃 \" ''".split(" "))  # noqa: SIM905
_UNIT: Final = re.compile(
    r"単位|[(（\[［【][^)）\]］】]*(人|円|件|世帯|戸|台|個|回|校|歳|年|月|日|時間?|分|秒|[%％‰]|ポイント|箇所|か所|本|枚|床|店|社|点|名|"
    r"ト?ン|ﾄﾝ|t|ｔ|kg|ｋｇ|g|ｇ|ha|km|ｋｍ|m|ｍ|㎡|㎥|㎞|L|ℓ|kL|W|Wh|J|TEU|ppm|dB|℃|倍|度|隻|棟|団体|施設|頭|冊|組|両|号|杯)[^)）\]］】]*[)）\]］】]"
    r"|(人|件|世帯|戸|台|校|回|個|枚|日|月|年|箇所|店|社|床|本|名|学級|団体|隻|棟|園|施設|議席|票)数|[%％]|金額\(円|_(人|円|件|%)$"
)
_FEW: Final = 0.05  # gaps among numbers of rows, of which each stands once, are no labels that were left out
_UNIT_NAME: Final = re.compile(r"単位|unit", re.IGNORECASE)
_FORMAT_UNIT: Final = re.compile(r'"[^"]*[^\s"（）()\-▲△][^"]*"|%')


def blank_figure(view: View) -> Iterator[Hit]:
    """L1-09: empty cells among figures."""
    table = view.table
    if table is None:
        return
    least = 1 if len(table.columns) == 2 else 2  # noqa: PLR2004  a text alone in a wider table is a heading
    for column in table.numeric:
        mine = next(block for block in table.blocks if column in block)  # of two tables side by side one is shorter
        some: Mask = table.rows & (table.filled[:, mine.start : mine.stop].sum(axis=1) >= least)
        rows: Numbers = np.flatnonzero(some & ~table.filled[:, column])
        if rows.size:
            yield Cells(column, rows, "")


def no_number(view: View) -> Iterator[Hit]:
    """L2-01: texts in a column of figures, and errors anywhere; signs for no value are another rule's."""
    table = view.table
    if table is None:
        return
    for column in table.numeric:
        for text, rows in texts(view, column, table.rows):
            if text.strip() and text.strip(" 　") not in MISSING:
                yield Cells(column, rows, text, figure(text))
    for column in table.columns:
        wrong: Mask = (view.sheet.kinds[:, column] & KIND == ERROR) | (view.sheet.kinds[:, column] & UNCOMPUTED > 0)
        for text, _, rows in view.sheet.distinct(column, table.rows & wrong):
            yield Cells(column, rows, text)


def omitted_label(view: View) -> Iterator[Hit]:
    """L2-02: an empty cell, or a ditto mark, below a label in the first columns; the label above is proposed."""
    table = view.table
    if table is None:
        return
    merged = _merged_rows(view, table)
    for column in table.columns:
        if column in table.numeric:
            return
        gaps = _gaps(table, column) & ~merged.get(column, np.zeros_like(table.rows))
        dittos = [where for text, where in texts(view, column, table.rows) if text.strip() in _REPEAT]
        rows: Numbers = np.unique(np.concatenate([np.flatnonzero(gaps), *dittos]))
        if not rows.size or (rows.size < table.rows.sum() * _FEW and _are_unique(view, table, column)):
            return
        yield from _with_labels(view, table, column, rows)


def _are_unique(view: View, table: Table, column: int) -> bool:
    """Whether no value stands twice: numbers of rows, not labels."""
    return all(rows.size == 1 for _, _, rows in view.sheet.distinct(column, table.rows))


def _gaps(table: Table, column: int) -> Mask:
    """Rows without a label in this column, below one that has it, with a value further right."""
    here = table.filled[:, column]
    below: Mask = np.logical_or.accumulate(here & table.rows)
    others: Mask = table.filled[:, column + 1 :].sum(axis=1) > 1
    gaps: Mask = table.rows & ~here & below & others
    return gaps if (here & table.rows).sum() > 1 else np.zeros_like(gaps)


def _merged_rows(view: View, table: Table) -> dict[int, Mask]:
    found: dict[int, Mask] = {}
    for area in view.sheet.merged:
        for column in range(area.left, area.right + 1):
            found.setdefault(column, np.zeros_like(table.rows))[area.top : area.bottom + 1] = True
    return found


def _with_labels(view: View, table: Table, column: int, rows: Numbers) -> Iterator[Hit]:
    """The rows by the label that stands above each."""
    labelled: Mask = table.rows & table.filled[:, column]
    labelled[rows] = False
    above = np.maximum.accumulate(np.where(labelled, np.arange(len(labelled)), -1))[rows]
    for source in np.unique(above[above >= 0]):
        mine = rows[above == source]
        yield Cells(column, mine, view.sheet.text(int(mine[0]), column), view.sheet.text(int(source), column))


def formulas(view: View) -> Iterator[Hit]:
    """L2-06."""
    for column in range(view.sheet.width):
        rows: Numbers = np.flatnonzero(view.sheet.kinds[:, column] & FORMULA)
        if rows.size:
            first = int(rows[0])
            text = view.sheet.formulas.get((first, column), "")
            yield Cells(column, rows, f"={text}" if text else view.sheet.text(first, column))


def undefined_symbol(view: View) -> Iterator[Hit]:
    """L3-03: signs for no value that no note explains."""
    table = view.table
    if table is None:
        return
    legend = _legend(view, table)
    for column in table.numeric:
        for text, rows in texts(view, column, table.rows):
            if text.strip(" 　") in MISSING and not any(text.strip(" 　") in line for line in legend):
                yield Cells(column, rows, text)


def _legend(view: View, table: Table) -> list[str]:
    """Texts that may explain a sign: around the table, and on sheets without a table of figures."""
    lines = [text for _, _, text in outside(table)]
    for other in view.book.sheets:
        if other is not view.sheet and other.height * other.width <= 10_000:  # noqa: PLR2004
            lines += [text for row in range(other.height) for text in other.row(row)]
    return [line for line in lines if len(line.strip()) > 3]  # noqa: PLR2004  a sign alone explains nothing


def no_unit(view: View) -> Iterator[Hit]:
    """L3-04: names of figures without a unit, where nothing else states one."""
    table = view.table
    if table is None or not table.header:
        return
    if any(_UNIT.search(squeeze(text)) for _, _, text in outside(table)) or any(
        map(_UNIT_NAME.search, table.names.values())
    ):
        return
    for column in table.numeric:
        if (
            table.names[column]
            and not _UNIT.search(squeeze(table.names[column]))
            and not _format_has_unit(view, column)
        ):
            yield Spot(cell(table.header.stop - 1, column), table.names[column])


def _format_has_unit(view: View, column: int) -> bool:
    looks = view.sheet.looks[view.sheet.kinds[:, column] & KIND != EMPTY, column]
    if not looks.size:
        return False
    usual = int(np.bincount(looks).argmax())
    return usual < len(view.book.looks) and bool(_FORMAT_UNIT.search(view.book.looks[usual].number_format))
