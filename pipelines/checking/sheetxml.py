"""One pass over the XML of a sheet: its cells, and what is merged or hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipelines.checking.cellstore import CellStore
from pipelines.checking.sheet import BOOLEAN, DATE, ERROR, FORMULA, NUMBER, TEXT, UNCOMPUTED, Area
from pipelines.checking.values import moment_text, number_text
from pipelines.findings import Place
from pipelines.reading.addresses import column_of
from pipelines.reading.limits import MOST_CELLS, MOST_MERGED, MOST_TEXT
from pipelines.reading.refuse import too_large, too_wide
from pipelines.reading.sheetxml import local, parser_of

MOST_FORMULAS: Final = 1000  # whose text is kept; that a cell has one is known of all
_AS_IT_STANDS: Final = {"str": TEXT, "inlineStr": TEXT, "e": ERROR, "d": DATE}
_TRUE: Final = frozenset(["1", "true"])
_AREA: Final = re.compile(r"([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?")


class SheetReader:
    """Takes the cells of a sheet as the parser meets them; rows and columns from 0.

    No formula has a value where they are all still `to_compute`.
    """

    def __init__(
        self, place: Place, strings: Sequence[str], dates: frozenset[int], *, since_1904: bool, to_compute: bool
    ) -> None:
        self.cells = CellStore()
        self.merged: list[Area] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.formulas: dict[tuple[int, int], str] = {}
        self._place, self._strings, self._dates, self._since_1904 = place, strings, dates, since_1904
        self._to_compute = to_compute
        self._row, self._column, self._last_column = -1, -1, -1
        self._kind, self._look = "n", 0
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._in_reading = False
        self.parser = parser_of(place, self._start)
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            self._cell(attributes)
        elif name == "v" or (name == "t" and not self._in_reading):
            self.parser.CharacterDataHandler = self._value.append
        elif name == "f":
            self._formula = []
            self.parser.CharacterDataHandler = self._formula.append
        elif name == "row":
            self._begin_row(attributes)
        else:
            self._other(name, attributes)

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._in_reading = True
        elif name == "col" and (attributes.get("hidden") in _TRUE or attributes.get("width") == "0"):
            last = min(int(attributes["max"]), 16384)
            self.hidden_columns.update(range(int(attributes["min"]) - 1, last))
        elif name == "mergeCell" and (area := _area(attributes.get("ref", ""))):
            self.merged.append(area)
            if len(self.merged) > MOST_MERGED:
                raise too_large("file.bomb", self._place, len(self.merged), MOST_MERGED)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
        self._column = -1
        if attributes.get("hidden") in _TRUE or attributes.get("ht") == "0":
            self.hidden_rows.add(self._row)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._kind, self._look = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._value.clear()
        self._formula = None
        address = attributes.get("r")
        if address is None:
            self._column += 1
            return
        self._column = column_of(address.rstrip("0123456789").upper())

    def _end(self, name: str) -> None:
        self.parser.CharacterDataHandler = None
        if name == "c" or local(name) == "c":
            self._end_cell()
        elif local(name) == "rPh":
            self._in_reading = False

    def _end_cell(self) -> None:
        value = "".join(self._value)
        flags = 0
        if self._formula is not None:
            value = "" if self._to_compute else value
            is_computed = not self._to_compute and (value or self._kind == "str")
            flags = FORMULA if is_computed else FORMULA | UNCOMPUTED
            if len(self.formulas) < MOST_FORMULAS:
                self.formulas[self._row, self._column] = "".join(self._formula)
        if value == "" and not flags & UNCOMPUTED:
            return
        text, kind = self._meaning(value) if value else ("=" + "".join(self._formula or ()), TEXT)
        if text:
            self._last_column = max(self._last_column, self._column)
            if (self._row + 1) * (self._last_column + 1) > MOST_CELLS:
                raise too_wide(self._row, self._last_column, self._place, MOST_CELLS)
            if self.cells.text_size > MOST_TEXT:
                raise too_large("file.bomb", self._place, self.cells.text_size, MOST_TEXT)
            self.cells.add(self._row, self._column, text, kind | flags, self._look)

    def _meaning(self, value: str) -> tuple[str, int]:
        """Text and kind of a value, by the type that the cell states."""
        if self._kind == "s":
            return self._strings[int(value)], TEXT
        if self._kind == "b":
            return ("true" if value.strip() == "1" else "false"), BOOLEAN
        if self._kind in _AS_IT_STANDS:
            return value, _AS_IT_STANDS[self._kind]
        if self._look in self._dates:
            return moment_text(float(value), since_1904=self._since_1904), DATE
        return number_text(value.strip()), NUMBER


def _area(address: str) -> Area | None:
    found = _AREA.fullmatch(address)
    if found is None:
        return None
    left, top, right, bottom = found.groups()
    last = (int(bottom) - 1, column_of(right)) if right else (int(top) - 1, column_of(left))
    return Area(int(top) - 1, column_of(left), *last)
