"""What the rules work with: the sheet they look at, and the hits they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow.compute as pc

from pipelines.checking.sheet import KIND, TEXT, Area, Book, Mask, Numbers, Sheet
from pipelines.checking.table import Table


@dataclass(frozen=True, slots=True)
class View:
    """A sheet to judge, its table (None where there is none), and the book that it is of."""

    book: Book
    sheet: Sheet
    table: Table | None

    @property
    def is_first(self) -> bool:
        """Whether it is the first sheet; rules about the file as a whole are told there."""
        return self.sheet is self.book.sheets[0]

    @property
    def all_rows(self) -> Mask:
        """Every row of the sheet."""
        return np.ones(self.sheet.height, np.bool_)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of any shape. `rows` or `columns` alone make whole rows or columns; no area is the sheet, or the file."""

    area: Area | None
    found: str
    proposal: str = ""
    whole: str = ""  # "rows", "columns" or "file"


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one column that all hold the same text."""

    column: int
    rows: Numbers
    found: str
    proposal: str = ""


Hit: TypeAlias = "Spot | Cells"
Judge: TypeAlias = "Callable[[View], Iterator[Hit]]"


def cell(row: int, column: int) -> Area:
    """One cell as an area."""
    return Area(row, column, row, column)


def texts(view: View, column: int, rows: Mask, pattern: str = "") -> Iterator[tuple[str, Numbers]]:
    """Each distinct text among the text cells of a column that matches a pattern (RE2), with its rows."""
    sheet = view.sheet
    wanted: Mask = rows & ((sheet.kinds[:, column] & KIND) == TEXT)
    if pattern:
        values = sheet.columns[column].values
        found = pc.match_substring_regex(values, pattern).to_numpy(zero_copy_only=False)
        wanted &= np.append(found, [False])[sheet.columns[column].codes]
    yield from ((text, where) for text, _, where in sheet.distinct(column, wanted))


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of neighbours."""
    found = np.asarray(numbers, np.int64)
    if found.size:
        cuts = np.flatnonzero(np.diff(found) != 1)
        yield from zip(found[np.r_[0, cuts + 1]].tolist(), found[np.r_[cuts, found.size - 1]].tolist(), strict=True)
