"""Several tables on one sheet: where the first ends. Guesses, for a person to look over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from pipelines.reading.grid import Grid

_NARROWEST: Final = 2  # a table has two columns
_HEADINGS: Final = 2  # one row with a single text may be a slip; several are headings
Rows = Sequence[Sequence[str]]


def cropped(grid: Grid, right: int | None, below: int | None) -> Grid:
    """The grid up to a column and a row."""
    rows = [
        row[: right + 1] if right is not None else row for row in grid.rows[: below + 1 if below is not None else None]
    ]
    merged = [area for area in grid.merged if area[0][0] < len(rows) and (right is None or area[0][1] <= right)]
    return Grid(grid.sheet, rows, merged, grid.faults, grid.times)


def last_column(rows: Rows, class_of: Callable[[str], str]) -> int | None:
    """The last column of the first table, where blank columns part it from another with figures of its own."""
    width = max(map(len, rows), default=0)
    filled, figures = [False] * width, [False] * width
    for row in rows:
        for column, text in enumerate(row):
            if text.strip():
                filled[column] = True
                figures[column] = figures[column] or class_of(text) == "figure"
    for column in range(1, width):
        parted = filled[column - 1] and not filled[column] and any(figures[:column]) and any(figures[column:])
        if parted and sum(filled[:column]) >= _NARROWEST and sum(filled[column:]) >= _NARROWEST:
            return column - 1
    return None


def columns_of_figures(rows: Rows, data: Sequence[int], class_of: Callable[[str], str]) -> set[int]:
    """The columns that hold a figure in at least half of the rows of data."""
    counts = Counter(i for row in data for i, text in enumerate(rows[row]) if class_of(text) == "figure")
    return {column for column, count in counts.items() if count * 2 >= len(data)}


def last_row(rows: Rows, data: Sequence[int], figures: AbstractSet[int]) -> int | None:
    """The last row of the first table, where another header stands between blank rows and more data."""
    for row, after in pairwise(data):
        between = rows[row + 1 : after]
        counts = [0 if is_heading(texts, figures) else sum(map(bool, map(str.strip, texts))) for texts in between]
        if 0 in counts and any(count >= _NARROWEST for count in counts[counts.index(0) :]):
            return row
    return None


def headings(rows: Rows, bottom: int, data: Sequence[int], figures: AbstractSet[int]) -> list[int]:
    """The rows below the header that head a section: each right above rows of data, one of them above the first."""
    known = set(data)
    found = [row for row in range(bottom + 1, data[-1]) if row + 1 in known and is_heading(rows[row], figures)]
    return found if len(found) >= _HEADINGS and found[0] < data[0] else []


def is_heading(row: Sequence[str], figures: AbstractSet[int]) -> bool:
    """Whether a row has a text left of the figures, and none in any column of figures."""
    texts = [column for column, text in enumerate(row) if text.strip()]
    return bool(texts and figures) and texts[0] < min(figures) and not figures & set(texts)
