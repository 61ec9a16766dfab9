"""A grid seen through a layout: where the header, the rows and the columns of one declared table are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.datasets import Layout
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import column_of, letter
from pipelines.reading.cells import squeeze
from pipelines.reading.grid import Grid


@dataclass(frozen=True, slots=True)
class Table:
    """A grid seen through a layout: the header's rows, the rows of the body and the columns, all from 0."""

    grid: Grid
    place: Place
    layout: Layout
    header: Sequence[int]
    body: range
    columns: range

    def text(self, row: int, column: int) -> str:
        """The text there; beyond the grid it is empty."""
        cells = self.grid.rows[row] if row < len(self.grid.rows) else []
        return cells[column] if column < len(cells) else ""

    def address(self, row: int, column: int) -> str:
        """The address as the sheet lies, such as B7."""
        if self.layout.transpose:
            row, column = column, row
        return f"{letter(column)}{row + 1}"


def locate(grid: Grid, layout: Layout, place: Place) -> Table:
    """Where a declared table is. Raises DeliveryRefused when its anchor does not stand in just one place."""
    place = Place(place.dataset, place.file, grid.sheet)
    above = _anchor_row(grid, layout, place)
    header = [above + row - 1 for row in (layout.header.rows if layout.header else [1])]
    first = above + layout.rows.start - 1 if layout.rows and layout.rows.start else header[-1] + 1
    last = above + layout.rows.end if layout.rows and layout.rows.end else len(grid.rows)
    width = max((len(row) for row in grid.rows), default=0)
    return Table(grid, place, layout, header, range(first, min(last, len(grid.rows))), _columns(layout, width))


def _columns(layout: Layout, width: int) -> range:
    if layout.columns_between is None:
        return range(width)
    first, last = (column_of(part) for part in layout.columns_between.split(":"))
    return range(first, min(last + 1, width))


def _anchor_row(grid: Grid, layout: Layout, place: Place) -> int:
    """The row below the anchor, from 0; 0 without one."""
    if layout.anchor is None:
        return 0
    wanted = squeeze(layout.anchor)
    columns = _columns(layout, max((len(row) for row in grid.rows), default=0))
    found = [i for i, row in enumerate(grid.rows) if any(squeeze(row[c]) == wanted for c in columns if c < len(row))]
    if len(found) != 1:
        raise DeliveryRefused(Finding("sheet.anchor", place, str(len(found)), {"anchor": layout.anchor}))
    return found[0] + 1


def header_place(table: Table) -> Place:
    """The range of the header's cells."""
    if not table.columns:
        return table.place
    first = table.address(table.header[0], table.columns[0])
    last = table.address(table.header[-1], table.columns[-1])
    return Place(table.place.dataset, table.place.file, table.place.sheet, f"{first}:{last}")
