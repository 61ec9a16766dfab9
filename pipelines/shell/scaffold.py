"""`opendata new`: a proposal of the two YAML files of a dataset, read off a delivery.

It only proposes. What a person must decide is marked `TODO`, and a descriptor with a TODO in it does not load.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.datasets import Repository
from pipelines.datasets.schema import FieldType
from pipelines.errors import ConfigurationError
from pipelines.findings import Finding, Place
from pipelines.reading.cells import NotReadable, canonical, squeeze, tidy
from pipelines.reading.grid import Grid, kind_of, read_text, read_workbook, sheet_names

_ORDER: tuple[FieldType, ...] = ("year", "integer", "date", "yearmonth", "number")
_YEARS = ("年度", "年")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The texts of both files."""

    schema: str
    source: str


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    header: str
    type: FieldType
    decimals: int


def propose(repository: Repository, delivery: Path, department: str, sheet: str | None) -> Proposal:
    """Propose both files for a delivery that lies below sources/. Raises ConfigurationError when it does not."""
    folder = repository.deliveries.resolve()
    if not delivery.resolve().is_relative_to(folder):
        raise ConfigurationError(Finding("new.outside", Place(file=delivery.name), str(delivery.parent)))
    grid, kind, encoding = _grid(delivery, sheet)
    header = _header_row(grid)
    columns = _columns(grid, header)
    path = delivery.resolve().relative_to(folder).as_posix()
    return Proposal(_schema(delivery, department, columns), _source(path, kind, encoding, grid.sheet, header, columns))


def write(repository: Repository, name: str, proposal: Proposal) -> list[Path]:
    """Write both files. Raises ConfigurationError when one is there already: nothing is overwritten."""
    paths = [repository.root / folder / f"{name}.yaml" for folder in ("schemas", "sources")]
    for path in paths:
        if path.exists():
            raise ConfigurationError(Finding("new.exists", Place(file=f"{path.parent.name}/{path.name}"), name))
    for path, text in zip(paths, (proposal.schema, proposal.source), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def _grid(delivery: Path, sheet: str | None) -> tuple[Grid, str, str]:
    place = Place(file=delivery.name)
    if kind_of(delivery.read_bytes()[:512]) in {"xlsx", "xls"}:
        return read_workbook(delivery, place, sheet or sheet_names(delivery, place)[0]), "workbook", ""
    encoding = "utf-8" if _is_utf8(delivery) else "cp932"
    return read_text(delivery, place, encoding, ","), "csv", encoding


def _is_utf8(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header_row(grid: Grid) -> int:
    """The first row with as many texts as the widest: titles and unit lines above it have fewer."""
    filled = [sum(bool(text.strip()) for text in row) for row in grid.rows]
    return filled.index(max(filled))


def _columns(grid: Grid, header: int) -> list[_Column]:
    headers = grid.rows[header]
    found = []
    for i, text in enumerate(headers):
        if text.strip():
            values = [row[i] for row in grid.rows[header + 1 :] if i < len(row) and row[i].strip()]
            kind, decimals = _type(text, values)
            found.append(_Column(_name(text, i), tidy(text), kind, decimals))
    return found


def _name(header: str, index: int) -> str:
    if squeeze(header) in _YEARS:
        return "fiscal_year" if "度" in header else "year"
    plain = re.sub(r"[^a-z0-9]+", "_", squeeze(header).lower()).strip("_")
    return plain if re.match(r"^[a-z][a-z0-9_]+$", plain) else f"todo_column_{index + 1}"


def _type(header: str, values: Sequence[str]) -> tuple[FieldType, int]:
    """The first type that reads nearly all values; years only under a header that says so."""
    for kind in _ORDER:
        if kind == "year" and not squeeze(header).endswith(_YEARS):
            continue
        for decimals in range(7 if kind == "number" else 1):
            if values and sum(_reads(kind, value, decimals) for value in values) >= 0.8 * len(values):
                return kind, decimals
    return "string", 0


def _reads(kind: FieldType, text: str, decimals: int) -> bool:
    try:
        canonical(kind, text, unit=("%", "人", "件", "t", "円"), scale=1, decimals=decimals)
    except NotReadable:
        return False
    return True


def _schema(delivery: Path, department: str, columns: Sequence[_Column]) -> str:
    fields = "".join(_field(column) for column in columns)
    return f"""# yaml-language-server: $schema=../docs/json-schema/schema.json
title: {{ja: {delivery.stem}, en: "TODO: title in English"}}
description:
  ja: "TODO: 何の数値か、定義と出典"
  en: "TODO: what the figures are, their definition and source"
department: {department}
update_frequency: annual
licence: CC-BY-4.0
fields:
{fields}primaryKey: [{columns[0].name}]
"""


def _field(column: _Column) -> str:
    decimals = f"\n    decimals: {column.decimals}" if column.type == "number" else ""
    return f"""  - name: {column.name}
    type: {column.type}{decimals}
    title: {{ja: "{column.header}", en: "TODO: {column.header}"}}
"""


def _source(path: str, kind: str, encoding: str, sheet: str, header: int, columns: Sequence[_Column]) -> str:
    where = f"sheet: {sheet}\n" if kind == "workbook" else f"encoding: {encoding}\n"
    named = "".join(f'  {column.name}: "{column.header}"\n' for column in columns)
    return f"""# yaml-language-server: $schema=../docs/json-schema/source.json
kind: {kind}
path: {path}
{where}header: {{rows: [{header + 1}]}}
notes: ^(※|注|資料|出典)
columns:
{named}"""
