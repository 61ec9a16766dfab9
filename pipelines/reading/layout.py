"""Reads one declared table out of a grid. Refuses when the sheet disagrees with the declaration."""

from __future__ import annotations

from pipelines.datasets import Column, Layout
from pipelines.findings import Place
from pipelines.reading.body import Cells, collect, require_even
from pipelines.reading.grid import Grid
from pipelines.reading.headers import groups_of, headers_of
from pipelines.reading.placed import locate


def read_table(grid: Grid, layout: Layout, columns: dict[str, Column], place: Place) -> Cells:
    """The rows of one table. Raises DeliveryRefused when header or anchor are not where they are declared."""
    table = locate(grid.flipped() if layout.transpose else grid, layout, place)
    headers = headers_of(table)
    groups = groups_of(table, headers, columns)
    require_even(table)
    return collect(table, groups, sorted({m.name for group in groups for m in group}))


def header_levels(grid: Grid, layout: Layout, place: Place) -> dict[int, list[str]]:
    """For each column, from 0, the levels of its header from the top, as `read_table` sees them."""
    return headers_of(locate(grid.flipped() if layout.transpose else grid, layout, place))
