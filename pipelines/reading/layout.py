"""Reads one declared table out of a grid. Refuses when the sheet disagrees with the declaration."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.datasets import Column, Layout
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import cell_of, column_of, letter
from pipelines.reading.cells import squeeze, tidy
from pipelines.reading.grid import Grid


@dataclass(slots=True)
class Cells:
    """What one table yields, column by column: `texts[field][i]` stands at `addresses[field][i]`.

    `rows[i]` is the spreadsheet's row. `addresses` has only the fields whose column differs from row to
    row; of the others `columns` has the letter. Fields in neither are constants of the declaration.
    """

    texts: dict[str, list[str]]
    rows: list[int] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def address(self, name: str, index: int) -> str:
        """The address of a field's cell in one of the rows; empty when it has none."""
        if name in self.addresses:
            return self.addresses[name][index]
        return f"{self.columns[name]}{self.rows[index]}" if name in self.columns else ""


@dataclass(frozen=True, slots=True)
class _Measure:
    """Where a field's cell is: in `column` of the row, or, for an unpivoted label, in the header at `row`."""

    name: str
    column: int
    row: int | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """A grid seen through a layout: the header's rows, the rows of the body and the columns, all from 0."""

    grid: Grid
    place: Place
    layout: Layout
    header: Sequence[int]
    body: range
    columns: range

    def text(self, row: int, column: int) -> str:
        cells = self.grid.rows[row] if row < len(self.grid.rows) else []
        return cells[column] if column < len(cells) else ""

    def address(self, row: int, column: int) -> str:
        if self.layout.transpose:
            row, column = column, row
        return f"{letter(column)}{row + 1}"


def read_table(grid: Grid, layout: Layout, columns: dict[str, Column], place: Place) -> Cells:
    """The rows of one table. Raises DeliveryRefused when header or anchor are not where they are declared."""
    table = _locate(grid.flipped() if layout.transpose else grid, layout, place)
    headers = _headers(table)
    groups = _groups(table, headers, columns)
    _require_even(table)
    return _collect(table, groups, sorted({m.name for group in groups for m in group}))


def header_levels(grid: Grid, layout: Layout, place: Place) -> dict[int, list[str]]:
    """For each column, from 0, the levels of its header from the top, as `read_table` sees them."""
    return _headers(_locate(grid.flipped() if layout.transpose else grid, layout, place))


def _locate(grid: Grid, layout: Layout, place: Place) -> _Table:
    place = Place(place.dataset, place.file, grid.sheet)
    above = _anchor_row(grid, layout, place)
    header = [above + row - 1 for row in (layout.header.rows if layout.header else [1])]
    first = above + layout.rows.start - 1 if layout.rows and layout.rows.start else header[-1] + 1
    last = above + layout.rows.end if layout.rows and layout.rows.end else len(grid.rows)
    width = max((len(row) for row in grid.rows), default=0)
    return _Table(grid, place, layout, header, range(first, min(last, len(grid.rows))), _columns(layout, width))


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


def _headers(table: _Table) -> dict[int, list[str]]:
    """For each column the levels of its header, merged cells filled, from the top."""
    filled = {(row, column): table.text(row, column) for row in table.header for column in table.columns}
    for (top, left), (bottom, right) in table.grid.merged:
        for row in (row for row in table.header if top <= row <= bottom):
            for column in range(max(left, table.columns.start), min(right + 1, table.columns.stop)):
                filled[row, column] = table.text(top, left)
    if not table.grid.merged or (table.layout.header and table.layout.header.carry):
        _fill_right(table, filled)
    return {column: [tidy(filled[row, column]) for row in table.header] for column in table.columns}


def _fill_right(table: _Table, filled: dict[tuple[int, int], str]) -> None:
    """Without merged cells (text files), an empty upper level carries on from its left neighbour."""
    for row in table.header[:-1]:
        carried = ""
        for column in table.columns:
            carried = filled[row, column] or carried
            filled[row, column] = carried


def joined(levels: Sequence[str]) -> str:
    """`総量/可燃`, as columns are declared; empty levels and neighbours that are equal count once."""
    kept: list[str] = []
    for level in map(squeeze, levels):
        if level and (not kept or kept[-1] != level):
            kept.append(level)
    return "/".join(kept)


