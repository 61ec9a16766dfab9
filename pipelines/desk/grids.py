"""The sheets of a file that is held in memory, as grids, for pictures and for copies of what is no .xlsx."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from pipelines.desk.package import damaged
from pipelines.reading.grid import Grid, kind_of
from pipelines.reading.texts import text_of

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


def grids_of(content: bytes, wanted: Mapping[str, Container[int]] | None = None) -> list[Grid]:
    """The sheets of a workbook, or the one table of a text file, in order.

    `wanted`: the rows, from 0, of the sheets that are needed; the other rows are left empty. Errors and formulas that
    were never computed stand as the reader gives them: a picture decides nothing.

    Raises DeliveryRefused when the file can't be opened.
    """
    kind = kind_of(content[:512])
    if kind in {"xlsx", "xls"}:
        return _of_workbook(content, wanted)
    if kind == "text":
        return [Grid("", list(csv.reader(io.StringIO(_decoded(content), newline=""), delimiter=_delimiter(content))))]
    raise damaged(kind)


def _of_workbook(content: bytes, wanted: Mapping[str, Container[int]] | None) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [name for name in book.sheet_names if wanted is None or name in wanted]
        return [_grid(book, name, wanted[name] if wanted else None) for name in names]
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(str(error)) from error
    except BaseException as error:  # the reader is written in Rust, and its panics have no class to name
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(str(error)) from error


def _grid(book: CalamineWorkbook, name: str, wanted: Container[int] | None) -> Grid:
    sheet = book.get_sheet_by_name(name)
    left = [""] * (sheet.start[1] if sheet.start else 0)  # the iterator leaves out what is empty on the left, not above
    rows = enumerate(sheet.iter_rows())
    texts = [[*left, *map(text_of, row)] if wanted is None or n in wanted else [] for n, row in rows]
    return Grid(name, texts, sheet.merged_cell_ranges or ())


def _decoded(content: bytes) -> str:
    """The text as a person would open it; what can't be read is shown as such."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def _delimiter(content: bytes) -> str:
    first = content[:4096].splitlines()[0] if content.strip() else b""
    return "\t" if first.count(b"\t") > first.count(b",") else ","
