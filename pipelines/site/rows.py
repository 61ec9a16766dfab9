"""The first rows of a release, and the cell behind each figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import duckdb

from pipelines.catalogue.interface import Wanted
from pipelines.sqltext import literal

CELLS, ROWS = 600, 50
_PLAIN = {"year", "string", "yearmonth", "date", "datetime", "boolean"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: as shown, as published (for sorting), and where it came from."""

    text: str
    value: str
    is_number: bool
    origin: str
    part: int


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The first rows; `parts` are the sheets that cells are addresses of; `inputs` the datasets of a derived one."""

    rows: Sequence[Sequence[Cell]]
    parts: Sequence[Mapping[str, str]]
    inputs: Sequence[str]


def first_rows(release: Wanted) -> FirstRows:
    """Up to fifty rows, fewer of a wide table."""
    fields = cast("list[dict[str, object]]", release.manifest.build.table_schema["fields"])
    count = max(10, min(ROWS, CELLS // len(fields)))
    paths = [release.path(f"{release.manifest.name}.parquet"), release.path("provenance.parquet")]
    with duckdb.connect() as connection:
        values, where = (_read(connection, str(path), count) for path in paths)
    origin = json.loads(release.path("provenance.json").read_bytes())
    rows = [
        [_cell(field, value[str(field["name"])], place, origin) for field in fields]
        for value, place in zip(values, where, strict=True)
    ]
    parts = [{key: str(part[key]) for key in ("file", "sheet", "sha256")} for part in origin["parts"]]
    return FirstRows(rows, parts, origin["inputs"])


def _read(connection: duckdb.DuckDBPyConnection, path: str, count: int) -> list[dict[str, object]]:
    found = connection.execute(
        f"SELECT * EXCLUDE (file_row_number) FROM read_parquet({literal(path)}, file_row_number=true) "
        f"ORDER BY file_row_number LIMIT {count}"
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _cell(
    field: Mapping[str, object], value: object, where: Mapping[str, object], origin: Mapping[str, object]
) -> Cell:
    published = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    is_number = field["type"] not in _PLAIN
    shown = f"{value:,}" if is_number and value is not None else published
    address, part = _origin(str(field["name"]), where, origin)
    return Cell(shown, published, is_number, address, part)


def _origin(name: str, where: Mapping[str, object], origin: Mapping[str, object]) -> tuple[str, int]:
    """The address of a value's cell and the number of its part; of a derived one the rows it was made of."""
    if refs := where.get("refs"):
        return " ".join(cast("list[str]", refs)), -1
    if where.get("part") is None:
        return "", -1
    number = cast("int", where["part"])
    part = cast("list[Mapping[str, object]]", origin["parts"])[number]
    columns = cast("Mapping[str, str]", part["columns"])
    steady = f"{columns[name]}{where['row']}" if name in columns else ""
    return str(where.get(f"at_{name}") or steady), number
