"""`sources/<name>.yaml`: where a dataset comes from and how its delivery is read.

Nothing here says what is published; see `schema`. Row numbers and column letters are those that a
spreadsheet shows. Everything the night does with a delivery is declared here; it refuses when the
sheet disagrees with the declaration.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field as Setting
from pydantic import StringConstraints, field_validator, model_validator

from pipelines.datasets.base import Bilingual, Descriptor, Name, NonEmpty, is_regex
from pipelines.unusable import Unusable

Encoding = Literal["utf-8", "cp932", "utf-16"]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[1-9][0-9]*$")]


class Origin(Descriptor):
    """Where the figures were first published; goes into the package's `sources`."""

    title: NonEmpty
    path: str | None = None


class Column(Descriptor):
    """How one published field is found and read.

    headers   every header the department has ever used; levels of a merged header are joined with `/`
    pattern   a regular expression; its first group is the value, the rest of the cell is left out
    optional  a cell that `pattern` does not match, or a column that is not there, is empty instead of a finding
    unit      endings of a number that may stand in the cell (`g`, `人`, `%`); any other is a finding
    scale     the number is multiplied by it: a column in 千円 published in 円 has scale 1000
    values    text in the cell → published text; a text that is not listed is a finding
    """

    headers: list[NonEmpty] = []
    pattern: str | None = None
    optional: bool = False
    unit: list[str] = []
    scale: int | None = Setting(default=None, gt=0)
    values: dict[str, str] | None = None

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str | None) -> str | None:
        if is_regex(pattern) and re.compile(pattern or "").groups < 1:
            raise Unusable(
                "値にする部分を ( ) で囲んだ正規表現", "a pattern has a group: what is in the brackets is the value"
            )
        return pattern


class Header(Descriptor):
    """The rows that hold the header, from the top; several are read as one header of several levels.

    With `carry`, an empty upper level is that of its left neighbour. Without it that holds only where the sheet has no
    merged cells at all, which would show how far a level reaches.
    """

    rows: list[int] = Setting(min_length=1)
    carry: bool = False


class Rows(Descriptor):
    """Which rows are data: from the row below the header, to the last that is not blank."""

    start: int | None = Setting(default=None, alias="from")
    end: int | None = Setting(default=None, alias="to")


class Unpivot(Descriptor):
    """Columns that should be rows: each header that matches becomes a value of `into`.

    `level` is the level of the header (1 is the top) that holds it. What remains of the header names the
    measure and is looked up in `columns`; a header of one level has none, and its cells go to `value`.
    With `blank_is_no_row`, cells that are all blank below one header make no row; otherwise they are read as empty.
    """

    into: Name
    matching: str
    level: int = 1
    value: Name | None = None
    blank_is_no_row: bool = False

    _compiles = field_validator("matching")(is_regex)


class Skip(Descriptor):
    """Rows that are not data (totals, sub-headings): those whose text in the column of `field` matches."""

    field: Name
    matching: str

    _compiles = field_validator("matching")(is_regex)


class Section(Descriptor):
    """Rows that head those below them: a line's name above its stations, a ward's above its towns.

    A heading is a row in which only the column of `field` has text; it is no row of the table but the value of `into`
    in the rows down to the next heading. With `matching`, only such a row whose text matches is one.
    """

    into: Name
    field: Name
    matching: str | None = None

    _compiles = field_validator("matching")(is_regex)