def _groups(table: _Table, headers: dict[int, list[str]], columns: dict[str, Column]) -> list[list[_Measure]]:
    """The output rows that one row of the sheet makes: one, or one for each unpivoted header."""
    unpivot = table.layout.unpivot
    if unpivot is None:
        return [_match(table, {c: joined(levels) for c, levels in headers.items()}, columns)]
    level = unpivot.level - 1
    turned = {c: levels for c, levels in headers.items() if re.search(unpivot.matching, levels[level])}
    if not turned:
        facts = {"header": unpivot.matching, "headers": _shown(headers)}
        raise DeliveryRefused(Finding("header.missing", _header_place(table), "", facts).at(field=unpivot.into))
    fixed = {c: joined(levels) for c, levels in headers.items() if c not in turned}
    measures = {c: joined([*levels[:level], *levels[level + 1 :]]) for c, levels in turned.items()}
    stub = {name: column for name, column in columns.items() if not _among(column, measures.values())}
    labels = list(dict.fromkeys(squeeze(levels[level]) for levels in turned.values()))
    groups = [_match(table, fixed, stub) + _turned(table, label, level, turned, measures, columns) for label in labels]
    _refuse_others(table, fixed, columns)  # after what is declared, so that a renamed label is told as missing
    return groups


def _refuse_others(table: _Table, fixed: Mapping[int, str], columns: Mapping[str, Column]) -> None:
    """In a wide table a header that is not declared may be a year that was renamed: it is never just left out."""
    known = {squeeze(header) for column in columns.values() for header in column.headers}
    known |= {squeeze(header) for header in table.layout.ignore}
    for number, header in fixed.items():
        if header and header not in known:
            unpivot = table.layout.unpivot
            assert unpivot is not None
            place = replace(_header_place(table), cell=table.address(table.header[-1], number))
            facts = {"matching": unpivot.matching}
            raise DeliveryRefused(Finding("header.unexpected", place, header, facts).at(field=unpivot.into))


def _turned(
    table: _Table,
    label: str,
    level: int,
    turned: dict[int, list[str]],
    measures: dict[int, str],
    columns: dict[str, Column],
) -> list[_Measure]:
    """The measures below one unpivoted header, and the header itself."""
    unpivot = table.layout.unpivot
    assert unpivot is not None
    mine = {c: measures[c] for c, levels in turned.items() if squeeze(levels[level]) == label}
    row, column = _standing(table, table.header[level], next(iter(mine)))
    head = _Measure(unpivot.into, column, row)
    if unpivot.value is not None:
        only = _match(table, dict.fromkeys(mine, label), {unpivot.value: Column(headers=[label])})
        return [head, *(replace(measure, turned=True) for measure in only)]
    wanted = {name: column for name, column in columns.items() if _among(column, measures.values())}
    return [head, *(replace(measure, turned=True) for measure in _match(table, mine, wanted))]


def _standing(table: _Table, row: int, column: int) -> tuple[int, int]:
    """Where the text of a header's cell stands, which may be filled from a merged one or from its left neighbour."""
    for (top, left), (bottom, right) in table.grid.merged:
        if top <= row <= bottom and left <= column <= right:
            return top, left
    while not table.text(row, column) and column > table.columns.start:
        column -= 1
    return row, column


def _among(column: Column, headers: Collection[str]) -> bool:
    return any(squeeze(header) in headers for header in column.headers)


def _match(table: _Table, headers: dict[int, str], columns: dict[str, Column]) -> list[_Measure]:
    """The column of each declared field. Raises DeliveryRefused when none or several fit."""
    measures = []
    for name, column in columns.items():
        if not column.headers:
            continue
        wanted = {squeeze(header) for header in column.headers}
        fitting = [c for c, header in headers.items() if header in wanted]
        if len(fitting) == 1:
            measures.append(_Measure(name, fitting[0]))
        elif fitting or not column.optional:
            raise _mismatch(table, name, column, headers, fitting)
    return measures


def _mismatch(table: _Table, name: str, column: Column, headers: dict[int, str], fitting: list[int]) -> DeliveryRefused:
    code = "header.ambiguous" if fitting else "header.missing"
    shown = {c: [header] for c, header in headers.items()}
    cells = "・".join(table.address(table.header[-1], c) for c in fitting)
    facts = {"header": " | ".join(column.headers), "headers": _shown(shown), "cells": cells}
    return DeliveryRefused(Finding(code, _header_place(table), facts["headers"], facts).at(field=name))


def _header_place(table: _Table) -> Place:
    if not table.columns:
        return table.place
    first = table.address(table.header[0], table.columns[0])
    last = table.address(table.header[-1], table.columns[-1])
    return Place(table.place.dataset, table.place.file, table.place.sheet, f"{first}:{last}")


def _shown(headers: dict[int, list[str]]) -> str:
    return "、".join(filter(None, (joined(levels) for levels in headers.values())))


def _require_even(table: _Table) -> None:
    """Raise DeliveryRefused when a row has more or fewer fields than the header.

    Only a text file can have such rows. An unquoted `1,234` would else be published as 1, a row broken off as empty.
    """
    rows = table.grid.rows
    width = len(rows[table.header[-1]])
    odd = [row for row in _body(table) if len(rows[row]) < width or any(text.strip() for text in rows[row][width:])]
    if not odd:
        return
    ranges = [f"{table.address(row, 0)}:{table.address(row, len(rows[row]) - 1)}" for row in odd]
    facts, samples = {"columns": str(width)}, tuple(ranges[:5])
    found = Finding("csv.ragged", table.place, str(len(rows[odd[0]])), facts, len(odd), samples)
    raise DeliveryRefused(found.at(cell=ranges[0]))


