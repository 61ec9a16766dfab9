"""Rows of text → one typed table, with every cell that can't be read, not the first.

Texts that are already canonical are cast by DuckDB in bulk. Of all others each *distinct* text goes once
through the cell grammar; so a table of ten million regular rows costs no Python, and a workbook full
of eras and units costs a few calls.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contract.desk import Desk
from pipelines.contract.places import cell_findings
from pipelines.contract.plain import type_plain
from pipelines.contract.typed import Typed, settle, sort
from pipelines.contract.types import duckdb_type
from pipelines.datasets import Column, Dataset, Field
from pipelines.findings import Finding, Place
from pipelines.reading.cells import NotReadable, canonical, tidy
from pipelines.reading.read import Raw
from pipelines.sqltext import identifier, literal

WHITE = " \t\r\n　"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The typed table, and what could not be read."""

    typed: Typed
    findings: list[Finding]


def load(connection: duckdb.DuckDBPyConnection, raw: Raw, dataset: Dataset, place: Place, workshop: Path) -> Loaded:
    """Type the rows of a delivery by their contract."""
    desk = Desk.of(connection, raw, dataset, place)
    asked = {f.name for f in dataset.schema.fields if _needs_grammar(dataset.source.columns.get(f.name))}
    if not asked and type_plain(desk):
        return Loaded(settle(connection, dataset.schema, workshop), [])
    mapped = asked | _odd_fields(desk, asked)
    for field in dataset.schema.fields:
        if field.name in mapped:
            _map(desk, field)
    findings = [found for f in dataset.schema.fields if f.name in mapped for found in _unreadable(desk, f)]
    _type_mapped(desk, mapped)
    return Loaded(settle(connection, dataset.schema, workshop, with_bad=bool(findings)), findings)


def _needs_grammar(column: Column | None) -> bool:
    """Whether every text of a column goes through the grammar, because more is asked of it than a cast."""
    return column is not None and bool(column.pattern or column.values is not None or column.scale)


def _odd_fields(desk: Desk, asked: set[str]) -> set[str]:
    """The fields with texts that are not simply their values."""
    plain = [field for field in desk.fields if field.name not in asked]
    if not plain:
        return set()
    tests = ", ".join(f"coalesce(bool_or({desk.odd(field)}), false)" for field in plain)
    row = desk.connection.execute(f"SELECT {tests} FROM ({desk.raw.relation}) r").fetchone() or ()
    return {field.name for field, odd in zip(plain, row, strict=True) if odd}


def _map(desk: Desk, field: Field) -> None:
    """Register what each odd text of a field means: `_map_<field>` with text, value, code and facts."""
    column, text = desk.dataset.source.columns.get(field.name), desk.text(field)
    test = "true" if _needs_grammar(column) else desk.odd(field)
    query = f"SELECT DISTINCT {text} AS text FROM ({desk.raw.relation}) r WHERE {text} IS NOT NULL AND {test}"
    found = [row[0] for row in desk.connection.execute(query).fetchall()]
    missing = {"", *desk.dataset.source.missing}
    meanings = [_meaning(field, column or Column(), text, missing) for text in found]
    table = pa.table(
        {
            "text": pa.array(found, pa.string()),
            "value": pa.array([m.value for m in meanings], pa.string()),
            "code": pa.array([m.code for m in meanings], pa.string()),
            "expected": pa.array([m.expected for m in meanings], pa.string()),
        }
    )
    desk.connection.register(f"_map_{field.name}", table)


@dataclass(frozen=True, slots=True)
class _Meaning:
    value: str | None = None
    code: str | None = None
    expected: str = ""


def _meaning(field: Field, column: Column, text: str, missing: Collection[str]) -> _Meaning:
    """What one text says, or the code of what is wrong with it."""
    text = text.strip(WHITE)
    if text in missing:
        return _Meaning()
    if column.pattern is not None:
        match = re.search(column.pattern, tidy(text))
        if match is None or match.group(1) is None:
            return _Meaning() if column.optional else _Meaning(code="cell.pattern", expected=column.pattern)
        text = match.group(1)
    if column.values is not None:
        known = {tidy(key): value for key, value in column.values.items()}
        if tidy(text) not in known:
            return _Meaning(code="cell.choice", expected="、".join(column.values))
        text = known[tidy(text)]
    try:
        value = canonical(field.type, text, unit=column.unit, scale=column.scale or 1, decimals=field.decimals or 0)
    except NotReadable as error:
        return _Meaning(code=f"cell.{error.code}", expected="、".join(map(str, error.expected.values())))
    return _Meaning(value=value or None)  # an empty text is no value: a CSV can't tell the two apart


def _unreadable(desk: Desk, field: Field) -> Sequence[Finding]:
    """The cells of a field whose text the grammar refused."""
    at = f"_at_{field.name}"
    address = f"r.{identifier(at)}" if at in desk.present else "NULL::VARCHAR"
    rows = (
        f"SELECT r._part, r._row, {address} AS address, m.text AS found, m.code, m.expected "
        f"FROM ({desk.raw.relation}) r JOIN {identifier(f'_map_{field.name}')} m ON m.text = {desk.text(field)} "
        f"WHERE m.code IS NOT NULL"
    )
    return cell_findings(desk.connection, rows, field, desk.raw.parts, desk.place)


def _type_mapped(desk: Desk, mapped: set[str]) -> None:
    """Cast, and sort by the primary key. `_bad` names the fields of a row that could not be read."""
    known = [field for field in desk.fields if field.name in mapped]
    joins = "".join(
        f" LEFT JOIN {identifier(f'_map_{f.name}')} m_{f.name} ON m_{f.name}.text = {desk.text(f)}" for f in known
    )
    values = [f"{_mapped(desk, f) if f in known else desk.plain(f)} AS {identifier(f.name)}" for f in desk.fields]
    bad = ", ".join(f"CASE WHEN m_{f.name}.code IS NOT NULL THEN {literal(f.name)} END" for f in known)
    columns = ", ".join([*values, desk.hidden, f"list_filter([{bad}], lambda x: x IS NOT NULL) AS _bad"])
    sort(desk.connection, f"SELECT {columns} FROM ({desk.raw.relation}) r{joins}", desk.order)


def _mapped(desk: Desk, field: Field) -> str:
    """SQL: the value of a text by what the grammar made of it, and by its cast where the grammar was not asked."""
    meant = f"CAST(m_{field.name}.value AS {duckdb_type(field)})"
    if _needs_grammar(desk.dataset.source.columns.get(field.name)):
        return meant
    return f"CASE WHEN {desk.odd(field)} THEN {meant} ELSE {desk.plain(field)} END"
