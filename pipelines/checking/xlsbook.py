"""An old workbook (.xls) as a book, by xlrd; objects and formulas, which it leaves out, from the records themselves."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.checking.cellstore import CellStore
from pipelines.checking.sheet import (
    BOOLEAN,
    DATE,
    ERROR,
    FORMULA,
    NUMBER,
    TEXT,
    Area,
    Book,
    Drawn,
    Look,
    ObjectKind,
    Sheet,
)
from pipelines.checking.values import moment_text, number_text
from pipelines.findings import Place
from pipelines.reading.refuse import damaged

if TYPE_CHECKING:
    from xlrd.book import Book as XlrdBook
    from xlrd.formatting import XFBackground
    from xlrd.sheet import Sheet as XlrdSheet

_KINDS: Final = {1: TEXT, 2: NUMBER, 3: DATE, 4: BOOLEAN, 5: ERROR}
# What a damaged file makes xlrd raise beside its own error.
_DAMAGE: Final = (
    struct.error,
    LookupError,
    ValueError,
    AssertionError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
)
MOST_FORMULAS: Final = 1000
_BOF, _EOF, _CONTINUE, _OBJECT, _DRAWING, _TEXT_OBJECT = 0x0809, 0x000A, 0x003C, 0x005D, 0x00EC, 0x01B6
_COMMON: Final = b"\x15\x00\x12\x00"  # the part of an object's record that has its type
_CLIENT_ANCHOR: Final = b"\x10\xf0\x12\x00\x00\x00"
_BOLD: Final = 700
_BLACK: Final = frozenset([8, 64, 0x7FFF, 0])
_WHITE: Final = frozenset([9, 64, 65, 1])
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_OBJECT_KINDS: Final[dict[int, ObjectKind]] = {5: "chart", 6: "text box", 8: "picture"}
_QUIET: Final = frozenset([20, 25])  # arrows of a filter and the boxes of comments are no objects of their own
_CONTROLS: Final = range(11, 20)


def open_xls(path: Path, place: Place) -> Book:
    """Read an old workbook. Raises DeliveryRefused when it is damaged or encrypted."""
    import xlrd
    from xlrd.biffh import XLRDError

    with path.open("rb") as file:
        content = file.read()
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO())
        sheets = [_sheet(book, i) for i in range(book.nsheets)]
    except (*_DAMAGE, XLRDError) as error:
        raise damaged(place, str(error)) from error
    macros = "_VBA_PROJECT".encode("utf-16-le") in content
    return Book("xls", sheets, [_look(book, i) for i in range(len(book.xf_list))], macros=macros)


def _sheet(book: XlrdBook, index: int) -> Sheet:
    page = book.sheet_by_index(index)
    seen = _Seen()
    seen.run(bytes(book.mem or b""), book.__dict__["_sh_abs_posn"][index])  # xlrd keeps where a sheet begins to itself
    store = CellStore()
    for row in range(page.nrows):
        _add_row(book, page, row, seen, store)
    columns, kinds, looks = store.finish()
    hidden_rows = [row for row, info in page.rowinfo_map.items() if info.hidden or info.height == 0]
    hidden_columns = [column for column, info in page.colinfo_map.items() if info.hidden]
    return Sheet(
        page.name,
        columns,
        kinds,
        looks,
        hidden=bool(page.visibility),
        merged=[Area(top, left, bottom - 1, right - 1) for top, bottom, left, right in page.merged_cells],
        hidden_rows=sorted(row for row in hidden_rows if row < kinds.shape[0]),
        hidden_columns=sorted(column for column in hidden_columns if column < kinds.shape[1]),
        objects=seen.objects,
        comments=sorted(page.cell_note_map),
        formulas=dict.fromkeys(sorted(seen.formulas)[:MOST_FORMULAS], ""),
    )


def _add_row(book: XlrdBook, page: XlrdSheet, row: int, seen: _Seen, store: CellStore) -> None:
    types, values = page.row_types(row), page.row_values(row)
    for column, (kind, value) in enumerate(zip(types, values, strict=True)):
        if kind in _KINDS and value != "":
            text = _text(kind, value, book.datemode)
            flag = FORMULA if (row, column) in seen.formulas else 0
            store.add(row, column, text, _KINDS[kind] | flag, page.cell_xf_index(row, column))


def _text(kind: int, value: object, datemode: int) -> str:
    if kind == 2:  # noqa: PLR2004  a number
        return number_text(repr(value))
    if kind == 3:  # noqa: PLR2004  a date
        return moment_text(float(str(value)), since_1904=datemode == 1)
    if kind == 5:  # noqa: PLR2004  an error
        return biff_error(int(str(value)))
    return str(bool(value)).lower() if kind == 4 else str(value)  # noqa: PLR2004  a boolean


def biff_error(code: int) -> str:
    """The text of an error by its number."""
    names = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
    return names.get(code, "#ERROR")


def _look(book: XlrdBook, index: int) -> Look:
    form = book.xf_list[index]
    font = book.font_list[form.font_index]
    pattern = form.background
    shown = book.format_map.get(form.format_key)
    return Look(
        bold=font.weight >= _BOLD,
        italic=bool(font.italic),
        strike=bool(font.struck_out),
        colour="" if font.colour_index in _BLACK else f"index {font.colour_index}",
        fill=f"index {pattern.pattern_colour_index}" if pattern and _is_coloured(pattern) else "",
        number_format=shown.format_str if shown else "General",
    )


def _is_coloured(pattern: XFBackground) -> bool:
    return bool(pattern.fill_pattern) and int(pattern.pattern_colour_index) not in _WHITE


class _Seen:
    """What the records of one sheet tell of formulas and objects."""

    def __init__(self) -> None:
        self.formulas: set[tuple[int, int]] = set()
        self.objects: list[Drawn] = []
        self._anchor = (0, 0)
        self._text_is_next = False

    def run(self, stream: bytes, start: int) -> None:
        """Go through the records of a sheet, and of what is embedded in it."""
        depth = 0
        for kind, body in _records(stream, start):
            depth += (kind == _BOF) - (kind == _EOF)
            if depth <= 0:
                return
            if depth == 1:
                self._take(kind, body)

    def _take(self, kind: int, body: bytes) -> None:
        if kind in _FORMULAS:
            row, column = struct.unpack_from("<HH", body)
            self.formulas.add((row, column))
        elif kind == _DRAWING and (found := body.find(_CLIENT_ANCHOR)) >= 0 and len(body) >= found + 18:
            column, _, row = struct.unpack_from("<HHH", body, found + 10)
            self._anchor = (row, column)
        elif kind == _OBJECT and body[:4] == _COMMON:
            self._object(struct.unpack_from("<H", body, 4)[0])
        elif kind == _CONTINUE and self._text_is_next and self.objects:
            text = body[1:].decode("utf-16-le" if body[:1] == b"\x01" else "latin-1", "replace")
            self.objects[-1] = replace(self.objects[-1], text=text.strip())
        self._text_is_next = kind == _TEXT_OBJECT

    def _object(self, kind: int) -> None:
        if kind not in _QUIET:
            name = "control" if kind in _CONTROLS else _OBJECT_KINDS.get(kind, "shape")
            self.objects.append(Drawn(name, *self._anchor))


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length
