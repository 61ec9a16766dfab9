"""The table of a release, as every form is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import duckdb

from pipelines.catalogue.interface import Wanted
from pipelines.contract.types import csv_text
from pipelines.release.descriptor import Json
from pipelines.sqltext import identifier, parquet

TEMPORAL = ("year", "yearmonth", "date", "datetime")


class Unfit(Exception):
    """A table has no such form. `ja` and `en` say why, for whoever looks for it."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.reason = {"ja": ja, "en": en}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table, as its descriptor has it."""

    name: str
    type: str
    title: dict[str, str]
    description: dict[str, str]
    unit: str
    decimals: int | None
    required: bool

    @classmethod
    def of(cls, field: Json) -> Column:
        """The column of a field of a Table Schema."""
        constraints, decimals = field.get("constraints"), field.get("decimals")
        return cls(
            name=str(field["name"]),
            type=str(field["type"]),
            title=_both(field, "title"),
            description=_both(field, "description"),
            unit=str(field.get("unit", "")),
            decimals=decimals if isinstance(decimals, int) else None,
            required=isinstance(constraints, dict) and bool(constraints.get("required")),
        )

    @property
    def sql(self) -> str:
        """Its name in SQL."""
        return identifier(self.name)

    @property
    def text(self) -> str:
        """SQL: its value as the canonical CSV writes it, without quotes."""
        return csv_text(self.sql, "TIMESTAMP" if self.type == "datetime" else "")


def _both(document: Json, key: str) -> dict[str, str]:
    return {language: str(document.get(f"{key}@{language}", "")) for language in ("ja", "en")}


@dataclass(frozen=True, slots=True)
class Table:
    """A release's rows behind `relation` (SQL, in the order of publication), its columns and its words."""

    connection: duckdb.DuckDBPyConnection
    release: Wanted
    columns: Sequence[Column]
    key: Sequence[str]
    count: int

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.release.manifest.name

    @property
    def description(self) -> Json:
        """What the package says about the dataset."""
        return self.release.manifest.build.description

    @property
    def relation(self) -> str:
        """SQL: the rows, in order as long as nothing is joined to them; an IN of five values or more is a join."""
        return parquet(self.release.path(f"{self.name}.parquet"))

    def title(self, language: str) -> str:
        """The dataset's title."""
        return str(self.description[f"title@{language}"])

    def rows(self, select: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """The rows, some SQL expressions of each; for tables that a limit keeps short."""
        cursor = self.connection.execute(f"SELECT {', '.join(select)} FROM {self.relation}")
        while batch := cursor.fetchmany(10_000):
            yield from batch

    def one(self, select: Sequence[str]) -> tuple[object, ...]:
        """One row of SQL expressions over the whole table."""
        found = self.connection.execute(f"SELECT {', '.join(select)} FROM {self.relation}").fetchone()
        return cast("tuple[object, ...]", found)

    def at_most(self, limit: int) -> None:
        """Raise Unfit when there are more rows."""
        if self.count > limit:
            raise Unfit(
                f"行数が{limit:,}を超えるため（{self.count:,}行）。CSVまたはParquetをお使いください。",
                f"The table has more than {limit:,} rows ({self.count:,}). Use the CSV or the Parquet.",
            )


@contextmanager
def opened(release: Wanted) -> Iterator[Table]:
    """The table of a release, in a DuckDB of its own."""
    build = release.manifest.build
    fields, key = build.table_schema["fields"], build.table_schema["primaryKey"]
    assert isinstance(fields, list)
    assert isinstance(key, list)
    with duckdb.connect() as connection:
        yield Table(connection, release, [Column.of(field) for field in fields], key, build.count)
