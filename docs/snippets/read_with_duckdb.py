"""A published CSV as a DuckDB relation with the types of its datapackage.json."""

import json
from pathlib import Path

import duckdb

TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "year": "SMALLINT",
    "yearmonth": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}


def read(descriptor: Path) -> duckdb.DuckDBPyRelation:
    """Decimals stay exact: a field of type number has the DECIMAL of its `decimals`."""
    table = next(r for r in json.loads(descriptor.read_bytes())["resources"] if r.get("type") == "table")
    types = {
        f["name"]: f"DECIMAL(18, {f['decimals']})" if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return duckdb.read_csv(str(descriptor.parent / table["path"]), dtype=types, header=True)
