"""What is to be shown in a workbook: places with words, and the arithmetic of their addresses."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from pipelines.findings import Severity
from pipelines.reading.grid import column_of, letter

LAST_ROW: Final = 1_048_575
LAST_COLUMN: Final = 16_383
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})?\$?([0-9]{1,7})?")


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding to be shown. `places` are A1 addresses and ranges; without any the whole sheet is meant.

    Without a `sheet` it is about the file: it stands in the index only. `count` is the true number of places; `cells`
    has what is to be said at single cells besides.
    """

    sheet: str
    places: Sequence[str]
    title: str
    text: str
    severity: Severity = "error"
    count: int = 1
    cells: Mapping[str, str] = field(default_factory=dict)


class Area(NamedTuple):
    """A rectangle of cells, rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def first(self) -> tuple[int, int]:
        """Row and column of the upper left cell."""
        return self.top, self.left

    def cells(self) -> Iterator[tuple[int, int]]:
        """Row and column of every cell, row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell is inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def text(self) -> str:
        """The address as a spreadsheet shows it: `B6`, `B6:C9`."""
        first, last = address(self.top, self.left), address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


def address(row: int, column: int) -> str:
    """`B6` of row 5 and column 1."""
    return f"{letter(column)}{row + 1}"


def area(text: str) -> Area:
    """The rectangle of `B6`, `B6:C9`, `$B$6`, `C:C` or `4:5`. Raises ValueError for anything else, or off the sheet."""
    first, to, last = text.strip().upper().partition(":")
    top, left = _corner(first, 0, 0)
    bottom, right = _corner(last if to else first, LAST_ROW, LAST_COLUMN)
    found = Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
    if found.top < 0 or found.bottom > LAST_ROW or found.right > LAST_COLUMN:
        raise ValueError(f"{text!r} is off the sheet")
    return found


def _corner(text: str, row: int, column: int) -> tuple[int, int]:
    """Row and column of one corner; what it leaves out (`C`, `4`) is given."""
    match = _ADDRESS.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no address")
    letters, number = match.groups()
    return int(number) - 1 if number else row, column_of(letters) if letters else column


def areas(mark: Mark) -> list[Area]:
    """The rectangles of a mark, in its order."""
    return [area(place) for place in mark.places]


def cells(rectangles: Sequence[Area], most: int) -> list[tuple[int, int]]:
    """The first cells of some rectangles, at most so many."""
    return list(islice((cell for rectangle in rectangles for cell in rectangle.cells()), most))


class Joined:
    """The merged ranges of a sheet, to be asked where a cell is shown. Only the rows given are looked at."""

    def __init__(self, merged: Sequence[Area], rows: Iterable[int]) -> None:
        ordered = sorted(set(rows))
        self._by_row: dict[int, list[Area]] = defaultdict(list)
        for range_ in merged:
            for row in ordered[bisect_left(ordered, range_.top) : bisect_right(ordered, range_.bottom)]:
                self._by_row[row].append(range_)

    def shown_at(self, row: int, column: int) -> tuple[int, int]:
        """The cell that a spreadsheet shows there: of a merged range its first."""
        return next((each.first for each in self._by_row[row] if each.holds(row, column)), (row, column))
