"""The little file system that an .xls is ([MS-CFB]), checked sector by sector.

The reader in Rust follows its chains without counting and takes lengths at their word: a chain in a circle would fill
all memory, a length of 100 GB ends the process. So nothing is handed to it that this module did not follow to its end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_SIZES: Final = {9: 512, 12: 4096}
_END, _LAST_SECTOR = 0xFFFFFFFE, 0xFFFFFFFA  # the end of a chain; from here on no number is a sector's
_SMALL, _SMALL_STREAM = 64, 4096  # bytes of a small sector; shorter streams are made of those
_ENTRY: Final = 128


class Unsound(ValueError):
    """A chain, length or number that cannot be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream: its name, first sector and length."""

    name: str
    start: int
    length: int


class Compound:
    """The streams of such a file. Raises Unsound, struct.error or LookupError where it is not whole."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._size = _SIZES[struct.unpack_from("<H", content, 30)[0]]
        self._count = -(-(len(content) - self._size) // self._size)
        for at in (40, 44, 64):  # sectors of directory, table and small table, for which memory is set aside
            if self._number(at) > self._count:
                raise Unsound("more sectors than the file has")
        self._table = self._read_table()
        self.entries = list(self._read_entries())

    def stream(self, name: str) -> bytes:
        """The bytes of the first stream of that name. Raises LookupError when there is none."""
        entry = next((entry for entry in self.entries if entry.name == name), None)
        if entry is None:
            raise LookupError(name)
        if entry.length > len(self._content):
            raise Unsound("a stream longer than the file")
        if entry.length >= _SMALL_STREAM:
            return self._chained(entry.start)[: entry.length]
        return self._small(entry)[: entry.length]

    def _number(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._content, at)[0])

    def _sector(self, number: int) -> bytes:
        if number >= self._count:
            raise Unsound("a sector behind the end of the file")
        return self._content[(number + 1) * self._size : (number + 2) * self._size]

    def _numbers(self, number: int) -> tuple[int, ...]:
        sector = self._sector(number)
        return struct.unpack(f"<{self._size // 4}I", sector.ljust(self._size, b"\xff"))

    def _read_table(self) -> list[int]:
        """For each sector the one that follows it."""
        listed = list(struct.unpack_from("<109I", self._content, 76))
        more = self._number(68)
        while more < _LAST_SECTOR:
            if len(listed) > self._count + 109 + self._size:
                raise Unsound("a chain in a circle")
            *entries, more = self._numbers(more)
            listed += entries
        return [each for number in listed if number < _LAST_SECTOR for each in self._numbers(number)]

    def _chained(self, sector: int) -> bytes:
        return b"".join(self._sector(number) for number in _chain(sector, self._table))

    def _read_entries(self) -> Iterator[Entry]:
        folder = self._chained(self._number(48))
        for at in range(0, len(folder) - _ENTRY + 1, _ENTRY):
            name = folder[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
            (start,) = struct.unpack_from("<I", folder, at + 116)
            (length,) = struct.unpack_from("<I" if self._size == _SIZES[9] else "<Q", folder, at + 120)
            yield Entry(name, start, length)

    @cached_property
    def _small_sectors(self) -> tuple[bytes, Sequence[int]]:
        """The bytes that small streams are made of, and for each small sector the one that follows it."""
        root = self.entries[0]
        if root.length > len(self._content) or not self._number(64):
            raise Unsound("small sectors are missing")
        links = self._chained(self._number(60))
        return self._chained(root.start)[: root.length], struct.unpack(f"<{len(links) // 4}I", links)

    def _small(self, entry: Entry) -> bytes:
        body, table = self._small_sectors
        numbers = list(_chain(entry.start, table))
        if any((number + 1) * _SMALL > len(body) for number in numbers):
            raise Unsound("a small sector behind the end")
        return b"".join(body[number * _SMALL : (number + 1) * _SMALL] for number in numbers)

    def require_sound(self) -> None:
        """Follow what the reader in Rust follows when it opens the file."""
        if self._number(64):
            _ = self._small_sectors


def _chain(sector: int, table: Sequence[int]) -> Iterator[int]:
    """The sectors of a chain. Raises Unsound when it runs in a circle or ends with anything but its end."""
    for _ in range(len(table) + 1):
        if sector == _END:
            return
        if sector >= len(table):
            raise Unsound("a chain that leaves the table")
        yield sector
        sector = table[sector]
    raise Unsound("a chain in a circle")
