"""A published CSV as a DuckDB relation with the types of its datapackage.json.

Usage: python read_with_duckdb.py https://…/ waste_per_capita    (an address or the folder of a catalogue, and a name)
"""

import json
import sys
from pathlib import Path
from urllib.request import urlretrieve

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


def local(base: str, path: str) -> Path:
    """A file of the catalogue, fetched where it is at an address."""
    place = f"{base.rstrip('/')}/{path}"
    return Path(urlretrieve(place)[0] if "://" in base else place)


def read(base: str, name: str) -> duckdb.DuckDBPyRelation:
    """Decimals stay exact: a field of type number has the DECIMAL of its `decimals`."""
    package = json.loads(local(base, f"{name}/datapackage.json").read_bytes())
    table = next(r for r in package["resources"] if r.get("type") == "table")
    types = {
        f["name"]: f"DECIMAL(18, {f['decimals']})" if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return duckdb.read_csv(str(local(base, f"{name}/{table['path']}")), dtype=types, header=True)


if __name__ == "__main__":
    print(read(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
