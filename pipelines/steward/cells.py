"""Where the values of many rows of a release were read, without opening a delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import duckdb

from pipelines.release.build import Build
from pipelines.sqltext import parquet
from pipelines.steward.links import NOWHERE, Spot
from pipelines.steward.trace import steady_cell
from pipelines.store import Store


@dataclass(frozen=True, slots=True)
class Places:
    """Of one row: its sheet, and the cell of each field that was read from one; or the rows it is derived from."""

    sheet: Spot = NOWHERE
    cells: Mapping[str, Spot] = field(default_factory=dict)
    refs: Sequence[str] = ()


def places_of(store: Store, made: Build, numbers: Collection[int]) -> dict[int, Places]:
    """The places of rows of a build, which may be a release's, by their number, from 1, in published order."""
    origin = store.read_json(str(made.files["provenance.json"]["sha256"]))
    parts = cast("list[Mapping[str, object]]", origin["parts"])
    names = [str(one["name"]) for one in cast("list[Mapping[str, object]]", made.table_schema["fields"])]
    found = _rows(store, made, numbers)
    return {number: _places(row, names, parts) for number, row in found.items()}


def _rows(store: Store, made: Build, numbers: Collection[int]) -> dict[int, dict[str, object]]:
    if not numbers:
        return {}
    path = store.path(str(made.files["provenance.parquet"]["sha256"]))
    wanted = ", ".join(str(number - 1) for number in numbers)
    query = f"SELECT * FROM {parquet(path, numbered=True)} WHERE file_row_number IN ({wanted})"
    with duckdb.connect() as connection:
        found = connection.execute(query)
        heads = [column[0] for column in found.description]
        rows = [dict(zip(heads, row, strict=True)) for row in found.fetchall()]
    return {cast("int", row["file_row_number"]) + 1: row for row in rows}


def _places(row: Mapping[str, object], names: Sequence[str], parts: Sequence[Mapping[str, object]]) -> Places:
    if isinstance(refs := row.get("refs"), list):
        return Places(refs=tuple(map(str, refs)))
    part = parts[cast("int", row["part"])]
    cells = {name: str(row.get(f"at_{name}") or "") or steady_cell(part, name, row) for name in names}
    sheet = Spot(str(part["sha256"]), str(part["file"]), str(part["sheet"]), "")
    return Places(sheet, {name: replace(sheet, cell=cell) for name, cell in cells.items() if cell})
