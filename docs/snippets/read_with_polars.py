"""A published CSV as a Polars frame with the types of its datapackage.json.

Usage: python read_with_polars.py https://…/ waste_per_capita    (an address or the folder of a catalogue, and a name)
"""

import json
import sys
from pathlib import Path
from urllib.request import urlretrieve

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


def local(base: str, path: str) -> Path:
    """A file of the catalogue, fetched where it is at an address."""
    place = f"{base.rstrip('/')}/{path}"
    return Path(urlretrieve(place)[0] if "://" in base else place)


def read(base: str, name: str) -> pl.DataFrame:
    """Decimals stay exact: a field of type number has the Decimal of its `decimals`."""
    package = json.loads(local(base, f"{name}/datapackage.json").read_bytes())
    table = next(r for r in package["resources"] if r.get("type") == "table")
    types = {
        f["name"]: pl.Decimal(18, f["decimals"]) if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return pl.read_csv(local(base, f"{name}/{table['path']}"), schema=types)


if __name__ == "__main__":
    print(read(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
