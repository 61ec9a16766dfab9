"""Every published value with the cell that the release's own provenance names, from the files of a catalogue alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from ruamel.yaml import YAML

from pipelines.settings import REPOSITORY
from tests.packages.released import Published, current
from tests.provenance.cells import by_hash


@dataclass(frozen=True)
class Traced:
    """One published value, and where its release says that it comes from.

    `file` is a path below sources/deliveries/, `line` the row of the sheet that the published row was read from;
    `address` is empty for what stands in no cell.
    """

    dataset: str
    field: str
    value: object
    row: dict[str, Any]
    file: str
    sheet: str
    line: int
    address: str

    @property
    def place(self) -> tuple[str, str, str]:
        """File, sheet and address."""
        return self.file, self.sheet, self.address


@cache
def source(name: str) -> dict[str, Any]:
    """The source file of a dataset, as plain YAML, its columns in the long form."""
    text = (REPOSITORY / "sources" / f"{name}.yaml").read_text("utf-8")
    found = YAML(typ="safe").load(text)
    found["columns"] = {key: _long(value) for key, value in found.get("columns", {}).items()}
    return found


def _long(column: object) -> dict[str, Any]:
    return dict(column) if isinstance(column, dict) else {"headers": column}


def fields(package: Published) -> dict[str, dict[str, Any]]:
    """The fields of the published Table Schema by name."""
    return {field["name"]: field for field in package.table["schema"]["fields"]}


def figure_fields(package: Published) -> list[str]:
    """The fields that hold figures: numbers that are no part of the key and no address of another table."""
    key = package.table["schema"]["primaryKey"]
    return [n for n, f in fields(package).items() if f["type"] in {"number", "integer"} and n not in key]


def rows(package: Published) -> list[dict[str, Any]]:
    """The published table."""
    return pq.read_table(package.parquet).to_pylist()


def provenance(package: Published) -> list[dict[str, Any]]:
    """The row-by-row part of a release's provenance."""
    return pq.read_table(package.csv.parent / "provenance.parquet").to_pylist()


def origin(package: Published) -> dict[str, Any]:
    """The common part of a release's provenance."""
    return json.loads((package.csv.parent / "provenance.json").read_text("utf-8"))


def traced(package: Published) -> Iterator[Traced]:
    """Every value of a dataset that is read from a delivery, blank ones too."""
    parts = origin(package)["parts"]
    for row, where in zip(rows(package), provenance(package), strict=True):
        part = parts[where["part"]]
        file = by_hash()[part["sha256"]]
        for name, value in row.items():
            yield Traced(package.name, name, value, row, file, part["sheet"], where["row"], _address(name, where, part))


def _address(name: str, where: dict[str, Any], part: dict[str, Any]) -> str:
    if address := where.get(f"at_{name}"):
        return address
    return f"{part['columns'][name]}{where['row']}" if name in part["columns"] else ""


def delivered(catalogue: Path) -> list[Published]:
    """The datasets that come from a delivery."""
    return [package for package in current(catalogue) if source(package.name)["kind"] != "derived"]


def derived(catalogue: Path) -> list[Published]:
    """The datasets that come from other datasets."""
    return [package for package in current(catalogue) if source(package.name)["kind"] == "derived"]


@cache
def everything(catalogue: Path) -> list[Traced]:
    """Every value of every dataset that comes from a delivery."""
    return [value for package in delivered(catalogue) for value in traced(package)]
