"""Cells of an .xls that hold an error (`#N/A`), which python-calamine gives as empty texts.

An .xls is a little file system ([MS-CFB]) with one stream of records ([MS-XLS]); of these only the few are looked at
that can hold an error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAMES: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_LAST_SECTOR: Final = 0xFFFFFFFA  # whatever is larger marks an end or nothing
_SIZES: Final = {9: 512, 12: 4096}
_WORKBOOK, _ROOT = "Workbook", "Root Entry"
_BOUNDSHEET, _BOOLERR, _BOF, _EOF = 0x0085, 0x0205, 0x0809, 0x000A
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)


def errors(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column, from 0, of each cell of a sheet that holds an error, with its text. Raises ValueError."""
    try:
        stream = _stream(path.read_bytes())
        start = next(offset for name, offset in _sheets(stream) if name == sheet)
        return {position: text for position, text in _errors(stream, start) if text}
    except (struct.error, LookupError, StopIteration) as error:
        raise ValueError(f"{sheet}: {error}") from error


def _stream(content: bytes) -> bytes:
    """The stream of the workbook, put together from its sectors; a short one from the small sectors of another."""
    size = _SIZES[struct.unpack_from("<H", content, 30)[0]]
    body = content[size:]
    table = _allocation(content, size)
    entries = list(_entries(_chained(body, size, table, _number(content, 48))))
    start, length = next((start, length) for name, start, length in entries if name == _WORKBOOK)
    if length >= _number(content, 56):
        return _chained(body, size, table, start)[:length]
    small = _chained(body, size, table, next(start for name, start, _ in entries if name == _ROOT))
    links = _chained(body, size, table, _number(content, 60))
    return _chained(small, 64, list(struct.unpack(f"<{len(links) // 4}I", links)), start)[:length]


def _number(content: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", content, at)[0])


def _entries(folder: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, first sector and length of each stream."""
    for at in range(0, len(folder) - 127, 128):
        length = struct.unpack_from("<H", folder, at + 64)[0]
        name = folder[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        yield name, _number(folder, at + 116), _number(folder, at + 120)


def _allocation(content: bytes, size: int) -> list[int]:
    """For each sector the one that follows it."""
    listed = list(struct.unpack_from("<109I", content, 76))
    more = _number(content, 68)
    while more < _LAST_SECTOR and len(listed) * size <= len(content):
        *entries, more = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        listed += entries
    sectors = [number for number in listed if number < _LAST_SECTOR]
    return [each for number in sectors for each in struct.unpack_from(f"<{size // 4}I", content, (number + 1) * size)]


def _chained(body: bytes, size: int, table: list[int], sector: int) -> bytes:
    parts: list[bytes] = []
    while sector < _LAST_SECTOR and len(parts) <= len(table):
        parts.append(body[sector * size : (sector + 1) * size])
        sector = table[sector]
    return b"".join(parts)


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(stream, 0):
        if kind == _BOUNDSHEET:
            wide = body[7] & 1
            name = body[8 : 8 + body[6] * (1 + wide)]
            yield name.decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", body)[0]
        elif kind == _EOF:
            return


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0
    for kind, body in _records(stream, start):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if depth == 1 and (kind == _BOOLERR or kind in _FORMULAS):
            row, column = struct.unpack_from("<HH", body)
            yield (row, column), _error(kind, body)


def _error(kind: int, body: bytes) -> str:
    """The text of the error that a record holds; empty when it holds a value."""
    if kind == _BOOLERR:
        return _NAMES.get(body[6], "#ERROR") if body[7] else ""
    is_error = body[12:14] == b"\xff\xff" and body[6] == 2  # noqa: PLR2004  0 text, 1 boolean, 2 error, 3 empty
    return _NAMES.get(body[8], "#ERROR") if is_error else ""
