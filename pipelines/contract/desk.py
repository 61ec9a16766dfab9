"""What the steps of typing a table work with, and the SQL of one field of it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.contract.types import duckdb_type, is_odd, is_odd_text
from pipelines.datasets import Dataset, Field
from pipelines.findings import Place
from pipelines.reading.read import Raw
from pipelines.sqltext import identifier


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step here works with; `present` are the columns of the raw relation."""

    connection: duckdb.DuckDBPyConnection
    raw: Raw
    dataset: Dataset
    place: Place
    present: frozenset[str]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, raw: Raw, dataset: Dataset, place: Place) -> Desk:
        """The desk of a raw table."""
        columns = connection.execute(f"DESCRIBE {raw.relation}").fetchall()
        return cls(connection, raw, dataset, place, frozenset(row[0] for row in columns))

    @property
    def fields(self) -> list[Field]:
        """The fields of the contract."""
        return self.dataset.schema.fields

    @property
    def hidden(self) -> str:
        """SQL: the columns that say where a row came from."""
        return ", ".join(f"r.{identifier(name)}" for name in sorted(self.present) if name.startswith("_"))

    @property
    def order(self) -> str:
        """SQL: the primary key."""
        return ", ".join(identifier(name) for name in self.dataset.schema.primaryKey)

    def text(self, field: Field) -> str:
        """SQL: the text of a field's cell as it stands."""
        return f"r.{identifier(field.name)}" if field.name in self.present else "NULL::VARCHAR"

    def odd(self, field: Field, cast: str | None = None) -> str:
        """SQL: whether a text is not simply the value of its field; `cast` is its cast, where that is at hand."""
        text, missing = self.text(field), self.dataset.source.missing
        if field.type == "string":
            return is_odd_text(text, missing)
        return is_odd(field, text, cast or f"TRY_CAST({text} AS {duckdb_type(field)})", missing)

    def plain(self, field: Field) -> str:
        """SQL: the value of a text that needs no grammar."""
        text = self.text(field)
        return text if field.type == "string" else f"TRY_CAST({text} AS {duckdb_type(field)})"