class Layout(Descriptor):
    """One table on one sheet.

    columns_between  the first and last column letter, for tables side by side
    anchor           text of a cell above the table; `header.rows` and `rows` then count from the row below it
    transpose        the table lies on its side: rows and columns change roles before anything else is read;
                     `header.rows` are then column numbers (1 is A), `columns_between` row numbers
    cells            fields that stand in one cell outside the table, by its address: a date of reference above it
    section          rows that head those below them, as a field of their own
    constants        values of fields that stand nowhere in the table, such as the ward a sheet is about
    ignore           headers of a wide table that are neither unpivoted nor published (備考, 合計); any other is refused
    notes            the first row whose first text matches ends the table; what follows is not data
    """

    sheet: str | None = None
    header: Header | None = None
    rows: Rows | None = None
    columns_between: str | None = Setting(default=None, pattern=r"^[A-Z0-9]+:[A-Z0-9]+$")
    anchor: str | None = None
    transpose: bool = False
    cells: dict[Name, Address] = {}
    section: Section | None = None
    constants: dict[Name, str] = {}
    fill_down: list[Name] = []
    skip: list[Skip] = []
    ignore: list[NonEmpty] = []
    notes: str | None = None
    unpivot: Unpivot | None = None

    _compiles = field_validator("notes")(is_regex)


class Correction(Descriptor):
    """A known error of the original, as data. It fails when it no longer matches exactly one row.

    `where` and `expect` are texts as they stand in the delivery.
    """

    where: dict[Name, str] = Setting(min_length=1)
    field: Name
    expect: str
    set: str
    reason: NonEmpty


class Source(Layout):
    """Where one dataset comes from. Keys of a layout stated at the top hold for every one of `tables`.

    kind workbook   .xlsx or .xls; cells are read with the values that were last computed
    kind csv        a text file; the first row of the file is row 1
    kind derived    `sql` over the published tables of `inputs`, each a view of that name; it selects the
                    published columns and `refs`, a list of the `ref` of every input row that was used
    """

    kind: Literal["workbook", "csv", "derived"]
    path: str | None = None
    url: str | None = Setting(default=None, pattern=r"^https?://")
    token_variable: str | None = Setting(default=None, description="environment variable with a bearer token")
    encoding: Encoding = "utf-8"
    delimiter: str = Setting(default=",", min_length=1, max_length=1)
    tables: list[Layout] = []
    columns: dict[Name, Column] = {}
    missing: list[str] = Setting(default=[], description="texts that stand for no value, as the table's legend says")
    corrections: list[Correction] = []
    inputs: list[Name] = []
    sql: str | None = None
    origins: list[Origin] = []
    note: Bilingual | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _short_forms(cls, columns: object) -> object:
        """`name: header` and `name: [headers]` are short for `name: {headers: [...]}`."""
        if not isinstance(columns, dict):
            return columns
        return {name: _long_form(value) for name, value in columns.items()}

    @property
    def whereabouts(self) -> str:
        """Its path, or its address without what may be secret: user, password and query. Empty when it is derived."""
        parts = urlsplit(self.url or "")
        return self.path or urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        if self.kind == "derived":
            return self._needs(
                "kind: derived には inputs と sql の両方",
                "a derived source has inputs and sql",
                well=bool(self.inputs and self.sql),
            )
        self._needs(
            "path か url のどちらか一方",
            "a source has either a path or a url",
            well=(self.path is None) != (self.url is None),
        )
        return self._needs(
            "各項目の見出しを示す columns",
            "a source says in columns where each field is found",
            well=bool(self.columns),
        )

    def _needs(self, ja: str, en: str, *, well: bool) -> Self:
        if not well:
            raise Unusable(ja, en)
        return self

    @property
    def layouts(self) -> list[Layout]:
        """The tables to read: what stands at the top, overridden by each of `tables`."""
        shared = {key: getattr(self, key) for key in Layout.model_fields if key in self.model_fields_set}
        own = [{key: getattr(table, key) for key in table.model_fields_set} for table in self.tables] or [{}]
        return [Layout.model_construct(**{**_DEFAULTS, **shared, **table}) for table in own]


_DEFAULTS = {name: info.get_default() for name, info in Layout.model_fields.items()}


def _long_form(value: object) -> object:
    if isinstance(value, str):
        return {"headers": [value]}
    return {"headers": value} if isinstance(value, list) else value
