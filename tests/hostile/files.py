"""Hostile files by name: how each is made, and the code that it is refused with (`read` where it is harmless)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import xlwt

from tests.hostile.zips import HEAD, ROW_1, TAIL, book, deflated, parts, raw, shared, spaces

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


class Hostile(NamedTuple):
    """One file: its name, its maker, and what becomes of it."""

    name: str
    make: Callable[[Path], object]
    code: str
    kind: str = "workbook"


def _dimension(path: Path) -> object:
    return book(path, parts(sheet1=HEAD.replace("<sheetData>", LIE + "<sheetData>") + ROW_1 + TAIL))


def _declared(declaration: str, name: str) -> Callable[[Path], object]:
    text = f'<?xml version="1.0"?>{declaration}<x>&a;</x>'
    return lambda path: book(path, parts(**{name: text}))


def _sheet(rows: str) -> Callable[[Path], object]:
    return lambda path: book(path, parts(rows))


def _entries(path: Path, sheet: tuple[bytes, int, int], **options: bool) -> object:
    plain = [(name, *deflated(text)) for name, text in parts().items() if "sheet1" not in name]
    return raw(path, [*plain, ("xl/worksheets/sheet1.xml", *sheet)], **options)


def _lying(path: Path) -> object:
    packed, crc, _ = spaces(64)
    return _entries(path, (packed, crc, 1000))


def _overlapping(path: Path) -> object:
    packed, crc, size = deflated(b" " * 100_000)
    return raw(path, [(f"xl/media/{i}.xml", packed, crc, size) for i in range(1000)], overlap=True)


def _encrypted_zip(path: Path) -> object:
    return raw(path, [(name, *deflated(text)) for name, text in parts().items()], flag=1)


def _many(path: Path) -> object:
    empty = deflated(b"")
    return raw(path, [(f"x{i}", *empty) for i in range(20_000)])


def _cells_without_addresses(path: Path) -> object:
    row = '<row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>"
    return book(path, parts(row))


def _shared_text(path: Path) -> object:
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(2, 100_000))
    return book(path, parts(cells, sharedStrings=shared(f"<sst><si><t>{'あ' * 32_000}</t></si></sst>")))


def _merged(path: Path) -> object:
    ranges = '<mergeCell ref="A1:XFD1048576"/>' * 200_000
    return book(path, parts(sheet1=HEAD + ROW_1 + TAIL.replace("</w", f"<mergeCells>{ranges}</mergeCells></w")))


def _nested(path: Path) -> object:
    inner = b""
    for name in ("a", "b", "c"):
        book(path, {f"{name}{i}.zip": inner or b" " * 1_000_000 for i in range(10)})
        inner = path.read_bytes()
    return path


def _deep(path: Path) -> object:
    return book(path, parts("<row>" * 300_000 + "</row>" * 300_000))


def old_workbook(path: Path, rows: int = 3) -> bytes:
    """The bytes of a small .xls, to be altered; it has shared texts, figures and an error."""
    made = xlwt.Workbook()
    page = made.add_sheet("表")
    page.write(0, 0, "値")
    for row in range(1, rows):
        page.write(row, 0, row / 3)  # as eight bytes; a rounder figure is packed
        page.write(row, 1, f"文{row}")
    made.save(str(path))
    return path.read_bytes()


def _altered(find: bytes, put: bytes, rows: int = 3) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        content = old_workbook(path, rows)
        assert content.count(find) == 1, content.count(find)
        return path.write_bytes(content.replace(find, put))

    return make


def _far(path: Path) -> object:
    """The figure of row 2 says that it stands in row 65536 and column 65536."""
    content = bytearray(old_workbook(path))
    at = content.index(struct.pack("<d", 1 / 3))
    content[at - 6 : at - 2] = b"\xff" * 4
    return path.write_bytes(bytes(content))


def _circle(path: Path) -> object:
    """The sector after the first of the workbook's stream is that first one."""
    content = bytearray(old_workbook(path, 2000))
    table = (struct.unpack_from("<I", content, 76)[0] + 1) * 512
    struct.pack_into("<I", content, table + 4, 1)
    struct.pack_into("<I", content, table, 0)
    return path.write_bytes(bytes(content))


def _encrypted_ole(path: Path) -> object:
    content = bytearray(old_workbook(path))
    at = content.index("Workbook".encode("utf-16-le"))
    content[at : at + 34] = ("EncryptedPackage" + "\0").encode("utf-16-le")
    struct.pack_into("<H", content, at + 64, 34)
    return path.write_bytes(bytes(content))


def _long_line(path: Path) -> object:
    """A gigabyte of which only the first megabytes are on the disk."""
    with path.open("wb") as file:
        file.write("値\n".encode() + b"1" * (3 << 20))
        file.truncate(1 << 30)
    return path


