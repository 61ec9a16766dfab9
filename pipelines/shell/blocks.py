"""Several tables on one sheet: where the first ends. Guesses, for a person to look over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def last_row(rows: Rows, data: Sequence[int]) -> int | None:
    """The last row of the first table, where another header stands between blank rows and more data."""
    for row, after in pairwise(data):
        between = rows[row + 1 : after]
        counts = [sum(bool(text.strip()) for text in texts) for texts in between]
        if 0 in counts and any(count >= _NARROWEST for count in counts[counts.index(0) :]):
            return row
    return None


def has_sections(rows: Rows, bottom: int, data: Sequence[int]) -> bool:
    """Whether several rows below the header have a text in the first column alone, each above rows of data."""
    if not data:
        return False
    known = set(data)
    first = min((i for row in rows[bottom:] for i, text in enumerate(row) if text.strip()), default=0)
    alone = [row for row in range(bottom + 1, data[-1]) if _only(rows[row], first) and row + 1 in known]
    return len(alone) >= _HEADINGS and alone[0] < data[0]


def _only(row: Sequence[str], column: int) -> bool:
    return [i for i, text in enumerate(row) if text.strip()] == [column]
