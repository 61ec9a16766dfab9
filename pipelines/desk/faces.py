"""The faces of one check: the page and the annotated copy. The command and the desk show both through here."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from pipelines.checking.report import Report
from pipelines.desk.annotate import annotate
from pipelines.desk.grids import grids_of
from pipelines.desk.made import sheet_name, workbook_of
from pipelines.desk.package import damaged
from pipelines.desk.page import page, rows_shown
from pipelines.desk.reported import cover_of, marks_of
from pipelines.desk.words import word
from pipelines.errors import DeliveryRefused
from pipelines.findings import Language


def html(report: Report, content: bytes, language: Language, links: Mapping[str, str] | None = None) -> str:
    """The page of a report, with pictures where the file can be looked into."""
    rows = rows_shown(report)
    try:
        grids = grids_of(content, rows) if rows else []
    except DeliveryRefused:
        grids = []
    return page(report, grids, language, links)


def copy(report: Report, content: bytes, language: Language) -> bytes:
    """The annotated copy as .xlsx or .xlsm. Raises DeliveryRefused when there can be none."""
    if report.verdict == "unreadable":
        raise damaged(report.groups[0].code if report.groups else "—")
    if is_package(content):
        return annotate(content, marks_of(report, language), cover_of(report, language), language)
    grids = grids_of(content)
    only = sheet_name(grids[0].sheet) if len(grids) == 1 else ""
    cover = cover_of(report, language, word("made", language))
    return annotate(workbook_of(grids), marks_of(report, language, only), cover, language)


def write(report: Report, file: Path, language: Language, page: Path | None, marked: Path | None) -> None:
    """Write page and copy. A copy gets the ending that Excel wants of it; where it can't be made, there is none.

    Raises DeliveryRefused when a file that was read can't be changed safely.
    """
    content = file.read_bytes()
    if page is not None:
        page.write_text(html(report, content, language), encoding="utf-8")
    if marked is not None and report.verdict != "unreadable":
        marked.with_suffix(suffix(content)).write_bytes(copy(report, content, language))


def suffix(content: bytes) -> str:
    """The ending of an annotated copy's name: a workbook with macros keeps its own."""
    return ".xlsm" if b"macroEnabled.main+xml" in _types(content) else ".xlsx"


def is_package(content: bytes) -> bool:
    """Whether a file is a workbook as a package of XML parts, which can be changed in place; an .xlsb is not."""
    types = _types(content)
    return b"spreadsheetml." in types and b".main+xml" in types


def _types(content: bytes) -> bytes:
    """The content types of a package, as far as they are of a sensible size; nothing where it is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as book, book.open("[Content_Types].xml") as part:
            return part.read(1 << 20)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError):
        return b""
