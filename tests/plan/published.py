"""Reading the published tables as a stranger would: the files at the catalogue's stable addresses, nothing else."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.pipeline import Pipeline

Row = dict[str, object]


def catalogue_of(pipeline: Pipeline) -> Path:
    """The folder catalogue of a pipeline."""
    return pipeline.catalogues[0].root  # type: ignore[attr-defined]


def from_parquet(catalogue: Path, name: str) -> list[Row]:
    """Every row of a published Parquet, with the types that the file itself states."""
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(catalogue / name / f"{name}.parquet")])
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def from_csv(catalogue: Path, name: str) -> list[Row]:
    """Every row of a published CSV as text, an empty field as None."""
    with (catalogue / name / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: text or None for key, text in row.items()} for row in csv.DictReader(file)]


def number(value: object) -> Decimal | None:
    """A number of either file, exactly."""
    assert not isinstance(value, float)
    return None if value is None else Decimal(str(value))


def whole(value: object) -> int | None:
    """A year or an integer of either file."""
    return None if value is None else int(str(value))


def truth(value: object) -> bool:
    """A boolean of either file."""
    return {"true": True, "false": False}[str(value).lower()]
