"""Zips and workbooks that no spreadsheet writes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{_MAIN}"><sheetData>'
TAIL = "</sheetData></worksheet>"
ROW_1 = '<row r="1"><c r="A1" t="inlineStr"><is><t>値</t></is></c></row>'


def parts(rows: str = '<row r="2"><c r="A2"><v>1</v></c></row>', **more: str) -> dict[str, bytes]:
    """The least that a workbook is made of; `more` replaces parts by their name without folder and ending."""
    found = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE.replace("relationships", "content-types")}"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="s" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": HEAD + ROW_1 + rows + TAIL,
    }
    for name, text in more.items():
        found[f"xl/{name}.xml" if name != "sheet1" else "xl/worksheets/sheet1.xml"] = text
    return {name: text.encode() for name, text in found.items()}


def book(path: Path, contents: Mapping[str, bytes]) -> Path:
    """A zip of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return path


def shared(texts: str) -> str:
    """A part of shared strings."""
    return f'<?xml version="1.0"?>{texts}'


def raw(path: Path, entries: list[tuple[str, bytes, int, int]], *, overlap: bool = False, flag: int = 0) -> Path:
    """A zip written by hand: name, deflated bytes, CRC and the size that its directory states."""
    body, directory, at = bytearray(), bytearray(), 0
    for name, packed, crc, size in entries:
        encoded = name.encode()
        fields = struct.pack("<HHHHHIIIHH", 20, flag, 8, 0, 33, crc, len(packed), size, len(encoded), 0)
        if not (overlap and body):
            at = len(body)
            body += b"PK\x03\x04" + fields + encoded + packed
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + encoded
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def deflated(content: bytes) -> tuple[bytes, int, int]:
    """Deflated bytes, CRC and size."""
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return squeezer.compress(content) + squeezer.flush(), zlib.crc32(content), len(content)


def spaces(megabytes: int) -> tuple[bytes, int, int]:
    """Many megabytes of spaces in a few kilobytes: one that is written once and repeated. Nobody gets to the CRC."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeezer.compress(b" " * (1 << 20)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + squeezer.flush(), 0, megabytes << 20


def dense(path: Path, rows: int, letters: str) -> Path:
    """A workbook full of figures."""
    lines = (
        f'<row r="{i}">' + "".join(f'<c r="{letter}{i}"><v>{i}.5</v></c>' for letter in letters) + "</row>"
        for i in range(2, rows + 1)
    )
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>値</t></is></c></row>'
    return book(path, parts(sheet1=HEAD + head + "".join(lines) + TAIL))
