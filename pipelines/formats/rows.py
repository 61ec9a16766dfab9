"""The table as a JSON array of objects, one row a line. Numbers are exact: a `number` has its decimals, `902.00`."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.formats.table import Column, Table

LIMIT = 100_000
_PLAIN = {"integer", "number", "boolean", "year"}


def json_rows(table: Table, path: Path) -> None:
    """Write the table to a path. Raises Unfit above the limit."""
    table.at_most(LIMIT)
    row = " || ', ' || ".join(_member(column) for column in table.columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        before = "[\n"
        for (line,) in table.rows([f"'{{' || {row} || '}}'"]):
            file.write(f"{before}{line}")
            before = ",\n"
        file.write(f"{before if table.count == 0 else chr(10)}]\n")


def json_value(column: Column) -> str:
    """SQL: a value as JSON text. Numbers as they are written in the canonical CSV, everything else as a string."""
    value = column.text if column.type in _PLAIN else f"to_json({column.text})::VARCHAR"
    return f"coalesce({value}, 'null')"


def _member(column: Column) -> str:
    name = json.dumps(column.name)
    return f"'{name}: ' || {json_value(column)}"
