"""A delivery → one relation of texts with the address of every cell.

Long regular text files are read by DuckDB alone; everything else through a grid, table by table.
"""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.datasets import Layout, Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading import grid as grids
from pipelines.reading.grid import Grid, letter
from pipelines.reading.layout import Cells, read_table
from pipelines.sqltext import identifier, literal

BULK_BYTES = 1 << 20
WHITE = " \t\r\n\u3000\u00a0"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery to read: the local path of its archived bytes and the name that its department gave it."""

    path: Path
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table of one delivery. `columns` has the letter of every field that stands in one column."""

    sha256: str
    file: str
    sheet: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """JSON form, for provenance.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stream:
    """The records of a long text file in their order, not numbered: SQL that any number of threads may run.

    It has the declared fields as VARCHAR and `_shown`, whether a record is not blank. `first` is the spreadsheet's row
    of the first record.
    """

    relation: str
    first: int


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows of text. `relation` is SQL with the declared fields as VARCHAR, and hidden columns.

    `_part` (index into `parts`), `_row` (the spreadsheet's row), `_at_<field>` (the address of a cell
    that is not simply in its part's column; NULL where it is). `stream` has the same rows where they come from a long
    text file as they are.
    """

    relation: str
    parts: Sequence[Part]
    stream: Stream | None = None


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, delivered: Delivered, place: Place, workshop: Path
) -> Raw:
    """Read a delivery as its source declares. Raises DeliveryRefused when it is not what is declared."""
    grids.require_kind(delivered.path, place, source.kind)
    if _is_bulk(source, delivered.path):
        return _read_bulk(source, delivered, place, workshop)
    tables = [(layout, _read_layout(source, layout, delivered, place)) for layout in source.layouts]
    return _as_raw(connection, delivered, tables)


def _is_bulk(source: Source, path: Path) -> bool:
    """Whether a text file is long and regular: one header line, then nothing but records."""
    layout = source.layouts[0]
    special = (layout.anchor, layout.rows, layout.columns_between, layout.notes, layout.unpivot, layout.header)
    regular = not any(special) and not (layout.transpose or layout.fill_down or layout.skip)
    return source.kind == "csv" and len(source.layouts) == 1 and regular and path.stat().st_size > BULK_BYTES


def _read_layout(source: Source, layout: Layout, delivered: Delivered, place: Place) -> tuple[str, Cells]:
    if source.kind == "workbook":
        grid = grids.read_workbook(delivered.path, place, layout.sheet)
    else:
        grid = grids.read_text(delivered.path, place, source.encoding, source.delimiter)
    cells = read_table(grid, layout, source.columns, place)
    _refuse_faults(grid, cells, source.missing, place)
    return grid.sheet, cells


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


def _as_raw(
    connection: duckdb.DuckDBPyConnection, delivered: Delivered, tables: Sequence[tuple[Layout, tuple[str, Cells]]]
) -> Raw:
    """The tables of a delivery, one below the other, registered as one Arrow table."""
    names = list(dict.fromkeys(name for _, (_, cells) in tables for name in cells.texts))
    addressed = list(dict.fromkeys(name for _, (_, cells) in tables for name in cells.addresses))
    parts = [
        Part(delivered.sha256, delivered.file, sheet, cells.columns, sorted(layout.constants))
        for layout, (sheet, cells) in tables
    ]
    chunks = [_arrow(i, cells, names, addressed) for i, (_, (_, cells)) in enumerate(tables)]
    connection.register("_raw_grid", pa.concat_tables(chunks))
    return Raw("SELECT * FROM _raw_grid", parts)


def _arrow(part: int, cells: Cells, names: Sequence[str], addressed: Sequence[str]) -> pa.Table:
    count = len(cells.rows)
    empty: list[str | None] = [None] * count
    columns = {name: pa.array(cells.texts.get(name, empty), pa.string()) for name in names}
    columns["_part"] = pa.array([part] * count, pa.int32())
    columns["_row"] = pa.array(cells.rows, pa.int64())
    for name in addressed:
        columns[f"_at_{name}"] = pa.array(cells.addresses.get(name, empty), pa.string())
    return pa.table(columns)


