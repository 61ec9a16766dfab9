"""A published CSV as a Polars frame with the types of its datapackage.json."""

import json
from pathlib import Path

import polars as pl

TYPES = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "year": pl.Int16(),
    "yearmonth": pl.String(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
}


def read(descriptor: Path) -> pl.DataFrame:
    """Decimals stay exact: a field of type number has the Decimal of its `decimals`."""
    table = next(r for r in json.loads(descriptor.read_bytes())["resources"] if r.get("type") == "table")
    types = {
        f["name"]: pl.Decimal(18, f["decimals"]) if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return pl.read_csv(descriptor.parent / table["path"], schema=types)
