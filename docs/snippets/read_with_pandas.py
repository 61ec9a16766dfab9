"""A published CSV as a pandas frame with the types of its datapackage.json.

Usage: python read_with_pandas.py https://…/ waste_per_capita    (an address or the folder of a catalogue, and a name)
"""

import json
import sys
from pathlib import Path
from urllib.request import urlretrieve

import pandas as pd
import pyarrow as pa

TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "year": pa.int16(),
    "yearmonth": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}


def local(base: str, path: str) -> Path:
    """A file of the catalogue, fetched where it is at an address."""
    place = f"{base.rstrip('/')}/{path}"
    return Path(urlretrieve(place)[0] if "://" in base else place)


def read(base: str, name: str) -> pd.DataFrame:
    """Read texts first: only the empty text is no value (`NA` is a text), and decimals are never floats."""
    package = json.loads(local(base, f"{name}/datapackage.json").read_bytes())
    table = next(r for r in package["resources"] if r.get("type") == "table")
    texts = pd.read_csv(
        local(base, f"{name}/{table['path']}"), dtype=pd.ArrowDtype(pa.string()), na_values=[""], keep_default_na=False
    )
    types = {
        f["name"]: pa.decimal128(18, f["decimals"]) if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return texts.astype({name: pd.ArrowDtype(type_) for name, type_ in types.items()})


if __name__ == "__main__":
    print(read(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
