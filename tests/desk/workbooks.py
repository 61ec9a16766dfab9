"""Workbooks with everything that a library which loads and saves them would lose."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
import zlib
from pathlib import Path

import xlsxwriter

SHEET = "ごみ排出量"
OTHER = "It's 別表"


def png(width: int = 40, height: int = 30) -> bytes:
    """A small picture, drawn here."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes([30, 120, 60] * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def rich(macro: bytes = b"", filled: str = "") -> bytes:
    """A sheet with a chart, a text box, a picture, a comment, conditional formats and choices, and a second sheet.

    `filled`: the colour of B6 and F30, as a department would have coloured them itself.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2026, 4, 1)})
    if macro:
        book.add_vba_project(io.BytesIO(macro), True)
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bg_color": "#DDE8CB", "border": 1})
    figure = book.add_format({"num_format": "#,##0", "border": 1, "bg_color": "#FFFFFF"})
    sheet.set_column("A:A", 14)
    sheet.merge_range("A1:C1", "ごみ排出量の推移", head)
    sheet.write_row("A3", ["年度", "1人1日あたり", "総量"], head)
    own = {"num_format": "#,##0", "border": 1, "bg_color": filled or "#FFFFFF"}
    if filled:
        sheet.write_blank("F30", None, book.add_format({"bg_color": filled}))
    for n, year in enumerate(["平成30年度", "令和元年度", "令和2年度", "令和3年度"]):
        sheet.write(3 + n, 0, year)
        sheet.write(3 + n, 1, ["902", 887, "８７０ｇ", 861][n], book.add_format(own) if n == 2 else figure)
        sheet.write_formula(3 + n, 2, f"=B{4 + n}*2", figure, 1000 + n)
    sheet.write_comment("B4", "前からあるメモ")
    sheet.conditional_format("C4:C7", {"type": "data_bar"})
    sheet.data_validation("A4:A7", {"validate": "list", "source": ["平成30年度", "令和元年度", "令和2年度"]})
    sheet.insert_textbox("E9", "担当：環境局", {"width": 160, "height": 50})
    sheet.insert_image("H9", "mark.png", {"image_data": io.BytesIO(png())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{SHEET}'!$C$4:$C$7"})
    sheet.insert_chart("E11", chart, {"x_scale": 0.6, "y_scale": 0.6})
    other = book.add_worksheet(OTHER)
    other.write("A1", "そのほか")
    other.add_table("A3:B5", {"columns": [{"header": "区"}, {"header": "値"}], "data": [["川崎区", 1], ["幸区", 2]]})
    book.add_worksheet("触らない").write("A1", "そのまま")
    book.define_name("合計", f"='{SHEET}'!$C$7")
    book.define_name(f"'{OTHER}'!ここ", f"='{OTHER}'!$A$1")
    book.close()
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    """A workbook of some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, body in contents.items():
            book.writestr(name, body)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of a few megabytes whose one sheet unpacks to more than a gigabyte."""
    found = parts(rich())
    del found["xl/worksheets/sheet1.xml"]
    out = io.BytesIO(packed(found))
    block = b"<row><c><v>1</v></c></row>" * 40_000
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
        for _ in range(1200):
            sheet.write(block)
        sheet.write(b"</sheetData></worksheet>")
    return out.getvalue()


def save(content: bytes, path: Path) -> Path:
    """Write a workbook for a program that wants a file."""
    path.write_bytes(content)
    return path
