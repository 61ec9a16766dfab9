"""The rows below a header: which are data, and what each of them yields, with the address of every cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.datasets import Layout
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding
from pipelines.reading.addresses import cell_of, letter
from pipelines.reading.cells import tidy
from pipelines.reading.headers import Measure
from pipelines.reading.placed import Table


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


def require_even(table: Table) -> None:
    """Raise DeliveryRefused when a row has more or fewer fields than the header.

    Only a text file can have such rows. An unquoted `1,234` would else be published as 1, a row broken off as empty.
    """
    rows = table.grid.rows
    width = len(rows[table.header[-1]])
    odd = [row for row in body_rows(table) if len(rows[row]) < width or any(text.strip() for text in rows[row][width:])]
    if not odd:
        return
    ranges = [f"{table.address(row, 0)}:{table.address(row, len(rows[row]) - 1)}" for row in odd]
    facts, samples = {"columns": str(width)}, tuple(ranges[:5])
    found = Finding("csv.ragged", table.place, str(len(rows[odd[0]])), facts, len(odd), samples)
    raise DeliveryRefused(found.at(cell=ranges[0]))


def collect(table: Table, groups: list[list[Measure]], names: list[str]) -> Cells:
    """What the rows of the body yield for these fields, sections and constants of the declaration included."""
    layout = table.layout
    section = [layout.section.into] if layout.section else []
    cells = Cells({name: [] for name in [*names, *section, *layout.cells, *layout.constants]})
    varying = _varying(table, groups, names) | set(section)
    cells.addresses = {name: [] for name in varying}
    cells.columns = {m.name: letter(m.column) for m in groups[0] if m.name not in varying}
    carried: dict[str, tuple[str, str]] = {}
    for row in body_rows(table):
        if layout.section and _is_heading(table, row, groups[0]):
            carried[layout.section.into] = _heading(table, row)
            continue
        for group in groups:
            _add(table, cells, row, group, carried, varying)
    _add_once(table, cells)
    return cells


def _add_once(table: Table, cells: Cells) -> None:
    """The fields that are the same in every row: constants, and those that stand in one cell of the sheet."""
    count = len(cells.rows)
    for name, value in table.layout.constants.items():
        cells.texts[name] = [value] * count
    for name, address in table.layout.cells.items():
        cells.texts[name], cells.addresses[name] = [_text_at(table, address)] * count, [address] * count


def _text_at(table: Table, address: str) -> str:
    """The text of a cell of the sheet, as the sheet lies."""
    row, column = cell_of(address)
    return table.text(column, row) if table.layout.transpose else table.text(row, column)


def _is_heading(table: Table, row: int, group: list[Measure]) -> bool:
    """Whether a row has text in the column of its headings alone."""
    section = table.layout.section
    assert section is not None
    column = next((m.column for m in group if m.name == section.field), None)
    filled = [number for number in table.columns if table.text(row, number).strip()]
    if filled != [column]:
        return False
    return section.matching is None or re.search(section.matching, tidy(table.text(row, filled[0]))) is not None


def _heading(table: Table, row: int) -> tuple[str, str]:
    column = next(number for number in table.columns if table.text(row, number).strip())
    return table.text(row, column), table.address(row, column)


def _varying(table: Table, groups: list[list[Measure]], names: list[str]) -> set[str]:
    """The fields whose address is not simply their column in the row."""
    if table.layout.transpose:
        return set(names)
    columns: dict[str, set[tuple[int, int | None]]] = {}
    for group in groups:
        for measure in group:
            columns.setdefault(measure.name, set()).add((measure.column, measure.row))
    unsteady = {name for name, places in columns.items() if len(places) > 1 or next(iter(places))[1] is not None}
    return unsteady | (set(table.layout.fill_down) & set(names))


def body_rows(table: Table) -> Iterator[int]:
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
    table: Table, cells: Cells, row: int, group: list[Measure], carried: dict[str, tuple[str, str]], varying: set[str]
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


def _value(table: Table, row: int, measure: Measure, carried: dict[str, tuple[str, str]]) -> tuple[str, str]:
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


def _is_gap(layout: Layout, group: list[Measure], values: dict[str, tuple[str, str]]) -> bool:
    """In a table that says so, unpivoted cells that are all blank are no row."""
    if layout.unpivot is None or not layout.unpivot.blank_is_no_row:
        return False
    return not any(values[m.name][0].strip() for m in group if m.turned)
