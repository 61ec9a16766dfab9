"""The header of a declared table: its levels, and which column holds which field. Refuses what was not declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.datasets import Column
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding
from pipelines.reading.cells import squeeze, tidy
from pipelines.reading.placed import Table, header_place


@dataclass(frozen=True, slots=True)
class Measure:
    """Where a field's cell is: in `column` of the row, or, for an unpivoted label, in the header at `row`."""

    name: str
    column: int
    row: int | None = None
    turned: bool = False


def headers_of(table: Table) -> dict[int, list[str]]:
    """For each column the levels of its header, merged cells filled, from the top."""
    filled = {(row, column): table.text(row, column) for row in table.header for column in table.columns}
    for (top, left), (bottom, right) in table.grid.merged:
        for row in (row for row in table.header if top <= row <= bottom):
            for column in range(max(left, table.columns.start), min(right + 1, table.columns.stop)):
                filled[row, column] = table.text(top, left)
    if not table.grid.merged or (table.layout.header and table.layout.header.carry):
        _fill_right(table, filled)
    return {column: [tidy(filled[row, column]) for row in table.header] for column in table.columns}


def _fill_right(table: Table, filled: dict[tuple[int, int], str]) -> None:
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


def groups_of(table: Table, headers: dict[int, list[str]], columns: dict[str, Column]) -> list[list[Measure]]:
    """The output rows that one row of the sheet makes: one, or one for each unpivoted header."""
    unpivot = table.layout.unpivot
    if unpivot is None:
        return [_match(table, {c: joined(levels) for c, levels in headers.items()}, columns)]
    level = unpivot.level - 1
    turned = {c: levels for c, levels in headers.items() if re.search(unpivot.matching, levels[level])}
    if not turned:
        facts = {"header": unpivot.matching, "headers": _shown(headers)}
        raise DeliveryRefused(Finding("header.missing", header_place(table), "", facts).at(field=unpivot.into))
    fixed = {c: joined(levels) for c, levels in headers.items() if c not in turned}
    measures = {c: joined([*levels[:level], *levels[level + 1 :]]) for c, levels in turned.items()}
    stub = {name: column for name, column in columns.items() if not _among(column, measures.values())}
    labels = list(dict.fromkeys(squeeze(levels[level]) for levels in turned.values()))
    groups = [_match(table, fixed, stub) + _turned(table, label, level, turned, measures, columns) for label in labels]
    _refuse_others(table, fixed, columns)  # after what is declared, so that a renamed label is told as missing
    return groups


def _refuse_others(table: Table, fixed: Mapping[int, str], columns: Mapping[str, Column]) -> None:
    """In a wide table a header that is not declared may be a year that was renamed: it is never just left out."""
    known = {squeeze(header) for column in columns.values() for header in column.headers}
    known |= {squeeze(header) for header in table.layout.ignore}
    for number, header in fixed.items():
        if header and header not in known:
            unpivot = table.layout.unpivot
            assert unpivot is not None
            place = replace(header_place(table), cell=table.address(table.header[-1], number))
            facts = {"matching": unpivot.matching}
            raise DeliveryRefused(Finding("header.unexpected", place, header, facts).at(field=unpivot.into))


def _turned(
    table: Table,
    label: str,
    level: int,
    turned: dict[int, list[str]],
    measures: dict[int, str],
    columns: dict[str, Column],
) -> list[Measure]:
    """The measures below one unpivoted header, and the header itself."""
    unpivot = table.layout.unpivot
    assert unpivot is not None
    mine = {c: measures[c] for c, levels in turned.items() if squeeze(levels[level]) == label}
    row, column = _standing(table, table.header[level], next(iter(mine)))
    head = Measure(unpivot.into, column, row)
    if unpivot.value is not None:
        only = _match(table, dict.fromkeys(mine, label), {unpivot.value: Column(headers=[label])})
        return [head, *(replace(measure, turned=True) for measure in only)]
    wanted = {name: column for name, column in columns.items() if _among(column, measures.values())}
    return [head, *(replace(measure, turned=True) for measure in _match(table, mine, wanted))]


def _standing(table: Table, row: int, column: int) -> tuple[int, int]:
    """Where the text of a header's cell stands, which may be filled from a merged one or from its left neighbour."""
    for (top, left), (bottom, right) in table.grid.merged:
        if top <= row <= bottom and left <= column <= right:
            return top, left
    while not table.text(row, column) and column > table.columns.start:
        column -= 1
    return row, column


def _among(column: Column, headers: Collection[str]) -> bool:
    return any(squeeze(header) in headers for header in column.headers)


def _match(table: Table, headers: dict[int, str], columns: dict[str, Column]) -> list[Measure]:
    """The column of each declared field. Raises DeliveryRefused when none or several fit."""
    measures = []
    for name, column in columns.items():
        if not column.headers:
            continue
        wanted = {squeeze(header) for header in column.headers}
        fitting = [c for c, header in headers.items() if header in wanted]
        if len(fitting) == 1:
            measures.append(Measure(name, fitting[0]))
        elif fitting or not column.optional:
            raise _mismatch(table, name, column, headers, fitting)
    return measures


def _mismatch(table: Table, name: str, column: Column, headers: dict[int, str], fitting: list[int]) -> DeliveryRefused:
    code = "header.ambiguous" if fitting else "header.missing"
    shown = {c: [header] for c, header in headers.items()}
    cells = "・".join(table.address(table.header[-1], c) for c in fitting)
    facts = {"header": " | ".join(column.headers), "headers": _shown(shown), "cells": cells}
    return DeliveryRefused(Finding(code, header_place(table), facts["headers"], facts).at(field=name))


def _shown(headers: dict[int, list[str]]) -> str:
    return "、".join(filter(None, (joined(levels) for levels in headers.values())))
