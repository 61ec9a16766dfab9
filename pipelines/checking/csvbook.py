"""A delimited text file as a book of one sheet. Its encoding, delimiter and line ends are found out and told."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.checking.cellstore import column_of_texts
from pipelines.checking.sheet import EMPTY, NUMBER, TEXT, Book, Bytes, Codes, Column, Sheet, TextForm
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.limits import MOST_CELLS
from pipelines.reading.refuse import too_wide
from pipelines.reading.textfile import require_lines

_BLOCK: Final = 1 << 15
_HEAD: Final = 1 << 16
MOST_CHECKED: Final = 40_000_000  # cells; three million records of a dozen fields
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# No leading zero: 007 is a code. An exponent is what a spreadsheet makes of a long number.
PLAIN: Final = r"^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$"


def open_csv(path: Path, place: Place) -> Book:
    """Read a text file. Raises DeliveryRefused when it is no text, or its quotes are broken."""
    encoding = encoding_of(path, place)
    require_lines(path, place, "utf-16" if encoding == "utf-16" else "utf-8")
    head = _head(path, encoding)
    delimiter = max(",\t;", key=head.split("\n", 1)[0].count)
    form = TextForm(encoding, delimiter, _line_end(head))
    records = Records(place)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)  # as the night reads
        try:
            records.read(reader)
        except csv.Error as error:
            where = Place(place.dataset, place.file, line=reader.line_num)
            raise DeliveryRefused(Finding("csv.quotes", where, str(error))) from error
    return Book("csv", [records.sheet()], form=form)


def encoding_of(path: Path, place: Place) -> str:
    """The encoding of a text file: by its mark, else UTF-8 where all of it is, else cp932. Raises DeliveryRefused."""
    with path.open("rb") as file:
        start = file.read(3)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    found = next((encoding for encoding in ("utf-8", "cp932") if _is_in(path, encoding)), "")
    if not found:
        raise DeliveryRefused(Finding("file.encoding", place, start.hex(" "), {"encoding": "UTF-8"}))
    return found


def _is_in(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                if b"\0" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(_HEAD)


def _line_end(head: str) -> str:
    """CRLF, LF, CR, or `mixed`; within a quoted field a line end is no end of a record, but that is rare."""
    pairs, feeds, returns = head.count("\r\n"), head.count("\n"), head.count("\r")
    kinds = [name for name, n in (("CRLF", pairs), ("LF", feeds - pairs), ("CR", returns - pairs)) if n > 0]
    return kinds[0] if len(kinds) == 1 else "mixed" if kinds else ""


@dataclass
class Records:
    """The records of a CSV, block by block, each block by column."""

    place: Place = field(default_factory=Place)
    blocks: list[list[pa.Array]] = field(default_factory=list)
    widths: list[Codes] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    def read(self, reader: Iterator[list[str]]) -> None:
        """Take every record."""
        lines = _Lines(reader)
        while block := list(islice(lines, _BLOCK)):
            widths = np.fromiter(map(len, block), np.int32, len(block))
            width = int(widths.max())
            self._require_size(width, len(block))
            if int(widths.min()) < width:
                block = [row + [""] * (width - len(row)) for row in block]
            self.blocks.append([pa.array(column, pa.string()) for column in zip(*block, strict=True)])
            self.widths.append(widths)
        self.broken = lines.broken

    def _require_size(self, width: int, rows: int) -> None:
        """Raise DeliveryRefused before a few long records make a rectangle that no memory holds."""
        above = sum(map(len, self.widths))
        widest = max([width, *(len(block) for block in self.blocks)])
        if width * rows > MOST_CELLS or widest * (above + rows) > MOST_CHECKED:
            raise too_wide(above + rows - 1, widest - 1, self.place, MOST_CHECKED)

    def sheet(self) -> Sheet:
        """The records as a sheet."""
        widths: Codes = np.concatenate(self.widths) if self.widths else np.zeros(0, np.int32)
        height, width = len(widths), max((len(block) for block in self.blocks), default=0)
        kinds: Bytes = np.zeros((height, width), np.uint8)
        columns = []
        for number in range(width):
            column = self._column(number, [len(w) for w in self.widths], height)
            columns.append(column)
            kinds[:, number] = _kinds(column)
        looks = np.zeros((height, width), np.uint16)
        return Sheet("", columns, kinds, looks, widths=widths, broken=self.broken)

    def _column(self, number: int, lengths: Sequence[int], height: int) -> Column:
        empty = [pa.array([""] * n, pa.string()) for n in (0,)]
        chunks = [
            block[number] if number < len(block) else pa.repeat(pa.scalar("", pa.string()), n)
            for block, n in zip(self.blocks, lengths, strict=True)
        ]
        texts = pa.chunked_array(chunks or empty, pa.string()).combine_chunks()
        for block in self.blocks:
            if number < len(block):
                block[number] = empty[0]
        rows = np.flatnonzero(pc.not_equal(texts, "").to_numpy(zero_copy_only=False))
        return column_of_texts(texts.take(pa.array(rows)), rows, height)


def _kinds(column: Column) -> Bytes:
    plain = pc.match_substring_regex(column.values, PLAIN).to_numpy(zero_copy_only=False)
    blank = pc.equal(pc.utf8_trim_whitespace(column.values), "").to_numpy(zero_copy_only=False)
    of_value = np.where(blank, EMPTY, np.where(plain, NUMBER, TEXT)).astype(np.uint8)
    found: Bytes = np.zeros(len(column.codes), np.uint8)
    there = column.codes >= 0
    found[there] = of_value[column.codes[there]]
    return found


class _Lines:
    """The records of a CSV reader; remembers those that take more than one line."""

    def __init__(self, reader: Iterator[list[str]]) -> None:
        self._reader = reader
        self.broken: list[int] = []
        self._record, self._line = 0, 0

    def __iter__(self) -> Iterator[list[str]]:
        for row in self._reader:
            line = int(getattr(self._reader, "line_num", 0))
            if line - self._line > 1:
                self.broken.append(self._record)
            self._record, self._line = self._record + 1, line
            yield row
