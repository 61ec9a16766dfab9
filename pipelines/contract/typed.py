"""A typed table on disk: what is published, and beside it, row by row in the same order, where each row came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contract.table_schema import table_schema
from pipelines.contract.types import CSV_FORM, csv_select
from pipelines.datasets import Schema
from pipelines.sqltext import identifier, literal, parquet

FORM = "FORMAT parquet, COMPRESSION zstd"
PASSING = {"_odd", "_bad"}


@dataclass(frozen=True, slots=True)
class Typed:
    """`table` (Parquet) and `csv` have the published columns in primary key order; `places` row by row where from.

    `places` has `part`, `row`, `at_<field>` or `refs`.
    """

    table: Path
    csv: Path
    places: Path
    hidden: tuple[str, ...]

    @property
    def relation(self) -> str:
        """SQL: the published columns alone."""
        return parquet(self.table)

    @property
    def located(self) -> str:
        """SQL: the published columns with the hidden ones, `_part`, `_row`, `_at_<field>` …, of the same row."""
        places = ", ".join(f"p.{identifier(name[1:])} AS {identifier(name)}" for name in self.hidden)
        joined = f"{self.relation} t POSITIONAL JOIN {parquet(self.places)} p"
        return f"(SELECT t.*, {places} FROM {joined})"


def sort(connection: duckdb.DuckDBPyConnection, query: str, order: str) -> None:
    """Run the query that types a table, in order, into `_typed`. What does not fit in memory spills."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _typed AS {query} ORDER BY {order}")


def settle(connection: duckdb.DuckDBPyConnection, schema: Schema, workshop: Path, *, with_bad: bool = False) -> Typed:
    """Write `_typed` to disk and let go of it. `with_bad` keeps the column that names cells that could not be read."""
    columns = [row[0] for row in connection.execute("DESCRIBE _typed").fetchall()]
    passing = PASSING - {"_bad"} if with_bad else PASSING
    hidden = tuple(name for name in columns if name.startswith("_") and name not in passing)
    typed = Typed(workshop / "table.parquet", workshop / "table.csv", workshop / "places.parquet", hidden)
    published = ", ".join(identifier(name) for name in schema.names)
    places = ", ".join(f"{identifier(name)} AS {identifier(name[1:])}" for name in hidden)
    for select, path, form in ((published, typed.table, _described(schema)), (places, typed.places, FORM)):
        connection.execute(f"COPY (SELECT {select} FROM _typed) TO {literal(str(path))} ({form})")
    connection.execute("DROP TABLE _typed")
    # From the Parquet: of a long table that is quicker to read than what was spilled.
    csv = f"SELECT {csv_select(schema.fields)} FROM {typed.relation}"
    connection.execute(f"COPY ({csv}) TO {literal(str(typed.csv))} ({_csv(schema)})")
    return typed


def _described(schema: Schema) -> str:
    """The form of the Parquet: the fields' titles, units and descriptions travel in its metadata `table_schema`."""
    words = json.dumps(table_schema(schema), ensure_ascii=False, sort_keys=True)
    return f"{FORM}, KV_METADATA {{table_schema: {literal(words)}}}"


def _csv(schema: Schema) -> str:
    """The form of the canonical CSV: texts always quoted, nothing else ever, so that no library has a choice."""
    texts = ", ".join(identifier(field.name) for field in schema.fields if field.type == "string")
    return f"{CSV_FORM}, FORCE_QUOTE ({texts})" if texts else CSV_FORM
