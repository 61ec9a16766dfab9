"""Derived tables: SQL over published tables, with the rows that every figure came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from pipelines.contract.load import Loaded
from pipelines.contract.typed import settle, sort
from pipelines.contract.types import duckdb_type
from pipelines.datasets import Dataset, Field
from pipelines.errors import ConfigurationError
from pipelines.findings import Finding, Place
from pipelines.sqltext import identifier, literal, parquet

# What says nothing of the SQL: disk and memory (OperationalError), a stop from outside, DuckDB's own faults.
PASSING: Final = (duckdb.OperationalError, duckdb.InterruptException, duckdb.InternalError, duckdb.FatalException)


@dataclass(frozen=True, slots=True)
class Input:
    """The published table of another dataset: local path of its Parquet and its version."""

    path: Path
    version: str


def derive(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, inputs: Mapping[str, Input], place: Place, workshop: Path
) -> Loaded:
    """Run a dataset's SQL over its inputs. Raises ConfigurationError when it does not yield the contract."""
    for name in dataset.source.inputs:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS {_view(name, inputs[name])}")
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _derived AS {dataset.source.sql}")
    except PASSING:
        raise  # no verdict on the SQL, which would be remembered: the next night tries again
    except duckdb.Error as error:
        raise ConfigurationError(Finding("derived.sql", place, str(error).splitlines()[0])) from error
    _check_columns(connection, dataset, place)
    fields = ", ".join(f"{_value(f)} AS {identifier(f.name)}" for f in dataset.schema.fields)
    order = ", ".join(identifier(name) for name in dataset.schema.primaryKey)
    number = f"row_number() OVER (ORDER BY {order})"
    sort(connection, f"SELECT {fields}, refs AS _refs, -1 AS _part, {number} AS _row FROM _derived", order)
    return Loaded(settle(connection, dataset.schema, workshop), [])


def _value(field: Field) -> str:
    """An empty text is no value, as in every delivery: a CSV can't tell the two apart."""
    value = f"CAST({identifier(field.name)} AS {duckdb_type(field)})"
    return f"nullif({value}, '')" if field.type == "string" else value


def _view(name: str, table: Input) -> str:
    """An input with `ref`: `dataset@version#row`, the row counted from 1 in the published order."""
    ref = f"{literal(f'{name}@{table.version}#')} || (file_row_number + 1)"
    source = parquet(table.path, numbered=True)
    return f"SELECT * EXCLUDE (file_row_number), {ref} AS ref FROM {source}"


def _check_columns(connection: duckdb.DuckDBPyConnection, dataset: Dataset, place: Place) -> None:
    kinds = {row[0]: row[1] for row in connection.execute("DESCRIBE _derived").fetchall()}
    if kinds.get("refs") != "VARCHAR[]":
        raise ConfigurationError(Finding("derived.refs", place, kinds.get("refs", "—")))
    for field in dataset.schema.fields:
        if not _fits(field, kinds.get(field.name, "")):
            facts = {"type": duckdb_type(field)}
            raise ConfigurationError(
                Finding("derived.type", place, kinds.get(field.name, "—"), facts).at(field=field.name)
            )


def _fits(field: Field, kind: str) -> bool:
    """Whether a cast to the contract's type can't change a value: nothing is rounded in silence."""
    if field.type == "number":
        whole = kind in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"}
        return whole or (kind.startswith("DECIMAL") and int(kind.rstrip(")").split(",")[1]) <= (field.decimals or 0))
    if field.type in {"integer", "year"}:
        return kind in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
    return kind == duckdb_type(field)
