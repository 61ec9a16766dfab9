"""A published CSV as a pandas frame with the types of its datapackage.json."""

import json
from pathlib import Path

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


def read(descriptor: Path) -> pd.DataFrame:
    """Read texts first: only the empty text is no value (`NA` is a text), and decimals are never floats."""
    table = next(r for r in json.loads(descriptor.read_bytes())["resources"] if r.get("type") == "table")
    texts = pd.read_csv(
        descriptor.parent / table["path"], dtype=pd.ArrowDtype(pa.string()), na_values=[""], keep_default_na=False
    )
    types = {
        f["name"]: pa.decimal128(18, f["decimals"]) if f["type"] == "number" else TYPES[f["type"]]
        for f in table["schema"]["fields"]
    }
    return texts.astype({name: pd.ArrowDtype(type_) for name, type_ in types.items()})
