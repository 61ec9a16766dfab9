"""Where the table of a sheet is: header, body, and what stands around it.

A guess for judging the sheet only; the night reads what the source file declares and never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from pipelines.checking.sheet import DATE, KIND, NUMBER, TEXT, Mask, Numbers, Sheet
from pipelines.checking.table import FIGURE, MISSING, MOSTLY, YEARISH, Table, by_value
from pipelines.reading.cells import tidy

_NOTE: Final = re.compile(r"^[(（]?(※|＊|\*|注|備考|資料|出典|出所|（注|\(注)")
_LEVELS: Final = 8
_GROUPS: Final = 3


def filled_cells(sheet: Sheet) -> Mask:
    """Which cells hold more than white space."""
    filled: Mask = sheet.kinds != 0
    for column in range(sheet.width):
        blank = by_value(sheet, column, "blank")
        if blank.any():
            filled[:, column] &= ~blank[sheet.columns[column].codes]
    return filled


def _masks(sheet: Sheet) -> tuple[Mask, Mask]:
    """Which cells a person reads as a figure, and which as a year."""
    kinds = sheet.kinds & KIND
    figures: Mask = (kinds == NUMBER) | (kinds == DATE)
    years: Mask = np.zeros_like(figures)
    for column in range(sheet.width):
        codes, is_text = sheet.columns[column].codes, kinds[:, column] == TEXT
        figures[:, column] |= by_value(sheet, column, FIGURE)[codes] & is_text
        years[:, column] = by_value(sheet, column, YEARISH)[codes]
    return figures, years


def find_table(sheet: Sheet) -> Table | None:
    """The table of a sheet; None of a sheet that is empty or has no two columns with two rows."""
    if sheet.height == 0:
        return None
    filled = filled_cells(sheet)
    fill: Numbers = filled.sum(axis=1)
    if not (fill >= 2).any():  # noqa: PLR2004
        return None
    figures, years = _masks(sheet)
    counts: Numbers = (figures & ~years & filled).sum(axis=1)
    header = _header(sheet, fill, counts)
    last = _last_row(sheet, filled, fill, counts, header)
    columns = np.flatnonzero(filled[header.start : last + 1].any(axis=0))
    across = range(int(columns[0]), int(columns[-1]) + 1)
    return _alone(Table(sheet, filled, header, range(header.stop, last + 1), across, last + 1))


def _alone(table: Table) -> Table:
    """The table up to where another begins."""
    others = list(_other_headers(table))
    if not others:
        return table
    last = max(row for row in range(table.body.start, others[0]) if table.filled[row].sum() > 1)
    return replace(table, body=range(table.body.start, last + 1), others=others)


def _other_headers(table: Table) -> Iterator[int]:
    """Rows soon after a blank one that have several texts and no figure, with figures below; no repeated header."""
    width = max(2, len(table.columns) // 3)
    numeric = [c for c in table.columns if table.profiles[c].is_numeric]
    for blank in table.blank_rows:
        row = blank + 1
        while row in table.body and table.filled[row].sum() == 1:
            row += 1
        inside = row in table.body and table.body.start + 1 < row < table.body.stop - 1
        if inside and table.filled[row].sum() >= width and _has_only_names(table, row, numeric):
            yield row


def _has_only_names(table: Table, row: int, numeric: Sequence[int]) -> bool:
    """Whether the columns of figures hold texts here, other than in the header above."""
    texts = [table.sheet.text(row, column) for column in numeric if table.filled[row, column]]
    name_row = table.header.stop - 1
    repeated = texts == [table.sheet.text(name_row, column) for column in numeric if table.filled[row, column]]
    named = all(table.sheet.kind(row, c) == TEXT for c in numeric if table.filled[row, c])
    return (
        bool(texts) and named and not repeated and not any(re.search(r"[0-9０-９]", t) or t in MISSING for t in texts)
    )


def _header(sheet: Sheet, fill: Numbers, counts: Numbers) -> range:
    """The rows of the header."""
    full = float(np.percentile(fill[fill >= min(2, int(fill.max()))], 75))
    top = int(np.argmax(fill >= max(2.0, full / 2)))
    rest = (fill > 1) & (np.arange(len(fill)) > top)
    numeric = bool(rest.any()) and float((counts[rest] > 0).mean()) >= MOSTLY
    bottom = top
    if numeric and counts[top] * 2 <= fill[top]:
        bottom = _last_of_header(fill, counts, top, full)
    elif counts[top] * 2 > fill[top] and not any(area.top == top < area.bottom for area in sheet.merged):
        bottom = top - 1  # figures from the start: whatever stands above is no header of its own
    return _with_merged(sheet, fill, counts, top, bottom)


def _last_of_header(fill: Numbers, counts: Numbers, top: int, full: float) -> int:
    first = next((row for row in range(top + 1, min(top + _LEVELS, len(fill))) if counts[row] > 0), top + 1)
    last = first - 1
    while last > top and fill[last] < max(2.0, full * 0.2):
        last -= 1
    return last


def _with_merged(sheet: Sheet, fill: Numbers, counts: Numbers, top: int, bottom: int) -> range:
    """The header with the rows that merged cells tie to it, and with upper levels of several texts."""
    if bottom < top:
        return range(top, top)
    for area in sheet.merged:
        if area.top <= bottom and area.bottom >= top and area.bottom - area.top < _LEVELS:
            wide = fill[area.top] > 1
            top = min(top, area.top) if wide else top
            bottom = max(bottom, area.bottom) if counts[area.bottom] * 2 <= fill[area.bottom] else bottom
    while top > 0 and fill[top - 1] > 1 and counts[top - 1] == 0 and _is_level(sheet, top - 1, top):
        top -= 1
    if top > 1 and fill[top - 1] == 0 and fill[top - 2] >= _GROUPS and counts[top - 2] == 0:
        top -= 2  # names of groups above a gap
    return range(top, bottom + 1)


def _is_level(sheet: Sheet, row: int, below: int) -> bool:
    """Whether a row is an upper level of the header: all of its texts stand above others, or are merged across."""
    upper = [c for c in range(sheet.width) if sheet.text(row, c).strip()]
    merged = any(area.top <= row <= area.bottom and area.right > area.left for area in sheet.merged)
    texts = [sheet.text(row, c) for c in upper]
    if any("単位" in text or "現在" in text for text in texts):
        return False
    return merged or sum(bool(sheet.text(below, c).strip()) for c in upper) * 2 > len(upper)


def _last_row(sheet: Sheet, filled: Mask, fill: Numbers, counts: Numbers, header: range) -> int:
    """The last row of data: below it stand notes, each in one or two cells."""
    last = int(np.flatnonzero(fill)[-1])
    few = max(1, int(fill.max()) // 4)
    while last >= header.stop:
        if fill[last] == 0:
            last -= 1
            continue
        first = sheet.text(last, int(np.argmax(filled[last])))
        noted = bool(_NOTE.match(tidy(first)))
        if not (fill[last] <= few and fill.max() > 1 and (noted or (counts[last] == 0 and fill.max() > 2))):  # noqa: PLR2004
            break
        last -= 1
    return max(last, header.stop - 1)


def outside(table: Table) -> Sequence[tuple[int, int, str]]:
    """Row, column and text of every cell above or below the table."""
    sheet = table.sheet
    rows = [*range(table.header.start), *range(table.end, sheet.height)]
    return [(r, c, sheet.text(r, c)) for r in rows for c in range(sheet.width) if table.filled[r, c]]
