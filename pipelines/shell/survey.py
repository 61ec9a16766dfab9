"""What a sheet looks like: where its title, unit, header, body and notes are. Guesses, for a person to look over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from pipelines.reading.cells import NotReadable, squeeze, tidy, year
from pipelines.reading.grid import Grid
from pipelines.shell import blocks
from pipelines.shell.glossary import unit_of

MISSING: Final = frozenset(
    ["-", "－", "−", "–", "―", "‐", "ー", "…", "‥", "・・・", "...", "***", "＊＊＊", "x", "X", "ｘ", "Ｘ", "#N/A"]
)
_FIGURE: Final = re.compile(r"[▲△+\-−]? ?([0-9][0-9,]*(\.[0-9]+)?(兆|億|万|千)*)+(?P<ending>[^0-9]*)")
_NOTE: Final = re.compile(r" ?\([^()]*\)$")
_UNIT: Final = re.compile(r"単位 ?[:;]? ?([^)\]]+)")
_WITH_UNIT: Final = re.compile(r"[(\[]?単位.*")
_NOTE_MARKS: Final = r"^(※|[*]|[(]?注 ?[0-9:)]|資料 ?[:)]|出典 ?[:)])"
_MOST_LEVELS: Final = 3
_NARROWEST: Final = 2  # a table has two columns

Class = Literal["", "figure", "time", "missing", "text"]


@dataclass(frozen=True, slots=True)
class Survey:
    """The parts of a sheet; rows from 0. `notes` is a pattern, empty when there are none.

    Of several tables on a sheet it is the first: `right` is its last column and `below` its last row, where another
    stands beside or below it. `sections` says that rows with a heading stand among the rows of data, `carry` that an
    upper level of the header reaches as far as the next one.
    """

    title: str
    unit: str
    header: Sequence[int]
    last: int
    notes: str
    right: int | None = None
    below: int | None = None
    sections: bool = False
    carry: bool = False


def survey(grid: Grid) -> Survey:
    """Look a sheet over. A sheet without any figure has its header in its first row of the full width."""
    right = blocks.last_column(grid.rows, class_of)
    grid = blocks.cropped(grid, right, None)
    data = [row for row in range(len(grid.rows)) if _is_data(grid, row)]
    figures = blocks.columns_of_figures(grid.rows, data, class_of)
    below = blocks.last_row(grid.rows, data, figures)
    if below is not None:
        grid, data = blocks.cropped(grid, None, below), [row for row in data if row <= below]
    bottom = _header_bottom(grid, data[0], figures) if data else _widest(grid)
    sections = blocks.headings(grid.rows, bottom, data, figures) if data else []
    if right is None and any(any(map(str.strip, grid.rows[row][max(figures) :])) for row in sections):
        right = max(figures)  # what stands beside the headings is no part of the table
        grid = blocks.cropped(grid, right, None)
    header = _header(grid, bottom)
    above = [tidy(text) for row in grid.rows[: header[0]] for text in row if text.strip()]
    units = [found[1].strip() for text in above if (found := _UNIT.search(text)) and not re.search("[、・,]", found[1])]
    last = data[-1] if data else len(grid.rows) - 1
    titles = [title for text in above if (title := _WITH_UNIT.sub("", text).strip())]
    title, unit = titles[0] if titles else "", units[0] if units else ""
    notes = "" if below is not None else _notes(grid, bottom, data)
    return Survey(title, unit, header, last, notes, right, below, bool(sections), _carries(grid, header))


@lru_cache(maxsize=65536)
def class_of(text: str) -> Class:
    """What a cell may be: blank, a figure, a year, a sign that there is no value, or anything else."""
    plain = tidy(text)
    if not plain:
        return ""
    if text.strip() in MISSING:
        return "missing"
    if is_year(plain):
        return "time"
    found = _FIGURE.fullmatch(_NOTE.sub("", plain))
    return "figure" if found and _is_ending(found["ending"].strip()) else "text"


def _is_ending(text: str) -> bool:
    """Whether a text after a figure is a unit, and not the rest of a name that begins with a number."""
    return not text or text.isascii() or bool(unit_of(text).name)


def is_year(text: str) -> bool:
    """Whether a text reads as a year or fiscal year."""
    try:
        year(text)
    except NotReadable:
        return False
    return True


def _classes(grid: Grid, row: int) -> list[Class]:
    return [kind for text in grid.rows[row] if (kind := class_of(text))]


def _is_data(grid: Grid, row: int) -> bool:
    """Whether a row holds figures, or signs that there are none; years alone make a header."""
    texts = [tidy(text) for text in grid.rows[row] if text.strip()]
    kinds = [class_of(text) for text in texts]
    if len(kinds) < _NARROWEST or "figure" in kinds:
        return len(kinds) >= _NARROWEST
    others = set(kinds[1:])
    if others != {"time"}:
        return others <= {"time", "missing"}
    begins_left = bool(grid.rows[row][_left(grid)].strip())
    return (
        begins_left and all(text.isdigit() for text in texts[1:]) and (kinds[0] == "time" or len(kinds) == _NARROWEST)
    )


def _left(grid: Grid) -> int:
    """The first column that has any text."""
    return min((i for row in grid.rows for i, text in enumerate(row) if text.strip()), default=0)


def filled(grid: Grid, row: int) -> list[str]:
    """The texts of a row, with those of merged cells in each of their cells."""
    texts = list(grid.rows[row])
    for (top, left), (bottom, right) in grid.merged:
        if top <= row <= bottom:
            texts[left : right + 1] = [grid.rows[top][left]] * len(texts[left : right + 1])
    return texts


def _distinct(grid: Grid, row: int) -> int:
    return len({squeeze(text) for text in filled(grid, row)} - {""})


def _widest(grid: Grid) -> int:
    counts = [len(_classes(grid, row)) for row in range(len(grid.rows))]
    return counts.index(max(counts))


def _header_bottom(grid: Grid, first: int, figures: AbstractSet[int]) -> int:
    """The last row above the first row of data that has several texts, and names a column of figures if any does."""
    several = [row for row in range(first - 1, -1, -1) if _distinct(grid, row) > 1]
    naming = (row for row in several if any(filled(grid, row)[column].strip() for column in figures))
    return next(naming, next(iter(several), max(first - 1, 0)))


def _header(grid: Grid, bottom: int) -> Sequence[int]:
    top = bottom
    while top > 0 and bottom - top + 1 < _MOST_LEVELS and _is_upper(grid, top - 1):
        top -= 1
    return range(top, bottom + 1)


def _is_upper(grid: Grid, row: int) -> bool:
    """Whether a row is the upper level of the header in the row below it."""
    upper, lower = (filled(grid, number) for number in (row, row + 1))
    covered = sum(bool(a.strip() and b.strip()) for a, b in zip(upper, lower, strict=False))
    if _distinct(grid, row) < _NARROWEST or any(_UNIT.search(tidy(text)) for text in upper):
        return False
    ranges = [area for area in grid.merged if area[0][0] <= row <= area[1][0]]
    if ranges:
        return covered * 2 >= sum(bool(text.strip()) for text in lower)
    if _reaches(grid, row):
        return True
    pairs = list(zip(upper, lower, strict=False))
    return any(a.strip() and not b.strip() for a, b in pairs) and any(b.strip() and not a.strip() for a, b in pairs)


def _reaches(grid: Grid, row: int) -> bool:
    """Whether each text of a row reaches, unmerged, over several names of the row below, which stand there again."""
    upper, lower = grid.rows[row], [squeeze(text) for text in grid.rows[row + 1]]
    starts = [column for column, text in enumerate(upper) if text.strip()]
    names = [text for text in lower[starts[0] :] if text] if starts else []
    above_names = all(column < len(lower) and lower[column] for column in starts)
    return len(starts) >= _NARROWEST and above_names and len(names) >= 2 * len(set(names))


def _carries(grid: Grid, header: Sequence[int]) -> bool:
    """Whether the header has such a level: merged cells anywhere on the sheet would say otherwise."""
    return any(_reaches(grid, row) for row in header[:-1])


def _notes(grid: Grid, bottom: int, data: Sequence[int]) -> str:
    """A pattern for the first text below the table, that no row of the table matches."""
    firsts = list(_first_texts(grid, bottom + 1))
    after = [text for row, count, text in firsts if (row > data[-1] if data else count == 1)]
    if not after:
        return ""
    table = [text for _, _, text in firsts if text not in after]
    if re.search(_NOTE_MARKS, after[0]) and not any(re.search(_NOTE_MARKS, text) for text in table):
        return _NOTE_MARKS
    return f"^{re.escape(after[0][:8])}"


def _first_texts(grid: Grid, start: int) -> Iterator[tuple[int, int, str]]:
    """Of each row that is not blank: its number, how many texts it has, and the first."""
    for row in range(start, len(grid.rows)):
        if texts := [tidy(text) for text in grid.rows[row] if text.strip()]:
            yield row, len(texts), texts[0]
