"""What reading yields: rows of text, and where each cell is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery to read: the local path of its archived bytes and the name that its department gave it."""

    path: Path
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table of one delivery. `columns` has the letter of every field that stands in one column."""

    sha256: str
    file: str
    sheet: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """JSON form, for provenance.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stream:
    """The records of a long text file in their order, not numbered: SQL that any number of threads may run.

    It has the declared fields as VARCHAR and `_shown`, whether a record is not blank. `first` is the spreadsheet's row
    of the first record.
    """

    relation: str
    first: int


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows of text. `relation` is SQL with the declared fields as VARCHAR, and hidden columns.

    `_part` (index into `parts`), `_row` (the spreadsheet's row), `_at_<field>` (the address of a cell
    that is not simply in its part's column; NULL where it is). `stream` has the same rows where they come from a long
    text file as they are. `times` has, by field, the cells that the workbook
    keeps as dates or times: text and `sheet!address`, for `require_typed_texts`.
    """

    relation: str
    parts: Sequence[Part]
    stream: Stream | None = None
    times: Mapping[str, Sequence[str]] = field(default_factory=dict)