def _collect(table: _Table, groups: list[list[_Measure]], names: list[str]) -> Cells:
    layout = table.layout
    section = [layout.section.into] if layout.section else []
    cells = Cells({name: [] for name in [*names, *section, *layout.cells, *layout.constants]})
    varying = _varying(table, groups, names) | set(section)
    cells.addresses = {name: [] for name in varying}
    cells.columns = {m.name: letter(m.column) for m in groups[0] if m.name not in varying}
    carried: dict[str, tuple[str, str]] = {}
    for row in _body(table):
        if layout.section and _is_heading(table, row, groups[0]):
            carried[layout.section.into] = _heading(table, row)
            continue
        for group in groups:
            _add(table, cells, row, group, carried, varying)
    _add_once(table, cells)
    return cells


def _add_once(table: _Table, cells: Cells) -> None:
    """The fields that are the same in every row: constants, and those that stand in one cell of the sheet."""
    count = len(cells.rows)
    for name, value in table.layout.constants.items():
        cells.texts[name] = [value] * count
    for name, address in table.layout.cells.items():
        cells.texts[name], cells.addresses[name] = [_text_at(table, address)] * count, [address] * count


def _text_at(table: _Table, address: str) -> str:
    """The text of a cell of the sheet, as the sheet lies."""
    row, column = cell_of(address)
    return table.text(column, row) if table.layout.transpose else table.text(row, column)


def _is_heading(table: _Table, row: int, group: list[_Measure]) -> bool:
    """Whether a row has text in the column of its headings alone."""
    section = table.layout.section
    assert section is not None
    column = next((m.column for m in group if m.name == section.field), None)
    filled = [number for number in table.columns if table.text(row, number).strip()]
    if filled != [column]:
        return False
    return section.matching is None or re.search(section.matching, tidy(table.text(row, filled[0]))) is not None


def _heading(table: _Table, row: int) -> tuple[str, str]:
    column = next(number for number in table.columns if table.text(row, number).strip())
    return table.text(row, column), table.address(row, column)


def _varying(table: _Table, groups: list[list[_Measure]], names: list[str]) -> set[str]:
    """The fields whose address is not simply their column in the row."""
    if table.layout.transpose:
        return set(names)
    columns: dict[str, set[tuple[int, int | None]]] = {}
    for group in groups:
        for measure in group:
            columns.setdefault(measure.name, set()).add((measure.column, measure.row))
    unsteady = {name for name, places in columns.items() if len(places) > 1 or next(iter(places))[1] is not None}
    return unsteady | (set(table.layout.fill_down) & set(names))


def _body(table: _Table) -> Iterator[int]:
    """The rows of the sheet that are data: not blank, not totals, and above the notes."""
    notes = re.compile(table.layout.notes) if table.layout.notes else None
    for row in table.body:
        texts = [table.text(row, column) for column in table.columns]
        first = next((tidy(text) for text in texts if text.strip()), None)
        if first is None:
            continue
        if notes and notes.search(first):
            return
        yield row


def _add(
    table: _Table, cells: Cells, row: int, group: list[_Measure], carried: dict[str, tuple[str, str]], varying: set[str]
) -> None:
    values = {m.name: _value(table, row, m, carried) for m in group}
    if section := table.layout.section:
        values[section.into] = carried.get(section.into, ("", ""))
    if _skipped(table.layout, values) or _is_gap(table.layout, group, values):
        return
    cells.rows.append(row + 1)
    for name, column in cells.texts.items():
        if name not in table.layout.constants and name not in table.layout.cells:
            column.append(values.get(name, ("", ""))[0])
    for name in varying:
        cells.addresses[name].append(values.get(name, ("", ""))[1])


def _value(table: _Table, row: int, measure: _Measure, carried: dict[str, tuple[str, str]]) -> tuple[str, str]:
    row = row if measure.row is None else measure.row
    text, address = table.text(row, measure.column), table.address(row, measure.column)
    if measure.name not in table.layout.fill_down:
        return text, address
    if text.strip():
        carried[measure.name] = (text, address)
    return carried.get(measure.name, (text, address))


def _skipped(layout: Layout, values: dict[str, tuple[str, str]]) -> bool:
    return any(
        skip.field in values and re.search(skip.matching, tidy(values[skip.field][0])) is not None
        for skip in layout.skip
    )


def _is_gap(layout: Layout, group: list[_Measure], values: dict[str, tuple[str, str]]) -> bool:
    """In a table that says so, unpivoted cells that are all blank are no row."""
    if layout.unpivot is None or not layout.unpivot.blank_is_no_row:
        return False
    return not any(values[m.name][0].strip() for m in group if m.turned)