def _read_bulk(source: Source, delivered: Delivered, place: Place, workshop: Path) -> Raw:
    path = _utf8(source, delivered, place, workshop)
    headers = _header_line(path, source)
    if any("\udc80" <= char <= "\udcff" for header in headers for char in header):
        grids.decoded(delivered.path, place, source.encoding)  # raises the refusal, with its line
    path = _without_gaps(path, source, len(headers), workshop)
    where = _positions(source, headers, place)
    columns = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(headers))) + "}"
    options = (
        f"auto_detect=false, header=true, delim={literal(source.delimiter)}, quote='\"', escape='\"', columns={columns}"
    )
    picked = ", ".join(f"c{i} AS {identifier(name)}" for name, i in where.items())
    constants = "".join(f", {literal(v)} AS {identifier(k)}" for k, v in source.layouts[0].constants.items())
    # Blank rows are no data, as in any other table, but they count.
    shown = " OR ".join(f"c{i} BETWEEN '!' AND '~' OR trim(c{i}, {literal(WHITE)}) <> ''" for i in range(len(headers)))
    records = f"read_csv({literal(str(path))}, {options})"
    numbered = f"SELECT *, 0 AS _part, row_number() OVER () + 1 AS _row FROM {records}"
    relation = f"SELECT {picked}{constants}, _part, _row FROM ({numbered}) WHERE {shown}"
    records = f"SELECT {picked}{constants}, coalesce({shown}, false) AS _shown FROM {records}"
    letters = {name: letter(i) for name, i in where.items()}
    part = Part(delivered.sha256, delivered.file, "", letters, sorted(source.layouts[0].constants))
    return Raw(relation, [part], Stream(records, first=2))


def explain_bulk_failure(source: Source, delivered: Delivered, place: Place, error: duckdb.Error) -> DeliveryRefused:
    """Why DuckDB could not read a text file: the first record that is not like the header."""
    grid = grids.read_text(delivered.path, place, source.encoding, source.delimiter)
    width = len(grid.rows[0])
    for number, row in enumerate(grid.rows, 1):
        if len(row) != width and any(text.strip() for text in row):
            facts = {"columns": str(width)}
            found = Finding("csv.ragged", place, str(len(row)), facts)
            return DeliveryRefused(found.at(cell=f"A{number}:{letter(len(row) - 1)}{number}"))
    return DeliveryRefused(Finding("file.damaged", place, str(error).splitlines()[0]))


def _utf8(source: Source, delivered: Delivered, place: Place, workshop: Path) -> Path:
    """The path of the text in UTF-8; other encodings are rewritten block by block."""
    if source.encoding == "utf-8":
        return delivered.path
    path = workshop / f"{delivered.sha256}.utf8.csv"
    decoder = codecs.getincrementaldecoder(source.encoding)()
    try:
        with delivered.path.open("rb") as reader, path.open("w", encoding="utf-8", newline="") as writer:
            while block := reader.read(1 << 20):
                writer.write(decoder.decode(block))
            writer.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        grids.decoded(delivered.path, place, source.encoding)  # the same refusal, with its line
        raise
    return path


def _without_gaps(path: Path, source: Source, width: int, workshop: Path) -> Path:
    """The path of the same records, with every empty line as a record of empty fields.

    DuckDB passes over empty lines without counting them, and every address below would be wrong.
    """
    if not _has_gap(path):
        return path
    filled = workshop / f"{path.stem}.filled.csv"
    empty, inside = source.delimiter * (width - 1), False
    with (  # bytes that are no text pass through and are refused by DuckDB
        path.open("r", encoding="utf-8", errors="surrogateescape", newline="") as reader,
        filled.open("w", encoding="utf-8", errors="surrogateescape", newline="") as writer,
    ):
        for line in reader:
            writer.write(line if inside or line.strip("\r\n") else empty + line)
            inside ^= line.count('"') % 2 == 1
    return filled


def _has_gap(path: Path) -> bool:
    """Whether a text file has two ends of line in a row, in any of their forms."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        gaps = (b"\n\n", b"\n\r", b"\r\r") if content.find(b"\r") >= 0 else (b"\n\n",)  # looking costs a pass each
        return any(content.find(gap) >= 0 for gap in gaps)


def _header_line(path: Path, source: Source) -> list[str]:
    import csv

    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        return next(csv.reader(file, delimiter=source.delimiter, skipinitialspace=True))


def _positions(source: Source, headers: list[str], place: Place) -> dict[str, int]:
    """The position of each declared field in a header of one line, by the rules of any other table."""
    grid = grids.Grid("", [headers])
    cells = read_table(grid, Layout(), source.columns, place)
    return {name: grids.column_of(column) for name, column in cells.columns.items()}


def corrected(connection: duckdb.DuckDBPyConnection, raw: Raw, source: Source, place: Place) -> Raw:
    """Known errors of the original set right. Raises DeliveryRefused when one no longer matches one row."""
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
    return Raw(relation, raw.parts)


def reshaped(connection: duckdb.DuckDBPyConnection, raw: Raw, source: Source, place: Place) -> Raw:
    """The rows after the source's own SQL over `raw`. Raises DeliveryRefused when it loses where a row came from."""
    if source.sql is None:
        return raw
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {raw.relation}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _reshaped AS {source.sql}")
    kept = {row[0] for row in connection.execute("DESCRIBE _reshaped").fetchall()}
    if not {"_part", "_row"} <= kept:
        raise DeliveryRefused(Finding("source.sql_loses_place", place, ", ".join(sorted(kept))))
    return Raw("SELECT * FROM _reshaped", raw.parts)
