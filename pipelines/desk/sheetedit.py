"""A sheet's XML with other style indexes on the cells to be marked; cells that aren't there are put in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Final

from pipelines.desk.marks import address
from pipelines.desk.markup import (
    Edit,
    Element,
    attribute,
    changed_tag,
    escaped,
    inserted,
    with_attribute,
)
from pipelines.desk.sheetscan import Row, Sheet

# What follows <legacyDrawing> in a worksheet (ISO/IEC 29500-1, CT_Worksheet); Excel wraps some of it in alternatives.
_AFTER_LEGACY: Final = frozenset(
    ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst")
) | {"AlternateContent"}
_TRUE: Final = frozenset({"1", "true"})
Style = Callable[[int, int, int], int]


def coloured(content: bytes, sheet: Sheet, cells: Mapping[int, Iterable[int]], style: Style) -> list[Edit]:
    """The edits that give cells a new style: `style(row, column, index of the style before)` is its index."""
    data = sheet.part("sheetData")
    if data is None:
        return []
    edits: list[Edit] = []
    for number, row in sheet.rows.items():
        edits += _in_row(content, sheet, number, row, style)
    fresh = [(sheet.gaps[row], _new_row(sheet, row, sorted(cells[row]), style)) for row in sorted(sheet.gaps)]
    if data.hollow:
        return [data.append(content, b"".join(new for _, new in fresh))] if fresh else []
    return edits + [(at, at, new) for at, new in fresh]


def _in_row(content: bytes, sheet: Sheet, number: int, row: Row, style: Style) -> list[Edit]:
    edits = []
    for column, cell in row.cells.items():
        index = style(number, column, int(attribute(cell, "s") or 0))
        edits.append(changed_tag(content, cell, "s", str(index)))
    tag = _widened(content, row)
    new = [(at, _new_cell(sheet, number, column, row.style, style)) for column, at in sorted(row.later.items())]
    if row.element.hollow and new:
        whole = tag.rstrip(b"/>").rstrip() + b">" + b"".join(cell for _, cell in new)
        end = inserted(f"</{row.element.prefixed('row')}>")
        return [(row.element.start, row.element.inside, whole + end)]
    if new:
        edits.append((row.element.start, row.element.inside, tag))
    return edits + [(at, at, cell) for at, cell in new]


def _widened(content: bytes, row: Row) -> bytes:
    """The row's start tag; the columns that it says it spans include the new cells."""
    tag = content[row.element.start : row.element.inside]
    first, _, last = attribute(row.element, "spans").partition(":")
    if not (first.isdigit() and last.isdigit() and row.later):
        return tag
    low, high = min(int(first), min(row.later) + 1), max(int(last), max(row.later) + 1)
    return with_attribute(tag, "spans", f"{low}:{high}")


def _new_row(sheet: Sheet, number: int, columns: Iterable[int], style: Style) -> bytes:
    name = sheet.root.prefixed("row")
    cells = b"".join(_new_cell(sheet, number, column, -1, style) for column in columns)
    return inserted(f'<{name} r="{number + 1}">') + cells + inserted(f"</{name}>")


def _new_cell(sheet: Sheet, row: int, column: int, row_style: int, style: Style) -> bytes:
    """An empty cell that looked as its row or its column said until now."""
    before = row_style if row_style >= 0 else _column_style(sheet, column)
    return inserted(f'<{sheet.root.prefixed("c")} r="{address(row, column)}" s="{style(row, column, before)}"/>')


def _column_style(sheet: Sheet, column: int) -> int:
    for element in sheet.columns:
        if int(attribute(element, "min")) <= column + 1 <= int(attribute(element, "max")):
            return int(attribute(element, "style") or 0)
    return 0


def with_notes(sheet: Sheet, identifier: str, relations: str) -> list[Edit]:
    """The edit that names the part with the comments' boxes, in its one right place."""
    following = [part for part in sheet.parts if part.name in _AFTER_LEGACY]
    data = sheet.part("sheetData")
    at = next((part.start for part in following if data and part.start > data.start), sheet.root.stop)
    name = sheet.root.prefixed("legacyDrawing")
    return [(at, at, inserted(f'<{name} xmlns:r="{relations}" r:id="{escaped(identifier)}"/>'))]


def unselected(content: bytes, views: Iterable[Element]) -> list[Edit]:
    """The edits after which a sheet is no longer the selected one."""
    return [changed_tag(content, v, "tabSelected", "0") for v in views if attribute(v, "tabSelected") in _TRUE]


def by_row(cells: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Columns by row."""
    ordered = sorted(set(cells))
    return {row: [column for _, column in group] for row, group in groupby(ordered, key=lambda cell: cell[0])}
