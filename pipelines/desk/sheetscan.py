"""One pass over a sheet: where the cells stand that are to be marked, where those belong that are not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipelines.desk.marks import Area, area
from pipelines.desk.markup import Element, attribute, feed, parser_for, split, tag_end
from pipelines.reading.grid import column_of

_MERGED: Final = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z0-9:$]+)["']""")
_DIMENSION: Final = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*["']([A-Z0-9:$]+)["']""")


@dataclass(slots=True)
class Row:
    """A row of the sheet with what is to be marked in it. `later` is the first cell after each of the missing ones."""

    element: Element
    style: int = 0
    cells: dict[int, Element] = field(default_factory=dict)
    later: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """What one pass found. `parts` are the elements below the root in order; `rows` only those to be marked.

    `gaps` has, for each wanted row that is not there, the position of the row after it.
    """

    root: Element
    parts: list[Element] = field(default_factory=list)
    columns: list[Element] = field(default_factory=list)
    views: list[Element] = field(default_factory=list)
    rows: dict[int, Row] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)

    def part(self, name: str) -> Element | None:
        """The first element of a name directly below the root."""
        return next((part for part in self.parts if part.name == name), None)


def merged(content: bytes) -> list[Area]:
    """The merged ranges of a sheet."""
    return [area(reference.decode()) for reference in _MERGED.findall(content)]


def extent(content: bytes) -> Area:
    """The cells that a sheet says it uses; where it says nothing, what a person would look at."""
    match = _DIMENSION.search(content, 0, 1 << 16)
    return area(match[1].decode()) if match else Area(0, 0, 199, 49)


def scan_sheet(content: bytes, wanted: Mapping[int, Collection[int]]) -> Sheet:
    """Look for some cells, by row and column from 0. Raises DeliveryRefused when the XML can't be used."""
    pass_ = _Pass(content, {row: sorted(columns) for row, columns in wanted.items()})
    feed(pass_.parser, content)
    assert pass_.sheet is not None
    pass_.close()
    return pass_.sheet


class _Pass:
    """The handlers of the parser. Cells of rows without a mark cost one comparison each."""

    def __init__(self, content: bytes, wanted: Mapping[int, list[int]]) -> None:
        self.content = content
        self.wanted = wanted
        self.sheet: Sheet | None = None
        self.parser = parser_for()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self._waiting = sorted(wanted)
        self._depth = 0
        self._inside = ""
        self._row = self._column = -1
        self._current: Row | None = None
        self._missing: list[int] = []
        self._names: dict[str, str] = {}

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        local = self._names.get(name) or self._names.setdefault(name, split(name)[1])
        if self._depth > 3 and (self._current is None or local != "c" or self._depth != 4):  # noqa: PLR2004  of a row
            return
        if local == "c" and self._depth == 4:  # noqa: PLR2004
            self._cell(name, attributes)
        elif local == "row" and self._inside == "sheetData":
            self._start_row(name, attributes)
        else:
            self._other(name, attributes)

    def _end(self, _: str) -> None:
        here = self.parser.CurrentByteIndex
        if self._depth == 3 and self._current is not None:  # noqa: PLR2004
            self._end_row(here)
        elif self._depth == 2 and self.sheet is not None:  # noqa: PLR2004
            part = self.sheet.parts[-1]
            part.stop = part.inside if part.hollow else here
            self._inside = ""
        elif self._depth == 1 and self.sheet is not None:
            self.sheet.root.stop = here
        self._depth -= 1

    def _element(self, name: str, attributes: list[str]) -> Element:
        space, local, prefix = split(name)
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        element = Element(local, prefix, space, pairs, self._depth - 1, self.parser.CurrentByteIndex)
        element.inside, element.hollow = tag_end(self.content, element.start)
        element.stop = element.inside
        return element

    def _other(self, name: str, attributes: list[str]) -> None:
        element = self._element(name, attributes)
        if self._depth == 1:
            self.sheet = Sheet(element)
            return
        assert self.sheet is not None
        if self._depth == 2:  # noqa: PLR2004
            self.sheet.parts.append(element)
            self._inside = element.name
        elif element.name == "col":
            self.sheet.columns.append(element)
        elif element.name == "sheetView":
            self.sheet.views.append(element)

    def _start_row(self, name: str, attributes: list[str]) -> None:
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self._row = int(pairs["r"]) - 1 if "r" in pairs else self._row + 1
        self._column = -1
        assert self.sheet is not None
        while self._waiting and self._waiting[0] < self._row:
            self.sheet.gaps[self._waiting.pop(0)] = self.parser.CurrentByteIndex
        if self._waiting and self._waiting[0] == self._row:
            self._missing = list(self.wanted[self._waiting.pop(0)])
            element = self._element(name, attributes)
            styled = attribute(element, "customFormat") in {"1", "true"}
            self._current = Row(element, int(attribute(element, "s") or 0) if styled else -1)

    def _cell(self, name: str, attributes: list[str]) -> None:
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        address = pairs.get("r", "")
        self._column = column_of(address.rstrip("0123456789")) if address else self._column + 1
        row = self._current
        assert row is not None
        while self._missing and self._missing[0] < self._column:
            row.later[self._missing.pop(0)] = self.parser.CurrentByteIndex
        if self._missing and self._missing[0] == self._column:
            row.cells[self._missing.pop(0)] = self._element(name, attributes)

    def _end_row(self, here: int) -> None:
        row = self._current
        assert row is not None
        assert self.sheet is not None
        row.later |= dict.fromkeys(self._missing, here)
        row.element.stop = row.element.inside if row.element.hollow else here
        self.sheet.rows[self._row] = row
        self._current = None

    def close(self) -> None:
        """Rows below the last one belong at the end of the data."""
        assert self.sheet is not None
        data = self.sheet.part("sheetData")
        for row in self._waiting if data else ():
            assert data is not None
            self.sheet.gaps[row] = data.stop