def _open_quote(path: Path) -> object:
    return path.write_bytes('値\n"'.encode() + b"12345678\n" * 1_000_000)


def _columns(path: Path) -> object:
    return path.write_bytes("値".encode() + b"," * 1_000_000 + b"\n" + b"1,2\n" * 100_000)


SIZE = struct.pack("<HHIIHH", 0x200, 14, 0, 3, 0, 2)
HUGE = struct.pack("<HHIIHH", 0x200, 14, 0, 0xFFFFFFF0, 0, 0xFFFF)
# In the form of the format before, with a first row behind the last; and an empty record for the bytes that are over.
SHORT = struct.pack("<HHHHHHHH", 0x200, 10, 9, 3, 0, 2, 0, 0)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
LIE = '<dimension ref="A1:XFD1048576"/>'
MACRO = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub Auto_Open"}
LINKS = {
    "xl/externalLinks/externalLink1.xml": b'<externalLink xmlns="x"/>',
    "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships xmlns="x"><Relationship Id="a" '
    b'TargetMode="External" Target="http://127.0.0.1:9/x.xlsx"/></Relationships>',
}
RUN = "<f>cmd|'/c calc'!A0</f>"

FILES = [
    Hostile("bomb.xlsx", lambda path: _entries(path, spaces(600)), "file.bomb"),
    Hostile("bomb_that_lies.xlsx", _lying, "file.bomb"),
    Hostile("bomb_of_overlaps.xlsx", _overlapping, "file.bomb"),
    Hostile("bomb_of_parts.xlsx", _many, "file.bomb"),
    Hostile("bomb_of_bombs.xlsx", _nested, "file.wrong_kind"),
    Hostile("bomb_of_shared_text.xlsx", _shared_text, "file.bomb"),
    Hostile("bomb_of_merged_ranges.xlsx", _merged, "file.bomb"),
    Hostile("laughs_in_the_sheet.xlsx", _declared(LAUGHS, "sheet1"), "file.markup"),
    Hostile("laughs_in_the_texts.xlsx", _declared(LAUGHS, "sharedStrings"), "file.markup"),
    Hostile("laughs_in_the_book.xlsx", _declared(LAUGHS, "workbook"), "file.markup"),
    Hostile("entity_outside.xlsx", _declared(OUTSIDE, "sharedStrings"), "file.markup"),
    Hostile("entity_unknown.xlsx", _sheet('<row r="2"><c r="A2"><v>&a;</v></c></row>'), "file.damaged"),
    Hostile("deep.xlsx", _deep, "read"),
    Hostile("far.xlsx", _sheet(FAR), "sheet.too_large"),
    Hostile("far_without_addresses.xlsx", _cells_without_addresses, "sheet.too_large"),
    Hostile("dimension_lies.xlsx", _dimension, "read"),
    Hostile("climbing.xlsx", lambda p: book(p, {**parts(), "../../tmp/evil": b"x"}), "file.damaged"),
    Hostile("rtl_part.xlsx", lambda p: book(p, {**parts(), "xl/\u202excod.exe": b"x"}), "file.damaged"),
    Hostile("password.xlsx", _encrypted_ole, "file.encrypted"),
    Hostile("password_zip.xlsx", _encrypted_zip, "file.encrypted"),
    Hostile("password.xls", _altered(b"\xe1\x00\x02\x00\xb0\x04", b"\x2f\x00\x02\x00\x01\x00"), "file.encrypted"),
    Hostile("macro.xlsx", lambda path: book(path, {**parts(), **MACRO}), "read"),
    Hostile("links.xlsx", lambda path: book(path, {**parts(), **LINKS}), "read"),
    Hostile("runs.xlsx", _sheet(f'<row r="2"><c r="A2">{RUN}</c></row>'), "sheet.fault"),
    Hostile("circle.xls", _circle, "file.damaged"),
    Hostile("far.xls", _far, "sheet.too_large"),
    Hostile("dimension_lies.xls", _altered(SIZE, HUGE), "file.damaged"),
    Hostile("short_dimension_lies.xls", _altered(SIZE, SHORT), "file.damaged"),
    Hostile("texts_lie.xls", _altered(struct.pack("<II", 3, 3), struct.pack("<II", 3, 0x7FFFFFFF)), "file.damaged"),
    Hostile("long_line.csv", _long_line, "csv.long_line", "csv"),
    Hostile("open_quote.csv", _open_quote, "csv.quotes", "csv"),
    Hostile("columns.csv", _columns, "sheet.too_large", "csv"),
    Hostile("zeros.csv", lambda path: path.write_bytes("値\n1\n".encode("utf-16-le")), "file.encoding", "csv"),
]
