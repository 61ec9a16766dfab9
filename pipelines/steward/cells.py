"""Where the values of many rows of a release were read, without opening a delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import duckdb

from pipelines.release.record import Manifest
from pipelines.sqltext import literal
from pipelines.steward.links import Spot
from pipelines.steward.trace import steady_cell
from pipelines.store import Store


@dataclass(frozen=True, slots=True)
class Places:
    """Of one row: the cell of each field that was read from one, or the rows it is derived from."""

    cells: Mapping[str, Spot] = field(default_factory=dict)
    refs: Sequence[str] = ()


def places_of(store: Store, release: Manifest, numbers: Collection[int]) -> dict[int, Places]:
    """The places of rows by their number, from 1, in published order."""
    origin = store.read_json(release.file("provenance.json"))
    parts = cast("list[Mapping[str, object]]", origin["parts"])
    names = [str(one["name"]) for one in cast("list[Mapping[str, object]]", release.build.table_schema["fields"])]
    found = _rows(store, release, numbers)
    return {number: _places(row, names, parts) for number, row in found.items()}


def _rows(store: Store, release: Manifest, numbers: Collection[int]) -> dict[int, dict[str, object]]:
    if not numbers:
        return {}
    path = literal(str(store.path(release.file("provenance.parquet"))))
    wanted = ", ".join(str(number - 1) for number in numbers)
    query = f"SELECT * FROM read_parquet({path}, file_row_number=true) WHERE file_row_number IN ({wanted})"
    with duckdb.connect() as connection:
        found = connection.execute(query)
        heads = [column[0] for column in found.description]
        rows = [dict(zip(heads, row, strict=True)) for row in found.fetchall()]
    return {cast("int", row["file_row_number"]) + 1: row for row in rows}


def _places(row: Mapping[str, object], names: Sequence[str], parts: Sequence[Mapping[str, object]]) -> Places:
    if refs := row.get("refs"):
        return Places(refs=tuple(cast("list[str]", refs)))
    part = parts[cast("int", row["part"])]
    cells = {name: str(row.get(f"at_{name}") or "") or steady_cell(part, name, row) for name in names}
    origin = (str(part["sha256"]), str(part["file"]), str(part["sheet"]))
    return Places({name: Spot(*origin, cell) for name, cell in cells.items() if cell})
