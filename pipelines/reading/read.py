"""A delivery → one relation of texts with the address of every cell.

Long regular text files are read by DuckDB alone; everything else through a grid, table by table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.datasets import Column, Layout, Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading import grid as grids
from pipelines.reading.body import Cells
from pipelines.reading.bulk import BULK_BYTES, WHITE, explain_bulk_failure, is_bulk, read_bulk
from pipelines.reading.grid import Grid
from pipelines.reading.layout import read_table
from pipelines.reading.raw import Delivered, Part, Raw, Stream
from pipelines.reading.textfile import read_text
from pipelines.sqltext import identifier, literal

__all__ = [
    "BULK_BYTES",
    "WHITE",
    "Delivered",
    "Part",
    "Raw",
    "Stream",
    "corrected",
    "explain_bulk_failure",
    "read",
    "require_typed_texts",
    "reshaped",
]


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, delivered: Delivered, place: Place, workshop: Path
) -> Raw:
    """Read a delivery as its source declares. Raises DeliveryRefused when it is not what is declared."""
    grids.require_kind(delivered.path, place, source.kind)
    if is_bulk(source, delivered.path):
        return read_bulk(source, delivered, place, workshop)
    sheets: dict[str | None, Grid] = {}
    tables = [(layout, *_read_layout(source, layout, delivered, place, sheets)) for layout in source.layouts]
    cells = [(layout, grid.sheet, found) for layout, grid, found in tables]
    return Raw(_registered(connection, cells), _parts(delivered, cells), times=_times(tables))


def _read_layout(
    source: Source, layout: Layout, delivered: Delivered, place: Place, sheets: dict[str | None, Grid]
) -> tuple[Grid, Cells]:
    """One table; a sheet with several is opened once, and no two sheets are kept in memory."""
    if layout.sheet not in sheets:
        sheets.clear()
        sheets[layout.sheet] = _grid(source, layout, delivered, place)
    grid = sheets[layout.sheet]
    cells = read_table(grid, layout, source.columns, place)
    _refuse_faults(grid, cells, source.missing, place)
    return grid, cells


def _grid(source: Source, layout: Layout, delivered: Delivered, place: Place) -> Grid:
    if source.kind == "workbook":
        return grids.read_workbook(delivered.path, place, layout.sheet)
    return read_text(delivered.path, place, source.encoding, source.delimiter)


def _refuse_faults(grid: Grid, cells: Cells, missing: Collection[str], place: Place) -> None:
    """Raise DeliveryRefused where an error stands instead of a value, unless it is said to mean that there is none."""
    bad = [
        (name, at, text)
        for name, texts in (cells.texts.items() if grid.faults else ())
        for i, text in enumerate(texts)
        if (at := cells.address(name, i)) in grid.faults and text not in missing
    ]
    if bad:
        name, at, _ = bad[0]
        places = tuple(f"{cell} {text}" for _, cell, text in bad[:5])
        where = Place(place.dataset, place.file, grid.sheet, at, field=name)
        raise DeliveryRefused(Finding("sheet.fault", where, "、".join(places), {}, len(bad), places))


def _times(tables: Sequence[tuple[Layout, Grid, Cells]]) -> Mapping[str, Sequence[str]]:
    """By field, the cells that the workbook keeps as dates or times: `sheet!A1 text`."""
    found: dict[str, list[str]] = {}
    for _, grid, cells in tables:
        for name, texts in cells.texts.items() if grid.times else ():
            at = [cells.address(name, i) for i in range(len(texts))]
            hits = [f"{grid.sheet}!{cell} {text}" for cell, text in zip(at, texts, strict=True) if cell in grid.times]
            found.setdefault(name, []).extend(hits)
    return found


def require_typed_texts(raw: Raw, strings: Collection[str], columns: Mapping[str, Column], place: Place) -> None:
    """Raise DeliveryRefused where a date or time of the workbook stands in a field of texts.

    A spreadsheet makes 1月2日 of a house number `1-2` and keeps no trace of what was typed. Only where the source says
    how such a cell is read (`pattern`, `values`) is it a text.
    """
    for name in strings:
        column = columns.get(name, Column())
        hits = raw.times.get(name, ())
        if hits and column.pattern is None and column.values is None:
            sheet, _, rest = hits[0].partition("!")
            where = Place(place.dataset, place.file, sheet, rest.partition(" ")[0], field=name)
            shown = [hit.rpartition("!")[2] for hit in hits[:5]]
            raise DeliveryRefused(Finding("sheet.time", where, "、".join(shown), {}, len(hits), tuple(shown)))


def _parts(delivered: Delivered, tables: Sequence[tuple[Layout, str, Cells]]) -> list[Part]:
    return [
        Part(delivered.sha256, delivered.file, sheet, cells.columns, sorted(layout.constants))
        for layout, sheet, cells in tables
    ]


def _registered(connection: duckdb.DuckDBPyConnection, tables: Sequence[tuple[Layout, str, Cells]]) -> str:
    """The tables of a delivery, one below the other, registered as one Arrow table; SQL that selects it."""
    names = list(dict.fromkeys(name for _, _, cells in tables for name in cells.texts))
    addressed = list(dict.fromkeys(name for _, _, cells in tables for name in cells.addresses))
    chunks = [_arrow(i, cells, names, addressed) for i, (_, _, cells) in enumerate(tables)]
    connection.register("_raw_grid", pa.concat_tables(chunks))
    return "SELECT * FROM _raw_grid"


def _arrow(part: int, cells: Cells, names: Sequence[str], addressed: Sequence[str]) -> pa.Table:
    count = len(cells.rows)
    empty: list[str | None] = [None] * count
    columns = {name: pa.array(cells.texts.get(name, empty), pa.string()) for name in names}
    columns["_part"] = pa.array([part] * count, pa.int32())
    columns["_row"] = pa.array(cells.rows, pa.int64())
    for name in addressed:
        columns[f"_at_{name}"] = pa.array(cells.addresses.get(name, empty), pa.string())
    return pa.table(columns)


def corrected(connection: duckdb.DuckDBPyConnection, raw: Raw, source: Source, place: Place) -> Raw:
    """Known errors of the original set right. Raises DeliveryRefused when one no longer matches one row."""
    if not source.corrections:
        return raw
    relation = raw.relation
    for correction in source.corrections:
        test = " AND ".join(f"trim({identifier(k)}) = {literal(v)}" for k, v in correction.where.items())
        test += f" AND trim({identifier(correction.field)}) = {literal(correction.expect)}"
        (count,) = connection.execute(f"SELECT count(*) FROM ({relation}) WHERE {test}").fetchone() or (0,)
        if count != 1:
            facts = {"expect": correction.expect, "where": ", ".join(f"{k}={v}" for k, v in correction.where.items())}
            raise DeliveryRefused(Finding("correction.stale", place, str(count), facts).at(field=correction.field))
        value = f"CASE WHEN {test} THEN {literal(correction.set)} ELSE {identifier(correction.field)} END"
        relation = f"SELECT * REPLACE ({value} AS {identifier(correction.field)}) FROM ({relation})"
    return Raw(relation, raw.parts, times=raw.times)


def reshaped(connection: duckdb.DuckDBPyConnection, raw: Raw, source: Source, place: Place) -> Raw:
    """The rows after the source's own SQL over `raw`. Raises DeliveryRefused when it loses where a row came from."""
    if source.sql is None:
        return raw
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {raw.relation}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _reshaped AS {source.sql}")
    kept = {row[0] for row in connection.execute("DESCRIBE _reshaped").fetchall()}
    if not {"_part", "_row"} <= kept:
        raise DeliveryRefused(Finding("source.sql_loses_place", place, ", ".join(sorted(kept))))
    return Raw("SELECT * FROM _reshaped", raw.parts, times=raw.times)
