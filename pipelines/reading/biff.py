"""The records of an .xls ([MS-XLS]), looked over before the reader in Rust opens it.

It gives errors in cells as empty texts, sets memory aside for whatever sizes a record claims, and takes a shared text
anew for each cell. Only the few records are looked at that hold a cell, an error, a text or a size.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.compound import Compound
from pipelines.reading.limits import MOST_CELLS, MOST_MERGED, MOST_TEXT
from pipelines.reading.refuse import damaged, too_large, too_wide

_NAMES: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_WORKBOOK: Final = "Workbook"
_BOUNDSHEET, _BOOLERR, _BOF, _EOF, _FILEPASS, _SST = 0x0085, 0x0205, 0x0809, 0x000A, 0x002F, 0x00FC
_CONTINUE, _LABELSST, _MULRK, _DIMENSIONS, _MERGED = 0x003C, 0x00FD, 0x00BD, 0x0200, 0x00E5
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
# Records of cells that hold a value; formatted empty cells hold none.
_CELLS: Final = frozenset([*_FORMULAS, _BOOLERR, _LABELSST, _MULRK, 0x0203, 0x0204, 0x027E])
_ROWS, _COLUMNS = 65_536, 256  # of a sheet of that format

Faults = dict[tuple[int, int], str]


def look_over(path: Path, place: Place) -> dict[str, Faults]:
    """By sheet: row and column, from 0, of each cell that holds an error, with its text.

    Raises DeliveryRefused when the workbook is damaged, has a password, or is larger than the reader takes on.
    """
    if (size := path.stat().st_size) > MOST_TEXT:
        raise too_large("file.too_large", place, size, MOST_TEXT)
    try:
        file = Compound(path.read_bytes())
        file.require_sound()
        return _Book.of(file.stream(_WORKBOOK), place).look_over(place)
    except (struct.error, LookupError, ValueError) as error:
        raise damaged(place, str(error)) from error


def stream_names(path: Path) -> set[str]:
    """The names of the streams of an OLE file. Raises ValueError when it is none."""
    try:
        return {entry.name for entry in Compound(path.read_bytes()).entries}
    except (struct.error, LookupError) as error:
        raise ValueError(str(error)) from error


@dataclass(slots=True)
class _Book:
    """The records before the first sheet: which sheets there are, and how long each shared text is."""

    stream: bytes
    sheets: list[tuple[str, int]] = field(default_factory=list)
    lengths: Sequence[int] = ()

    @classmethod
    def of(cls, stream: bytes, place: Place) -> _Book:
        book = cls(stream)
        for kind, body, at in _records(stream, 0):
            if kind == _FILEPASS and any(body[:2]):
                raise DeliveryRefused(Finding("file.encrypted", place, "xls"))
            if kind == _BOUNDSHEET:
                book.sheets.append((_name(body), struct.unpack_from("<I", body)[0]))
            elif kind == _SST:
                book.lengths = _lengths(body, [part for _, part, _ in _continued(stream, at)])
            elif kind == _EOF:
                break
        return book

    def look_over(self, place: Place) -> dict[str, Faults]:
        found: dict[str, Faults] = {}
        cells = 0
        for name, start in self.sheets:
            scan = _Scan(self.lengths)
            scan.run(self.stream, start)
            where = Place(place.dataset, place.file, name)
            cells += (scan.last_row + 1) * (scan.last_column + 1)
            if cells > MOST_CELLS:  # all sheets are opened at once
                raise too_wide(scan.last_row, scan.last_column, where, MOST_CELLS)
            if scan.merged > MOST_MERGED:
                raise too_large("file.bomb", where, scan.merged, MOST_MERGED)
            if scan.text > MOST_TEXT:
                raise too_large("file.bomb", where, scan.text, MOST_TEXT)
            found.setdefault(name, scan.faults)
        return found


class _Scan:
    """One pass over the records of a sheet."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.last_row = self.last_column = -1
        self.text = self.merged = 0
        self.faults: Faults = {}
        self._lengths = lengths

    def run(self, stream: bytes, start: int) -> None:
        depth = 0
        for kind, body, _ in _records(stream, start):
            depth += (kind == _BOF) - (kind == _EOF)
            if kind == _EOF and depth <= 0:
                return
            if kind in _CELLS:
                self._cell(kind, body, own=depth == 1)
            elif kind == _DIMENSIONS:
                _require_dimensions(body)
            elif kind == _MERGED:
                self.merged += struct.unpack_from("<H", body)[0]

    def _cell(self, kind: int, body: bytes, *, own: bool) -> None:
        row, column = struct.unpack_from("<HH", body)
        last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULRK else column
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column, last)
        if kind == _LABELSST:
            (index,) = struct.unpack_from("<I", body, 6)
            self.text += self._lengths[index] if index < len(self._lengths) else 0
        elif own and (text := _error(kind, body)):
            self.faults[row, column] = text


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes, int]]:
    """Kind and body of each record, and where the next begins."""
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        start += 4 + length
        yield kind, stream[start - length : start], start


