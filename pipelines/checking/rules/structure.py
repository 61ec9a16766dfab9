"""Rules about where things stand: one table, nothing around it, one header, nothing merged or hidden."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from pipelines.checking.anatomy import outside
from pipelines.checking.rules.kit import Hit, Spot, View, cell, runs
from pipelines.checking.sheet import Area, at
from pipelines.checking.table import MISSING, Table
from pipelines.reading.cells import squeeze, tidy

_WIDE: Final = 3  # so many periods as columns make a table wide
_TIME_LABEL: Final = re.compile(
    r"^((明治|大正|昭和|平成|令和|[MTSHR])(元|[0-9]{1,2})|(19|20|21)[0-9]{2})(年度?|年[0-9]{1,2}月)?(末|実績|目標)?$"
    r"|^[0-9]{1,2}月$|^FY[0-9]{4}$"
)


def bad_format(view: View) -> Iterator[Hit]:
    """L1-01."""
    if view.is_first and view.book.kind == "xls":
        yield Spot(None, ".xls", ".xlsx", whole="file")


def several_tables(view: View) -> Iterator[Hit]:
    """L1-02: tables side by side with a header of their own, and headers again after a blank row."""
    if view.table is None:
        return
    blocks = view.table.blocks
    first = _block_names(view.table, blocks[0])
    for block in blocks[1:]:
        if len(block) > 1 and first & _block_names(view.table, block):
            yield Spot(Area(view.table.header.start, block.start, view.table.body.stop - 1, block.stop - 1), "")
    for row in view.table.others:
        texts = [text for text in view.sheet.row(row) if text.strip()]
        yield Spot(Area(row, view.table.columns.start, row, view.table.columns.stop - 1), "・".join(texts[:4]))


def _block_names(table: Table, block: range) -> set[str]:
    return {squeeze(table.names[column]) for column in block} - {""}


def split_table(view: View) -> Iterator[Hit]:
    """L1-03: blank rows and columns within the table, its header once more, headings between its rows."""
    table = view.table
    if table is None:
        return
    left, right = table.columns.start, table.columns.stop - 1
    for first, last in runs(table.blank_rows):
        yield Spot(Area(first, left, last, right), "", whole="rows")
    own = {
        block.start for block in table.blocks[1:] if _block_names(table, table.blocks[0]) & _block_names(table, block)
    }
    for first, last in runs(table.blank_columns):
        if last + 1 not in own:  # otherwise it parts two tables
            yield Spot(Area(table.header.start, first, table.body.stop - 1, last), "", whole="columns")
    for row in _repeated(table):
        yield Spot(Area(row, left, row, right), "・".join(view.sheet.row(row)[left : left + 4]))
    for row in _headings(table):
        yield Spot(Area(row, left, row, right), next(t for t in view.sheet.row(row) if t.strip()))


def _repeated(table: Table) -> Iterator[int]:
    if not table.header:
        return
    name_row = table.header.stop - 1
    same = np.ones(table.sheet.height, np.bool_)
    named = [c for c in table.columns if table.filled[name_row, c]]
    for column in named:
        codes = table.sheet.columns[column].codes
        same &= codes == codes[name_row]
    if len(named) > 1:
        yield from (int(row) for row in np.flatnonzero(same & table.rows))


def _headings(table: Table) -> Iterator[int]:
    """Rows with a single text, in a table whose other rows have figures."""
    numeric = [column for column in table.columns if table.profiles[column].is_numeric]
    if len(table.columns) < 3 or not numeric:  # noqa: PLR2004
        return
    for row in np.flatnonzero(table.rows & (table.filled.sum(axis=1) == 1)).tolist():
        column = int(np.argmax(table.filled[row]))
        if column not in numeric or _is_name(table.sheet.text(row, column)):
            yield row


def _is_name(text: str) -> bool:
    """Whether a text in a column of figures is a heading, and no figure with a remark."""
    return tidy(text) not in MISSING and not re.search(r"[0-9０-９]", text)


def outside_table(view: View) -> Iterator[Hit]:
    """L1-04: titles, units, dates and notes above and below."""
    if view.table is None:
        return
    lines: dict[int, list[tuple[int, str]]] = {}
    for row, column, text in outside(view.table):
        lines.setdefault(row, []).append((column, text))
    for row, found in lines.items():
        yield Spot(Area(row, found[0][0], row, found[-1][0]), " ".join(text for _, text in found))


def unnamed_column(view: View) -> Iterator[Hit]:
    """L1-05."""
    table = view.table
    if table is None:
        return
    if not table.header:
        yield Spot(Area(table.body.start, table.columns.start, table.body.start, table.columns.stop - 1), "")
        return
    for column in table.columns:
        if not table.names[column] and table.profiles[column].filled:
            yield Spot(cell(table.header.stop - 1, column), "")


def merged_cells(view: View) -> Iterator[Hit]:
    """L1-12."""
    for area in view.sheet.merged:
        yield Spot(area, view.sheet.text(area.top, area.left))


def hidden(view: View) -> Iterator[Hit]:
    """L1-13."""
    sheet = view.sheet
    if sheet.hidden:
        yield Spot(None, sheet.name)
    for first, last in runs(sheet.hidden_rows):
        yield Spot(Area(first, 0, last, max(sheet.width - 1, 0)), f"{first + 1}:{last + 1}", whole="rows")
    for first, last in runs(sheet.hidden_columns):
        letters = at(0, first).rstrip("1"), at(0, last).rstrip("1")
        yield Spot(Area(0, first, max(sheet.height - 1, 0), last), ":".join(letters), whole="columns")


def header_names(view: View) -> Iterator[Hit]:
    """L2-03: a header of several rows, and names that stand twice."""
    table = view.table
    if table is None or not table.header:
        return
    if len(table.header) > 1:
        yield Spot(Area(table.header.start, table.columns.start, table.header.stop - 1, table.columns.stop - 1), "")
    counts = Counter(squeeze(name) for name in table.names.values() if name)
    seen: set[str] = set()
    for column, name in table.names.items():
        key = squeeze(name)
        if counts[key] > 1 and key in seen and not _continues(table, column):
            yield Spot(cell(table.header.stop - 1, column), name)
        seen.add(key)


def _continues(table: Table, column: int) -> bool:
    """Whether the name of a column is that of its left neighbour, with which it is merged."""
    row = table.header.stop - 1
    return any(area.top <= row <= area.bottom and area.left < column <= area.right for area in table.sheet.merged)


def first_row(view: View) -> Iterator[Hit]:
    """L3-01."""
    table = view.table
    if table is not None and (not table.header or table.header != range(1)):
        rows = table.header or range(table.body.start, table.body.start + 1)
        yield Spot(Area(rows.start, table.columns.start, rows.stop - 1, table.columns.stop - 1), "")


def wide_form(view: View) -> Iterator[Hit]:
    """L3-09: periods as columns."""
    table = view.table
    if table is None or not table.header:
        return
    for level, row in enumerate(table.header):
        labels = {c: levels[level] for c, levels in table.levels.items() if _TIME_LABEL.match(squeeze(levels[level]))}
        if len(set(labels.values())) >= _WIDE:
            yield Spot(Area(row, min(labels), row, max(labels)), "・".join(list(dict.fromkeys(labels.values()))[:3]))
            return
