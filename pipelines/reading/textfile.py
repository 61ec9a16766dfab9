"""Delimited text files: line by line, so that no line can be longer than memory bears."""

from __future__ import annotations

import codecs
import csv
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.grid import Grid
from pipelines.reading.limits import LONGEST_LINE, MOST_CELLS, MOST_COLUMNS
from pipelines.reading.refuse import too_large

_BLOCK: Final = 1 << 20
csv.field_size_limit(LONGEST_LINE)


def codec(encoding: str) -> str:
    """Python's name of an encoding; UTF-8 may begin with a byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def require_lines(path: Path, place: Place, encoding: str) -> None:
    """Raise DeliveryRefused when a file has a line that is too long, or zero bytes, as only another encoding has."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = 0
        while len(content) - start > LONGEST_LINE:
            end = start + LONGEST_LINE
            last = max(content.rfind(b"\n", start, end), content.rfind(b"\r", start, end))
            if last < 0:
                raise DeliveryRefused(_long_line(place, content, start))
            start = last + 1
        if encoding != "utf-16" and (zero := content.find(b"\0")) >= 0:
            raise _other_encoding(place, content[zero : zero + 8], encoding)


def _long_line(place: Place, content: mmap.mmap, start: int) -> Finding:
    line = sum(1 for _ in _line_ends(content, start)) + 1
    return Finding("csv.long_line", _at_line(place, line), "", {"most": f"{LONGEST_LINE:,}"})


def _line_ends(content: mmap.mmap, stop: int) -> Iterator[int]:
    at = content.find(b"\n", 0, stop)
    while at >= 0:
        yield at
        at = content.find(b"\n", at + 1, stop)


def decoded(path: Path, place: Place, encoding: str) -> None:
    """Raise DeliveryRefused naming the first line that is not in an encoding; return when there is none."""
    line, kept = 1, b""
    decoder = codecs.getincrementaldecoder(codec(encoding))()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError as error:
                bad = error.object[error.start : error.start + 8]
                before = error.object[: error.start].decode(codec(encoding), "ignore")
                line += before.count("\n")
                raise _other_encoding(_at_line(place, line), bad, encoding) from error
            kept = block
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _other_encoding(_at_line(place, line), kept[-8:], encoding) from error


def _other_encoding(place: Place, found: bytes, encoding: str) -> DeliveryRefused:
    return DeliveryRefused(Finding("file.encoding", place, found.hex(" "), {"encoding": encoding}))


def records(path: Path, place: Place, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a text file. Raises DeliveryRefused where quotes are broken, a line is too long, or not text."""
    require_lines(path, place, encoding)
    with path.open(encoding=codec(encoding), newline="") as file:
        # White space before a quote is passed over, as DuckDB does.
        reader = csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            for record in reader:
                if len(record) > MOST_COLUMNS:
                    raise too_large("sheet.too_large", _at_line(place, reader.line_num), len(record), MOST_COLUMNS)
                yield record
        except csv.Error as error:
            raise DeliveryRefused(Finding("csv.quotes", _at_line(place, reader.line_num), str(error))) from error
        except UnicodeDecodeError:
            decoded(path, place, encoding)  # the same refusal, with its line
            raise


def read_text(path: Path, place: Place, encoding: str, delimiter: str) -> Grid:
    """A delimited text file as a grid; a record is a row, as a spreadsheet shows it.

    Raises DeliveryRefused as `records`, and when it has more cells than a grid takes.
    """
    rows: list[list[str]] = []
    cells = 0
    for record in records(path, place, encoding, delimiter):
        cells += len(record) + 1
        if cells > MOST_CELLS:
            raise too_large("sheet.too_large", place, cells, MOST_CELLS)
        rows.append(record)
    return Grid("", rows)


def _at_line(place: Place, line: int) -> Place:
    return Place(place.dataset, place.file, place.sheet, place.cell, line, place.field)
