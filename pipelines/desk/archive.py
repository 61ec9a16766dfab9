"""One cell of an archived delivery, for stewards: the sheet around it as a page that only shows.

Raw deliveries are never public; the desk shows them only where its settings say that stewards alone can reach it.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.desk.grids import grids_of
from pipelines.desk.marks import Area, address, area
from pipelines.desk.page import render
from pipelines.desk.picture import around, sheet_view, text_at
from pipelines.findings import Language
from pipelines.reading.addresses import is_cell
from pipelines.reading.grid import Grid
from pipelines.steward.links import ONLY_SHEET

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def is_address(sha256: str, cell: str) -> bool:
    """Whether the parts of a page's address are what they must be."""
    if _SHA256.fullmatch(sha256) is None or not is_cell(cell):
        return False
    try:
        area(cell)
    except ValueError:
        return False
    return True


def cell_page(content: bytes, sha256: str, sheet: str, cell: str, language: Language) -> str | None:
    """The page, or None when the delivery has no such sheet. Raises DeliveryRefused when it can't be opened."""
    found = [grid for grid in grids_of(content) if grid.sheet == sheet]
    if not found and sheet == ONLY_SHEET:
        found = grids_of(content)[:1]
    return _page(found[0], sha256, area(cell), language) if found else None


def _page(grid: Grid, sha256: str, place: Area, language: Language) -> str:
    row, column = place.first
    last = max(len(grid.rows) - 1, row)
    rows = around(row, 12, 12, last)
    width = max((len(grid.rows[r]) for r in rows if r < len(grid.rows)), default=1)
    columns = around(column, 7, 7, max(width - 1, column))
    first = next((Area(*a, *b) for a, b in grid.merged if Area(*a, *b).holds(row, column)), place)
    return render(
        "cell",
        language,
        name=grid.sheet,
        cell=place.text(),
        value=text_at(grid, *first.first),
        sha256=sha256,
        shown=address(*first.first),
        picture=sheet_view(grid, rows, columns),
    )
