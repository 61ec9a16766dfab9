"""What a file is, by its bytes. Its name says nothing: a saved error page is often called .xlsx."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

MAGIC: Final = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls"}
_OTHERS: Final = {
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"{\\rtf": "rtf",
    b"PAR1": "parquet",
    b"SQLite f": "sqlite",
}
_HTML: Final = (b"<!doctype html", b"<html", b"<head", b"<!doc")
_XML_SPREADSHEET: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
# Streams of an OLE file, as its directory writes them: what is no workbook of Excel 97 or later.
_STREAMS: Final = {
    "EncryptedPackage": "encrypted",
    "WordDocument": "doc",
    "PowerPoint Document": "ppt",
    "Book": "xls95",
}
# A part that only a package of that kind has.
_PARTS: Final = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "Index/Document.iwa": "numbers",
}


def kind_of(head: bytes) -> str:
    """What the first bytes say that a file is: xlsx, xls, html, empty, text, or another kind by its name."""
    if not head:
        return "empty"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:15].lower().startswith(_HTML):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in start.lower() else "xml spreadsheet" if _XML_SPREADSHEET in start else "text"
    if known := MAGIC.get(head[:4]):
        return known
    return next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), "text")


def format_of(path: Path) -> str:
    """As `kind_of`, and which package or OLE file it is: xlsb, ods, docx, encrypted, xls95 and more."""
    with path.open("rb") as file:
        head = file.read(512)
    kind = kind_of(head)
    return _package(path) if kind == "xlsx" else _ole(path) if kind == "xls" else kind


def _package(path: Path) -> str:
    """Which kind of package a zip is, by its directory; a damaged one is taken for what its bytes began with."""
    from pipelines.errors import DeliveryRefused
    from pipelines.findings import Place
    from pipelines.reading.package import parts

    try:
        names = set(parts(path, Place()))
    except DeliveryRefused:
        return "xlsx"  # opening it tells what is wrong
    if "mimetype" in names and "content.xml" in names:
        return _open_document(path)
    return next((kind for name, kind in _PARTS.items() if name in names), "zip" if names else "xlsx")


def _open_document(path: Path) -> str:
    with zipfile.ZipFile(path) as book, book.open("mimetype") as file:
        return "ods" if b"spreadsheet" in file.read(200) else "odf"


def _ole(path: Path) -> str:
    """Which kind of OLE file it is. The names of its streams stand in UTF-16 in its directory."""
    from pipelines.reading.biff import stream_names

    try:
        names = stream_names(path)
    except ValueError:
        return "xls"
    if "Workbook" in names:
        return "xls"
    return next((kind for name, kind in _STREAMS.items() if name in names), "ole")
