"""One pass over the XML of a sheet: where its last value is, errors, and formulas that were never computed.

python-calamine gives both kinds of cells as empty texts (its issue 105), and an empty cell may be published as no
value. It also asks for the memory of the whole rectangle up to the last value at once, and a failed allocation ends
the process; so the rectangle is measured here, before it opens the sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from xml.parsers import expat

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import cell_of
from pipelines.reading.refuse import damaged

Faults = dict[tuple[int, int], str]
# What the parser raises: no XML, bytes that are no text, an encoding that Python does not have.
NOT_XML: Final = (expat.ExpatError, ValueError, LookupError)
Start = Callable[[str, dict[str, str]], None]


def parse(blocks: Iterable[bytes], parser: expat.XMLParserType, place: Place, name: str) -> None:
    """Feed a part to a parser. Raises DeliveryRefused when it is no XML."""
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except NOT_XML as error:
        raise damaged(place, f"{name}: {error}") from error


def parser_of(place: Place, start: Start | None = None) -> expat.XMLParserType:
    """A parser that stops at the first declaration. A workbook has none, so no entity is ever defined."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise DeliveryRefused(Finding("file.markup", place, "<!DOCTYPE"))

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.buffer_text = True
    return parser


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]


def is_to_be_computed(name: str, attributes: dict[str, str]) -> bool:
    """Whether an element of `workbook.xml` says that formulas have no values yet but get them when it is opened.

    Programs that can't compute say so: XlsxWriter and openpyxl always. What they store as a formula's value is 0, or
    what a template had before they changed its figures. Excel and LibreOffice leave the mark out of what they save: no
    real workbook that we have (tests/realdata) has both the mark and a formula.
    """
    return name == "calcPr" and attributes.get("fullCalcOnLoad") in {"1", "true"}


class SheetScan:
    """What one pass over a sheet saw; rows and columns from 0, as the reader in Rust counts them.

    `strings` has how often each shared string stands in a cell, when `counting`. No formula has a value where they are
    all still `to_compute`.
    """

    def __init__(self, place: Place, *, counting: bool = False, to_compute: bool = False) -> None:
        self.last_row = self.last_column = -1
        self.faults: Faults = {}
        self.shared_cells = self.merged = 0
        self.strings: dict[str, int] = {}
        self.parser = parser_of(place, self._start)
        self.parser.EndElementHandler = self._end
        self._counting, self._to_compute = counting, to_compute
        self._row, self._at = -1, (-1, -1)
        self._texts: list[str] = []
        self._kind, self._formula, self._value = "n", "", ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._at = (self._row, -1)
        elif name in {"v", "is"}:
            self._reach()
            self._listen(self._formula or self._kind == "e" or (self._counting and self._kind == "s"))
        elif name == "f":
            self._reach()
            self._formula = "="
            self._listen("=")
        elif name == "mergeCell":
            self.merged += 1

    def _reach(self) -> None:
        row, column = self._at
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)

    def _listen(self, wanted: object) -> None:
        """Take texts only where they matter: in a table of figures nearly nowhere."""
        self._texts.clear()
        self.parser.CharacterDataHandler = self._texts.append if wanted else None

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._kind, self._formula, self._value = attributes.get("t", "n"), "", ""
        self.shared_cells += self._kind == "s"
        address = attributes.get("r")
        if address is None:
            self._at = (self._row, self._at[1] + 1)
            return
        self._at = cell_of(address)

    def _end(self, name: str) -> None:
        name = local(name)
        if name == "f":
            self._formula += "".join(self._texts)
        elif name == "v" and self._texts:
            self._value = "".join(self._texts)
        elif name == "c":
            self._end_cell()
        self.parser.CharacterDataHandler = None

    def _end_cell(self) -> None:
        """Note a cell that holds something else than a value; a formula whose result is an empty text has one."""
        if self._counting and self._kind == "s":
            self.strings[self._value] = self.strings.get(self._value, 0) + 1
        elif self._kind == "e":
            self.faults[self._at] = self._value or "#ERROR"
        elif self._formula and (self._to_compute or (not self._value and self._kind != "str")):
            self.faults[self._at] = self._formula
