"""The sheets of a file that is held in memory, as grids, for pictures and for copies of what is no .xlsx."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Sequence

from pipelines.desk.package import damaged
from pipelines.reading.grid import Grid, kind_of, text_of


def grids_of(content: bytes, wanted: Container[str] | None = None) -> list[Grid]:
    """The sheets of a workbook, or the one table of a text file, in order; only those wanted.

    Raises DeliveryRefused when the file can't be opened. Errors and formulas that were never computed stand as what
    the reader gives for them: a picture is to be looked at and decides nothing.
    """
    kind = kind_of(content[:512])
    if kind in {"xlsx", "xls"}:
        return _of_workbook(content, wanted)
    if kind == "text":
        return [Grid("", list(csv.reader(io.StringIO(_decoded(content), newline=""), delimiter=_delimiter(content))))]
    raise damaged(kind)


def _of_workbook(content: bytes, wanted: Container[str] | None) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_grid(book, name) for name in book.sheet_names if wanted is None or name in wanted]
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(str(error)) from error
    except BaseException as error:  # the reader is written in Rust, and its panics have no class to name
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(str(error)) from error


def _grid(book: object, name: str) -> Grid:
    from python_calamine import CalamineWorkbook

    assert isinstance(book, CalamineWorkbook)
    sheet = book.get_sheet_by_name(name)
    rows = [[text_of(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    return Grid(name, rows, _merged(sheet.merged_cell_ranges))


def _merged(
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]] | None,
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(ranges or ())


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
