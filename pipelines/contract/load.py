"""Rows of text → one typed table, with every cell that can't be read, not the first.

Texts that are already canonical are cast by DuckDB in bulk. Of all others each *distinct* text goes once
through the cell grammar; so a table of ten million regular rows costs no Python, and a workbook full
of eras and units costs a few calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contract.places import cell_findings
from pipelines.contract.types import duckdb_type, is_canonical
from pipelines.datasets import Column, Dataset, Field
from pipelines.findings import Finding, Place
from pipelines.reading.cells import NotReadable, canonical, tidy
from pipelines.reading.read import Raw
from pipelines.sqltext import identifier, literal

WHITE = " \t\r\n　"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The typed table in primary key order, as Parquet with its hidden columns, and what could not be read."""

    path: Path
    findings: list[Finding]


def load(connection: duckdb.DuckDBPyConnection, raw: Raw, dataset: Dataset, place: Place, workshop: Path) -> Loaded:
    """Type the rows of a delivery by their contract."""
    fields = dataset.schema.fields
    present = {row[0] for row in connection.execute(f"DESCRIBE {raw.relation}").fetchall()}
    texts = {f.name: _text(f.name, dataset) if f.name in present else "NULL::VARCHAR" for f in fields}
    odd = _odd_fields(connection, raw, dataset, texts)
    for field in fields:
        if field.name in odd:
            _map(connection, raw, field, texts[field.name], dataset)
    findings = [
        x for f in fields if f.name in odd for x in _unreadable(connection, raw, f, texts[f.name], place, present)
    ]
    path = workshop / "typed.parquet"
    hidden = sorted(name for name in present if name.startswith("_"))
    _write(connection, raw, dataset, texts, odd, hidden, path)
    return Loaded(path, findings)


def _text(name: str, dataset: Dataset) -> str:
    """SQL: the text of a cell without outer white space; NULL when it stands for no value."""
    stripped = f"trim(r.{identifier(name)}, {literal(WHITE)})"
    missing = ", ".join(literal(text) for text in ["", *dataset.source.missing])
    return f"CASE WHEN {stripped} IN ({missing}) THEN NULL ELSE {stripped} END"


def _needs_grammar(column: Column | None) -> bool:
    """Whether every text of a column goes through the grammar, because more is asked of it than a cast."""
    return column is not None and bool(column.pattern or column.values is not None or column.scale)


def _odd_fields(
    connection: duckdb.DuckDBPyConnection, raw: Raw, dataset: Dataset, texts: Mapping[str, str]
) -> set[str]:
    """The fields with texts that DuckDB can't simply cast; one pass over all of them."""
    asked = {f.name for f in dataset.schema.fields if _needs_grammar(dataset.source.columns.get(f.name))}
    plain = [f for f in dataset.schema.fields if f.name not in asked and f.type != "string"]
    if not plain:
        return asked
    tests = ", ".join(f"bool_or({t} IS NOT NULL AND NOT {is_canonical(f, t)})" for f in plain for t in [texts[f.name]])
    row = connection.execute(f"SELECT {tests} FROM ({raw.relation}) r").fetchone() or ()
    return asked | {f.name for f, odd in zip(plain, row, strict=True) if odd}


def _map(connection: duckdb.DuckDBPyConnection, raw: Raw, field: Field, text: str, dataset: Dataset) -> None:
    """Register what each odd text of a field means: `_map_<field>` with text, value, code and facts."""
    column = dataset.source.columns.get(field.name)
    test = "true" if _needs_grammar(column) else f"NOT {is_canonical(field, text)}"
    query = f"SELECT DISTINCT {text} AS text FROM ({raw.relation}) r WHERE {text} IS NOT NULL AND {test}"
    found = [row[0] for row in connection.execute(query).fetchall()]
    meanings = [_meaning(field, column or Column(), text) for text in found]
    table = pa.table(
        {
            "text": pa.array(found, pa.string()),
            "value": pa.array([m.value for m in meanings], pa.string()),
            "code": pa.array([m.code for m in meanings], pa.string()),
            "expected": pa.array([m.expected for m in meanings], pa.string()),
        }
    )
    connection.register(f"_map_{field.name}", table)


@dataclass(frozen=True, slots=True)
class _Meaning:
    value: str | None = None
    code: str | None = None
    expected: str = ""


def _meaning(field: Field, column: Column, text: str) -> _Meaning:
    """What one text says, or the code of what is wrong with it."""
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
    return _Meaning(value=value)


def _unreadable(
    connection: duckdb.DuckDBPyConnection, raw: Raw, field: Field, text: str, place: Place, present: set[str]
) -> Sequence[Finding]:
    at = f"_at_{field.name}"
    address = identifier(at) if at in present else "NULL::VARCHAR"
    rows = (
        f"SELECT r._part, r._row, {address} AS address, m.text AS found, m.code, m.expected "
        f"FROM ({raw.relation}) r JOIN {identifier(f'_map_{field.name}')} m ON m.text = {text} WHERE m.code IS NOT NULL"
    )
    return cell_findings(connection, rows, field, raw.parts, place)


def _write(
    connection: duckdb.DuckDBPyConnection,
    raw: Raw,
    dataset: Dataset,
    texts: Mapping[str, str],
    mapped: set[str],
    hidden: Sequence[str],
    path: Path,
) -> None:
    """Cast, sort by the primary key, and write."""
    joins = "".join(
        f" LEFT JOIN {identifier(f'_map_{n}')} m_{n} ON m_{n}.text = {texts[n]}" for n in texts if n in mapped
    )
    values = [
        f"{_typed(f, texts[f.name], dataset, mapped=f.name in mapped)} AS {identifier(f.name)}"
        for f in dataset.schema.fields
    ]
    bad = [f"CASE WHEN m_{n}.code IS NOT NULL THEN {literal(n)} END" for n in texts if n in mapped]
    marks = [f"list_filter([{', '.join(bad)}], lambda x: x IS NOT NULL) AS _bad"] if bad else []
    columns = ", ".join([*values, *(f"r.{identifier(name)}" for name in hidden), *marks])
    order = ", ".join(identifier(name) for name in dataset.schema.primaryKey)
    # The row last: where a key is doubled, the order is that of the delivery on every run.
    query = f"SELECT {columns} FROM ({raw.relation}) r{joins} ORDER BY {order}, r._part, r._row"
    connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION lz4_raw)")


def _typed(field: Field, text: str, dataset: Dataset, *, mapped: bool) -> str:
    kind = duckdb_type(field)
    if _needs_grammar(dataset.source.columns.get(field.name)):
        return f"CAST(m_{field.name}.value AS {kind})"
    plain = text if field.type == "string" else f"TRY_CAST({text} AS {kind})"
    if not mapped:
        return plain
    return f"coalesce(CASE WHEN {is_canonical(field, text)} THEN {plain} END, CAST(m_{field.name}.value AS {kind}))"
