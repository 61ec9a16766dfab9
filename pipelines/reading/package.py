"""The zip that a workbook is. It is looked over before anything opens it, and nothing of it ever becomes a file.

What the reader in Rust asks of a zip is bounded by what is checked here: the number of parts, what they unpack to, and
that they are where and what the directory says. Otherwise a few kilobytes could take all memory and, since a failed
allocation ends the process, the whole night.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.limits import MOST_PARTS, MOST_UNPACKED
from pipelines.reading.refuse import damaged, too_large

_BLOCK: Final = 1 << 18
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_LOCAL: Final = b"PK\x03\x04"
_HEADER: Final = 30  # bytes of a local header before name and extra field
_ENCRYPTED: Final = 0x1
# What `zipfile` raises on opening: no zip, a directory that makes no sense, a zip of a version that it does not know.
UNREADABLE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    ValueError,
    OSError,
    struct.error,
)


def parts(path: Path, place: Place) -> Mapping[str, zipfile.ZipInfo]:
    """The parts of a zip by name. Raises DeliveryRefused when they are too many, too large or not what they seem."""
    _require_small_directory(path, place)
    try:
        with zipfile.ZipFile(path) as book:
            found = book.infolist()
    except UNREADABLE as error:
        raise damaged(place, str(error)) from error
    _require_sound(found, place)
    return {part.filename: part for part in found}


def _require_small_directory(path: Path, place: Place) -> None:
    """Count the parts without reading the directory, which may itself be the bomb."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (1 << 16) - 64))
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < 22:  # noqa: PLR2004  the record's own length
            raise damaged(place, "zip: no end of central directory")
        count, length = struct.unpack_from("<HI", tail, at + 10)
        if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:  # noqa: PLR2004
            count, length = _large_directory(file.seek(struct.unpack_from("<Q", tail, at - 12)[0]), path, place)
    if count > MOST_PARTS or length > MOST_PARTS * 512:
        raise too_large("file.bomb", place, max(count, length // 512), MOST_PARTS)


def _large_directory(at: int, path: Path, place: Place) -> tuple[int, int]:
    """Number of parts and bytes of a directory with 64-bit numbers."""
    with path.open("rb") as file:
        file.seek(at)
        record = file.read(56)
    if len(record) < 56 or record[:4] != _END64:  # noqa: PLR2004  the record's own length
        raise damaged(place, "zip64: no end of central directory")
    count, length = struct.unpack_from("<QQ", record, 32)
    return count, length


def _require_sound(found: Sequence[zipfile.ZipInfo], place: Place) -> None:
    if any(part.flag_bits & _ENCRYPTED for part in found):
        raise DeliveryRefused(Finding("file.encrypted", place, "zip"))
    if (total := sum(part.file_size for part in found)) > MOST_UNPACKED:
        raise too_large("file.bomb", place, total, MOST_UNPACKED)
    names = Counter(part.filename.lower() for part in found)
    for part in found:
        if names[part.filename.lower()] > 1 or not _is_sound_name(part.orig_filename):
            raise damaged(place, part.orig_filename)
        if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise damaged(place, f"{part.filename}: compression {part.compress_type}")
    _require_apart(found, place)


def _is_sound_name(name: str) -> bool:
    """Whether a part's name stays in its folder and has no character that only looks like another or like nothing."""
    return name.isprintable() and not name.startswith(("/", "\\")) and ".." not in name.replace("\\", "/").split("/")


def _require_apart(found: Sequence[zipfile.ZipInfo], place: Place) -> None:
    """Parts that share bytes unpack to more than a zip could otherwise hold (Fifield's bomb)."""
    end = 0
    for part in sorted(found, key=lambda part: part.header_offset):
        if part.header_offset < end:
            raise DeliveryRefused(Finding("file.bomb", place, part.filename, {"most": f"{MOST_UNPACKED:,}"}))
        end = part.header_offset + _HEADER + len(part.filename) + part.compress_size


def unpacked(path: Path, part: zipfile.ZipInfo, place: Place) -> Iterator[bytes]:
    """A part's bytes, block by block. Raises DeliveryRefused as soon as they are not what the directory says.

    `zipfile` stops at the size that the directory states, and the reader in Rust does not: what is looked over must be
    what is read.
    """
    total, crc = 0, 0
    for block in _blocks(path, part, place):
        total, crc = total + len(block), zlib.crc32(block, crc)
        if total > part.file_size:
            raise too_large("file.bomb", place, total, part.file_size)
        yield block
    if total != part.file_size or crc != part.CRC:
        raise damaged(place, part.filename)


def _blocks(path: Path, part: zipfile.ZipInfo, place: Place) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    try:
        for packed in _packed(path, part, place):
            if inflate is None:
                yield packed
                continue
            yield inflate.decompress(packed, _BLOCK)
            while inflate.unconsumed_tail:
                yield inflate.decompress(inflate.unconsumed_tail, _BLOCK)
    except zlib.error as error:
        raise damaged(place, f"{part.filename}: {error}") from error


def _packed(path: Path, part: zipfile.ZipInfo, place: Place) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.header_offset)
        header = file.read(_HEADER)
        if len(header) < _HEADER or header[:4] != _LOCAL:
            raise damaged(place, part.filename)
        file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
        left = part.compress_size
        while left > 0 and (block := file.read(min(left, _BLOCK))):
            left -= len(block)
            yield block
