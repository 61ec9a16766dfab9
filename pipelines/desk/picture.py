"""A sheet as a picture: the cells that matter, with their letters and numbers, merged cells, and marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.desk.marks import LAST_COLUMN, LAST_ROW, Area, address
from pipelines.findings import Severity
from pipelines.reading.grid import Grid, letter

_FIGURE: Final = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_HEAD: Final = 12  # rows at the top of a sheet that are shown where there is room
_LONGEST: Final = 80  # letters of a cell that are shown


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to be marked, with the number of the finding that it belongs to."""

    area: Area
    number: int
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `numbers` are those of the findings there, `gap` whether columns before it are left out."""

    address: str
    text: str
    rows: int = 1
    columns: int = 1
    numbers: Sequence[int] = ()
    severity: Severity | None = None
    figure: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its number as a spreadsheet shows it. `left_out`: how many rows before it are not shown."""

    number: int
    cells: Sequence[Cell]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A window on a sheet. `more`: how many rows of the sheet stand below it."""

    sheet: str
    letters: Sequence[tuple[str, bool]]
    lines: Sequence[Line]
    more: int = 0


def sheet_view(grid: Grid, rows: Sequence[int], columns: Sequence[int], spots: Sequence[Spot] = ()) -> Picture:
    """The picture of some rows and columns, from 0, each ascending. Of a merged range the shown part is one cell."""
    window = _Window(grid, rows, columns, spots)
    before = [-1, *rows[:-1]]
    lines = [Line(r + 1, window.cells(r), r - b - 1) for r, b in zip(rows, before, strict=True)]
    letters = [(letter(c), window.gap(c)) for c in columns]
    below = max(len(grid.rows) - rows[-1] - 1, 0) if rows else 0
    return Picture(grid.sheet, letters, lines, below)


class _Window:
    """The rows and columns of a grid that are shown."""

    def __init__(self, grid: Grid, rows: Sequence[int], columns: Sequence[int], spots: Sequence[Spot]) -> None:
        self._grid, self._rows, self._columns, self._spots = grid, rows, columns, spots
        self._gaps = {c for b, c in zip([-1, *columns[:-1]], columns, strict=True) if c - b > 1}
        self._first, self._covered = self._joined()

    def gap(self, column: int) -> bool:
        """Whether columns before this one are left out."""
        return column in self._gaps

    def _joined(self) -> tuple[dict[tuple[int, int], Area], set[tuple[int, int]]]:
        """The shown merged ranges by the cell that they are shown in, and the cells that they cover."""
        first: dict[tuple[int, int], Area] = {}
        covered: set[tuple[int, int]] = set()
        for start, end in self._grid.merged:
            rows = [r for r in self._rows if start[0] <= r <= end[0]]
            columns = [c for c in self._columns if start[1] <= c <= end[1]]
            if rows and columns:
                first[rows[0], columns[0]] = Area(*start, *end)
                covered |= {(r, c) for r in rows for c in columns} - {(rows[0], columns[0])}
        return first, covered

    def cells(self, row: int) -> list[Cell]:
        """The cells of one row, without those that a merged range covers."""
        return [self._cell(row, column) for column in self._columns if (row, column) not in self._covered]

    def _cell(self, row: int, column: int) -> Cell:
        place = self._first.get((row, column), Area(row, column, row, column))
        text = text_at(self._grid, *place.first)
        spots = [s for s in self._spots if _meet(s.area, place)]
        return Cell(
            address(*place.first),
            text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…",
            rows=sum(place.top <= r <= place.bottom for r in self._rows),
            columns=sum(place.left <= c <= place.right for c in self._columns),
            numbers=list(dict.fromkeys(spot.number for spot in spots)),
            severity=min((spot.severity for spot in spots), default=None),  # "error" before "warn"
            figure=_FIGURE.fullmatch(text) is not None,
            gap=self.gap(column),
        )


def _meet(a: Area, b: Area) -> bool:
    return a.top <= b.bottom and b.top <= a.bottom and a.left <= b.right and b.left <= a.right


def text_at(grid: Grid, row: int, column: int) -> str:
    """The text of a cell; empty outside of what the sheet uses."""
    cells = grid.rows[row] if row < len(grid.rows) else []
    return cells[column] if column < len(cells) else ""


def around(at: int, before: int, after: int, last: int) -> range:
    """The numbers around one, not below 0 and not above the last."""
    return range(max(at - before, 0), min(at + after, last) + 1)


def rows_needed(spots: Sequence[Spot]) -> set[int]:
    """The rows of a sheet that its pictures can show."""
    near = [range(max(edge - 3, 0), edge + 5) for s in spots for edge in (s.area.top, s.area.bottom)]
    return set(range(_HEAD)).union(*near)


def overview(grid: Grid, spots: Sequence[Spot], most_rows: int = 36, most_columns: int = 18) -> Picture:
    """A whole sheet as far as it fits: its head, the first marked rows with their neighbours, the used columns."""
    head = range(min(len(grid.rows), 5))
    marked = sorted({min(spot.area.top, LAST_ROW) for spot in spots})
    ends = sorted({min(spot.area.bottom, max(len(grid.rows) - 1, spot.area.top)) for spot in spots})
    rows = _first(head, (around(row, 1, 2, LAST_ROW) for row in marked), most_rows)
    rows = _first(rows, (around(row, 1, 1, LAST_ROW) for row in ends), most_rows)
    rows = _first(rows, [range(min(len(grid.rows), _HEAD))], most_rows)
    used = max((len(_trimmed(grid.rows[row])) for row in rows if row < len(grid.rows)), default=1)
    first = range(min(used, 8))
    columns = _first(first, (around(spot.area.left, 1, 1, LAST_COLUMN) for spot in spots), most_columns)
    return sheet_view(grid, rows, _first(columns, [range(used)], most_columns), spots)


def crop(grid: Grid, spots: Sequence[Spot], spot: Spot) -> Picture:
    """The cells around one place."""
    last = max(len(grid.rows) - 1, spot.area.top)
    row, column = min(spot.area.top, last), min(spot.area.left, LAST_COLUMN)
    width = max((len(_trimmed(line)) for line in grid.rows[max(row - 2, 0) : row + 4]), default=1)
    return sheet_view(grid, around(row, 2, 3, last), around(column, 2, 3, max(width - 1, column)), spots)


def _first(start: Iterable[int], more: Iterable[Iterable[int]], most: int) -> list[int]:
    """Numbers in order, group by group as long as there is room."""
    chosen = dict.fromkeys(start)
    for group in more:
        if len(chosen) >= most:
            break
        chosen |= dict.fromkeys(group)
    return sorted(chosen)[:most]


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row without its empty end."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]
