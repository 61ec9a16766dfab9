"""A file as a person sees it: the cells of each sheet with their kinds and looks, and all that is not a cell.

Cells are kept by column, each distinct text once, with arrays of codes, kinds and looks beside them; so a sheet of a
million rows stays well below 500 MB, and a rule asks each distinct text once instead of each cell. Rows and columns
count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.reading.grid import letter

Bytes = npt.NDArray[np.uint8]
Looks = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

EMPTY: Final = 0
TEXT: Final = 1
NUMBER: Final = 2  # of a CSV: written as a plain number
DATE: Final = 3  # a number that a date format shows, in ISO form
BOOLEAN: Final = 4
ERROR: Final = 5  # `#N/A`
KIND: Final = 15  # the bits of the kind
FORMULA: Final = 16  # the value was computed
_AT_ONCE: Final = 1 << 14  # texts that stand as Python objects at a time
UNCOMPUTED: Final = 32  # a formula that has no value

ObjectKind = Literal["picture", "text box", "chart", "shape", "control"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. Colours are as the file names them (`FFFF0000`, `theme 4`), empty where nobody chose one."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    colour: str = ""
    fill: str = ""
    number_format: str = "General"


@dataclass(frozen=True, slots=True)
class Drawn:
    """An object that floats above the cells: what it is, the cell below its upper left corner, and its text."""

    kind: ObjectKind
    row: int
    column: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """Cells from one corner to the other, both within."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def address(self) -> str:
        """A1 form."""
        first, last = at(self.top, self.left), at(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


@dataclass(frozen=True, slots=True)
class Column:
    """The texts of one column: `values` each once, `codes` by row; -1 where the cell is empty."""

    codes: Codes
    values: pa.StringArray

    def text(self, row: int) -> str:
        """The text of one cell."""
        code = int(self.codes[row])
        return str(self.values[code].as_py()) if code >= 0 else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `widths` is, of a CSV, how many fields each record has; `broken` its records of several lines."""

    name: str
    columns: Sequence[Column]
    kinds: Bytes
    looks: Looks
    hidden: bool = False
    merged: Sequence[Area] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    objects: Sequence[Drawn] = ()
    comments: Sequence[tuple[int, int]] = ()
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    widths: Codes | None = None
    broken: Sequence[int] = ()

    @property
    def height(self) -> int:
        """How many rows there are down to the last cell that is not empty."""
        return int(self.kinds.shape[0])

    @property
    def width(self) -> int:
        """How many columns there are up to the last cell that is not empty."""
        return int(self.kinds.shape[1])

    def text(self, row: int, column: int) -> str:
        """The text of one cell; empty outside of the sheet."""
        return self.columns[column].text(row) if 0 <= column < self.width and 0 <= row < self.height else ""

    def row(self, row: int) -> list[str]:
        """The texts of one row."""
        return [self.text(row, column) for column in range(self.width)]

    def kind(self, row: int, column: int) -> int:
        """The kind of one cell, without what is known of its formula."""
        return int(self.kinds[row, column]) & KIND if row < self.height and column < self.width else EMPTY

    def distinct(self, column: int, rows: Mask) -> Iterator[tuple[str, int, Numbers]]:
        """Every distinct text in those rows of a column, with its code and the rows where it stands."""
        codes = np.where(rows, self.columns[column].codes, -1)
        places = np.flatnonzero(codes >= 0)
        if not places.size:
            return
        order = places[np.argsort(codes[places], kind="stable")]
        sorted_codes = codes[order]
        starts = np.flatnonzero(np.r_[True, sorted_codes[1:] != sorted_codes[:-1]])
        found = sorted_codes[starts]
        ends = np.r_[starts[1:], order.size]
        for first in range(0, found.size, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            texts = self.columns[column].values.take(pa.array(found[part])).to_pylist()
            for text, code, start, end in zip(texts, found[part], starts[part], ends[part], strict=True):
                yield str(text), int(code), order[start:end]


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written."""

    encoding: str
    delimiter: str
    line_end: str


@dataclass(frozen=True, slots=True)
class Book:
    """A whole file. `looks` are what the sheets' `looks` number."""

    kind: Literal["xlsx", "xls", "csv"]
    sheets: Sequence[Sheet]
    looks: Sequence[Look] = (Look(),)
    form: TextForm | None = None
    macros: bool = False


def at(row: int, column: int) -> str:
    """The address of a cell."""
    return f"{letter(column)}{row + 1}"
