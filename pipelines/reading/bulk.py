"""Long regular text files, read by DuckDB alone: the same texts at the same addresses as through a grid."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

import duckdb

from pipelines.datasets import Layout, Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import column_of, letter
from pipelines.reading.grid import Grid
from pipelines.reading.layout import read_table
from pipelines.reading.raw import Delivered, Part, Raw, Stream
from pipelines.reading.refuse import damaged
from pipelines.reading.textfile import decoded, records, require_lines
from pipelines.sqltext import identifier, literal

BULK_BYTES: Final = 1 << 20
WHITE: Final = " \t\r\n\u3000\u00a0"
_BLOCK: Final = 1 << 20
# What a layout may say and still be read here, `sheet` and `ignore` since they say nothing of such a file. Whatever
# else it says, today or when it has learned more, is for the grid.
_HEEDED: Final = frozenset({"sheet", "constants", "ignore"})


def is_bulk(source: Source, path: Path) -> bool:
    """Whether a text file is long and regular: one header line, then nothing but records."""
    special = [name for name in Layout.model_fields if name not in _HEEDED and getattr(source.layouts[0], name)]
    return source.kind == "csv" and len(source.layouts) == 1 and not special and path.stat().st_size > BULK_BYTES


def read_bulk(source: Source, delivered: Delivered, place: Place, workshop: Path) -> Raw:
    """As a relation that DuckDB reads when it is asked. Raises DeliveryRefused for a bad header or a line too long."""
    require_lines(delivered.path, place, source.encoding)
    path = _utf8(source, delivered, place, workshop)
    headers = _header(source, delivered, place)
    path = _evened(path, source, len(headers), workshop)
    where = _positions(source, headers, place)
    columns = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(headers))) + "}"
    options = (
        f"auto_detect=false, header=true, delim={literal(source.delimiter)}, quote='\"', escape='\"', columns={columns}"
    )
    picked = ", ".join(f"c{i} AS {identifier(name)}" for name, i in where.items())
    constants = "".join(f", {literal(v)} AS {identifier(k)}" for k, v in source.layouts[0].constants.items())
    shown = _shown(len(headers))
    file = f"read_csv({literal(str(path))}, {options})"
    numbered = f"SELECT *, 0 AS _part, row_number() OVER () + 1 AS _row FROM {file}"
    relation = f"SELECT {picked}{constants}, _part, _row FROM ({numbered}) WHERE {shown}"
    stream = Stream(f"SELECT {picked}{constants}, {shown} AS _shown FROM {file}", first=2)
    letters = {name: letter(i) for name, i in where.items()}
    part = Part(delivered.sha256, delivered.file, "", letters, sorted(source.layouts[0].constants))
    return Raw(relation, [part], stream)


def _shown(width: int) -> str:
    """SQL: whether a record is not blank. Blank rows are no data, as in any other table, but they count.

    A CASE looks no further than it must, unlike OR: nearly every record is known by its first field.
    """
    quick = " ".join(f"WHEN c{i} BETWEEN '!' AND '~' THEN true" for i in range(width))
    slow = " OR ".join(f"trim(c{i}, {literal(WHITE)}) <> ''" for i in range(width))
    return f"CASE {quick} ELSE coalesce({slow}, false) END"


def explain_bulk_failure(source: Source, delivered: Delivered, place: Place, error: duckdb.Error) -> DeliveryRefused:
    """Why DuckDB could not read a text file: the first record that is not like the header."""
    found = records(delivered.path, place, source.encoding, source.delimiter)
    width = len(next(found, []))
    for number, row in enumerate(found, 2):
        if len(row) != width and any(text.strip() for text in row):
            where = {"cell": f"A{number}:{letter(len(row) - 1)}{number}"}
            return DeliveryRefused(Finding("csv.ragged", place, str(len(row)), {"columns": str(width)}).at(**where))
    return damaged(place, str(error).splitlines()[0])


def _utf8(source: Source, delivered: Delivered, place: Place, workshop: Path) -> Path:
    """The path of the text in UTF-8; other encodings are rewritten block by block."""
    if source.encoding == "utf-8":
        return delivered.path
    path = workshop / f"{delivered.sha256}.utf8.csv"
    decoder = codecs.getincrementaldecoder(source.encoding)()
    try:
        with delivered.path.open("rb") as reader, path.open("w", encoding="utf-8", newline="") as writer:
            while block := reader.read(_BLOCK):
                writer.write(decoder.decode(block))
            writer.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        decoded(delivered.path, place, source.encoding)  # the same refusal, with its line
        raise
    return path


def _header(source: Source, delivered: Delivered, place: Place) -> list[str]:
    found = list(islice(records(delivered.path, place, source.encoding, source.delimiter), 1))
    return found[0] if found else []


def _evened(path: Path, source: Source, width: int, workshop: Path) -> Path:
    """The path of the same records, all with one line end, and every empty line as a record of empty fields.

    DuckDB refuses a file whose records end in several ways, and passes over empty lines without counting them, so that
    every address below would be wrong.
    """
    if _is_even(path):
        return path
    even = workshop / f"{path.stem}.even.csv"
    empty, inside = source.delimiter * (width - 1), False
    with (  # bytes that are no text pass through and are refused by DuckDB
        path.open("r", encoding="utf-8", errors="surrogateescape", newline="") as reader,
        even.open("w", encoding="utf-8", errors="surrogateescape", newline="") as writer,
    ):
        for line in reader:
            blank = not inside and not line.strip("\r\n")
            inside = _is_open(line, source.delimiter, inside=inside)
            writer.write(line if inside else (empty if blank else line.rstrip("\r\n")) + "\n")
    return even


def _is_even(path: Path) -> bool:
    """Whether all lines end alike and none is empty."""
    ends, tail = [0, 0, 0], b""
    with path.open("rb") as file:
        while read := file.read(_BLOCK):
            block = tail + read
            whole = block.rstrip(b"\r\n")  # a line end at the edge is looked at with what follows it
            tail = block[len(whole) :]
            if _has_gap(whole) or _has_gap(tail):
                return False
            ends = _counted(ends, whole)
    return sum(map(bool, _counted(ends, tail))) <= 1


def _has_gap(block: bytes) -> bool:
    gaps = (b"\n\n", b"\n\r", b"\r\r") if b"\r" in block else (b"\n\n",)  # looking costs a pass each
    return any(gap in block for gap in gaps)


def _counted(ends: list[int], block: bytes) -> list[int]:
    """Line ends so far: CRLF, CR, LF. A block without CR is not counted again when there was an LF before."""
    both, returns = (block.count(b"\r\n"), block.count(b"\r")) if b"\r" in block else (0, 0)
    newlines = block.count(b"\n") if returns or ends[2] == 0 else 0
    return [ends[0] + both, ends[1] + returns - both, ends[2] + newlines - both]


def _is_open(line: str, delimiter: str, *, inside: bool) -> bool:
    """Whether a quoted field is still open at the end of a line, and the record goes on in the next."""
    if '"' not in line:
        return inside
    closed, opened = _quotes(delimiter)
    if inside:
        line = f'"{line}'
    return opened.search(closed.sub(r"\1", line)) is not None


@lru_cache
def _quotes(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A whole quoted field, and one that begins. A quote within a field that is not quoted is a character."""
    begin = rf"(^|{re.escape(delimiter)})[ ]*"
    return re.compile(rf'{begin}"(?:[^"]|"")*"(?!")'), re.compile(rf'{begin}"')


def _positions(source: Source, headers: list[str], place: Place) -> dict[str, int]:
    """The position of each declared field in a header of one line, by the rules of any other table."""
    cells = read_table(Grid("", [headers]), Layout(), source.columns, place)
    return {name: column_of(column) for name, column in cells.columns.items()}