def _continued(stream: bytes, start: int) -> Iterator[tuple[int, bytes, int]]:
    for record in _records(stream, start):
        if record[0] != _CONTINUE:
            return
        yield record


def _name(body: bytes) -> str:
    wide = body[7] & 1
    name = body[8 : 8 + body[6] * (1 + wide)]
    return name.decode("utf-16-le" if wide else "latin-1").replace("\0", "")


def _require_dimensions(body: bytes) -> None:
    """The reader sets memory aside for what this record says, before it has seen a cell.

    It takes two forms, this format's and that of the one before; a record of another length it refuses itself.
    """
    form = {10: "<HHHH", 14: "<IIHH"}.get(len(body))
    if form is None:
        return
    top, bottom, left, right = struct.unpack_from(form, body)
    if bottom > _ROWS or right > _COLUMNS or top > max(bottom, 1) or left > max(right, 1):
        raise ValueError(f"dimensions {top}–{bottom} × {left}–{right}")


def _error(kind: int, body: bytes) -> str:
    """The text of the error that a record holds; empty when it holds a value."""
    if kind == _BOOLERR:
        return _NAMES.get(body[6], "#ERROR") if body[7] else ""
    if kind not in _FORMULAS:
        return ""
    is_error = body[12:14] == b"\xff\xff" and body[6] == 2  # noqa: PLR2004  0 text, 1 boolean, 2 error, 3 empty
    return _NAMES.get(body[8], "#ERROR") if is_error else ""


def _lengths(body: bytes, more: Sequence[bytes]) -> list[int]:
    """The length of each shared text, in characters."""
    (count,) = struct.unpack_from("<I", body, 4)
    content = b"".join([body, *more])
    if count > len(content) // 3:
        raise ValueError(f"{count} shared texts in {len(content)} bytes")
    ends = [len(body)]
    for part in more:
        ends.append(ends[-1] + len(part))
    lengths: list[int] = []
    at = 8
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        lengths.append(length)
        at = _behind(content, ends, at, length)
    return lengths


def _behind(content: bytes, ends: Sequence[int], at: int, length: int) -> int:
    """Where a text ends. One that goes on in the next record begins there with its width anew."""
    flags, at = content[at + 2], at + 3
    runs = ext = 0
    if flags & 8:
        (runs,) = struct.unpack_from("<H", content, at)
        at += 2
    if flags & 4:
        (ext,) = struct.unpack_from("<I", content, at)
        at += 4
    wide = 1 + (flags & 1)
    end = ends[min(bisect_right(ends, at), len(ends) - 1)]
    while length > (room := (end - at) // wide):
        length, at = length - room, end
        wide, at = 1 + (content[at] & 1), at + 1
        end = ends[bisect_right(ends, at)]
    return at + length * wide + runs * 4 + ext
