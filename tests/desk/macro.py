"""A macro project as Excel keeps it in `xl/vbaProject.bin`: a compound file ([MS-CFB]) of the streams of [MS-OVBA].

Written here, so that the tests hold a real one whose text can be read in this repository: LibreOffice shows it as its
own macros, and so does whatever else reads [MS-OVBA].
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MACRO = 'Attribute VB_Name = "Module1"\r\nSub Total()\r\n    Range("C9").Value = 1\r\nEnd Sub\r\n'
_GUIDS = {"ThisWorkbook": "00020819", "Sheet": "00020820"}  # what Excel's documents are to its programming language
_LIBRARIES = {
    "VBA": r"*\G{000204EF-0000-0000-C000-000000000046}#4.2#9#VBE7.DLL#Visual Basic For Applications",
    "Excel": r"*\G{00020813-0000-0000-C000-000000000046}#1.9#0#EXCEL.EXE#Microsoft Excel 16.0 Object Library",
}
_PROJECT = "{8C5A3F0E-1B7D-4D0A-9E52-6F3B2A1C4D5E}"
_NONE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALL = 512, 64


def vba_project(sheets: int) -> bytes:
    """The macro project of a workbook with some sheets: a module for each document, and one with `MACRO`."""
    documents = ["ThisWorkbook", *(f"Sheet{n + 1}" for n in range(sheets))]
    texts = {name: _document(name) for name in documents} | {"Module1": MACRO}
    streams = {name: _compressed(text.encode()) for name, text in texts.items()}
    streams |= {"dir": _compressed(_dir(documents, list(texts))), "_VBA_PROJECT": b"\xcc\x61\xff\xff\0\0\0"}
    return compound({"PROJECT": _project(documents).encode(), "VBA": streams})


def _document(name: str) -> str:
    kind = _GUIDS.get(name, _GUIDS["Sheet"])
    flags = {"GlobalNameSpace": 0, "Creatable": 0, "PredeclaredId": 1, "Exposed": 1}
    lines = [f'VB_Name = "{name}"', f'VB_Base = "0{{{kind}-0000-0000-C000-000000000046}}"']
    lines += [f"VB_{flag} = {bool(on)}" for flag, on in flags.items()]
    return "".join(f"Attribute {line}\r\n" for line in lines)


def _compressed(text: bytes) -> bytes:
    """The container of section 2.4.1 with one chunk of literal bytes: for what is shorter than 3,600 bytes."""
    assert len(text) < 3600
    chunk = b"".join(b"\0" + text[at : at + 8] for at in range(0, len(text), 8))
    return b"\x01" + struct.pack("<H", 0xB000 | (len(chunk) - 1)) + chunk


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HI", kind, len(body)) + body


def _named(kind: int, unicode: int, name: str) -> bytes:
    return _record(kind, name.encode("ascii")) + _record(unicode, name.encode("utf-16-le"))


def _dir(documents: Sequence[str], modules: Sequence[str]) -> bytes:
    """The records of section 2.3.4.2: the project, what it refers to, its modules."""
    number, word = struct.Struct("<I").pack, struct.Struct("<H").pack
    head = _record(1, number(1)) + _record(2, number(0x411)) + _record(0x14, number(0x409)) + _record(3, word(932))
    head += _record(4, b"VBAProject") + _named(5, 0x40, "") + _record(6, b"") + _record(0x3D, b"")
    head += _record(7, number(0)) + _record(8, number(0)) + struct.pack("<HIIH", 9, 4, 1, 1) + _named(0xC, 0x3C, "")
    for name, library in _LIBRARIES.items():
        sized = number(len(library)) + library.encode("ascii") + bytes(6)
        head += _named(0x16, 0x3E, name) + _record(0xD, sized)
    head += _record(0xF, word(len(modules))) + _record(0x13, word(0xFFFF))
    return head + b"".join(_module(name, document=name in documents) for name in modules) + _record(0x10, b"")


def _module(name: str, *, document: bool) -> bytes:
    names = _named(0x19, 0x47, name) + _named(0x1A, 0x32, name) + _named(0x1C, 0x48, "")
    facts = _record(0x31, bytes(4)) + _record(0x1E, bytes(4)) + _record(0x2C, b"\xff\xff")
    return names + facts + _record(0x22 if document else 0x21, b"") + _record(0x2B, b"")


def _project(documents: Sequence[str]) -> str:
    """The text of section 2.3.1: nothing is protected, there is no password, all is visible."""
    lines = [f'ID="{_PROJECT}"', *(f"Document={name}/&H00000000" for name in documents), "Module=Module1"]
    lines += ['Name="VBAProject"', 'HelpContextID="0"', 'VersionCompatible32="393222000"']
    lines += [f'CMG="{_hidden(bytes(4))}"', f'DPB="{_hidden(bytes(1))}"', f'GC="{_hidden(bytes([255]))}"']
    lines += ["", "[Host Extender Info]", "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000", ""]
    return "\r\n".join(lines)


def _hidden(data: bytes, seed: int = 8) -> str:
    """The encryption of section 2.4.3.2, without the bytes that are there to be ignored (for seeds as this one)."""
    key = sum(_PROJECT.encode()) & 255
    found = [seed, seed ^ 2, seed ^ key]
    before = key
    for byte in struct.pack("<I", len(data)) + data:
        found.append(byte ^ ((found[-2] + before) & 255))
        before = byte
    return bytes(found).hex().upper()


@dataclass
class _Entry:
    """An entry of the directory: a storage or a stream, and the entries to its left, right and below it."""

    name: str
    kind: int
    start: int = _END
    size: int = 0
    left: int = _NONE
    right: int = _NONE
    below: int = _NONE
    black: bool = True

    def packed(self) -> bytes:
        """128 bytes."""
        name = (self.name + "\0").encode("utf-16-le")
        links = (self.left, self.right, self.below)
        head = struct.pack("<64sHBB3I", name, len(name), self.kind, self.black, *links)
        return head + bytes(36) + struct.pack("<IQ", self.start, self.size)


@dataclass
class _Writer:
    entries: list[_Entry] = field(default_factory=lambda: [_Entry("Root Entry", 5)])
    small: bytes = b""
    chains: list[int] = field(default_factory=list)

    def put(self, parent: int, contents: Mapping[str, bytes | Mapping[str, bytes]]) -> None:
        """Add the streams and storages below an entry."""
        numbers = {}
        for name, body in contents.items():
            numbers[name] = len(self.entries)
            if isinstance(body, bytes):
                self.entries.append(_Entry(name, 2, self._small(body), len(body)))
            else:
                self.entries.append(_Entry(name, 1, 0))
                self.put(numbers[name], body)
        ordered = [numbers[name] for name in sorted(contents, key=lambda name: (len(name), name.upper()))]
        self.entries[parent].below = self._tree(ordered, len(ordered).bit_length())

    def _small(self, body: bytes) -> int:
        start, count = len(self.chains), -(-len(body) // _SMALL)
        self.chains += [*range(start + 1, start + count), _END]
        self.small += body.ljust(count * _SMALL, b"\0")
        return start

    def _tree(self, ordered: Sequence[int], levels: int) -> int:
        """A search tree whose last level is red, all others black."""
        if not ordered:
            return _NONE
        middle = len(ordered) // 2
        entry = self.entries[ordered[middle]]
        entry.black = levels > 1 or len(self.entries) == 1
        entry.left = self._tree(ordered[:middle], levels - 1)
        entry.right = self._tree(ordered[middle + 1 :], levels - 1)
        return ordered[middle]


def compound(contents: Mapping[str, bytes | Mapping[str, bytes]]) -> bytes:
    """A compound file of streams below 4,096 bytes, and of one level of storages."""
    writer = _Writer()
    writer.put(0, contents)
    writer.entries += [_Entry("", 0, 0) for _ in range(-len(writer.entries) % 4)]
    table = struct.pack(f"<{len(writer.chains)}I", *writer.chains)
    sizes = [len(writer.entries) * 128, len(table), len(writer.small)]
    directory, chained, held = (-(-size // _SECTOR) for size in sizes)
    firsts = [1, 1 + directory, 1 + directory + chained]  # behind the one sector of the table of sectors
    writer.entries[0].start, writer.entries[0].size = firsts[2], len(writer.small)
    following = [_TABLE]
    for first, count in zip(firsts, (directory, chained, held), strict=True):
        following += [*range(first + 1, first + count), _END]
    assert len(following) <= _SECTOR // 4
    sectors = [
        struct.pack(f"<{len(following)}I", *following).ljust(_SECTOR, b"\xff"),
        b"".join(entry.packed() for entry in writer.entries),
        table.ljust(chained * _SECTOR, b"\xff"),
        writer.small.ljust(held * _SECTOR, b"\0"),
    ]
    return _head(firsts, chained) + b"".join(sectors)


def _head(firsts: Sequence[int], chained: int) -> bytes:
    version = struct.pack("<16xHHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    counts = struct.pack("<9I", 0, 1, firsts[0], 0, 4096, firsts[1], chained, _END, 0)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + version + counts + struct.pack("<I", 0) + b"\xff" * 432
