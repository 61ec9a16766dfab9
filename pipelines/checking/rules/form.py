"""Rules about what a workbook has beside its cells' values, and about how a CSV is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from pipelines.checking.rules.kit import Cells, Hit, Spot, View, cell, runs
from pipelines.checking.sheet import Area, Look, Numbers

_OBJECTS: Final = {
    "picture": "画像 picture",
    "text box": "テキストボックス text box",
    "chart": "グラフ chart",
    "shape": "図形 shape",
    "control": "コントロール control",
}
_BANDS: Final = 0.3  # a look that so large a part of a column has is no mark


def objects(view: View) -> Iterator[Hit]:
    """L1-10."""
    for drawn in view.sheet.objects:
        kind = _OBJECTS[drawn.kind]
        yield Spot(cell(drawn.row, drawn.column), f"{kind}: {drawn.text}" if drawn.text else kind)


def meaning_in_format(view: View) -> Iterator[Hit]:
    """L1-11: cells that look otherwise than the rest of their column: bold, italic, struck out, coloured."""
    table = view.table
    if table is None or view.book.kind == "csv":
        return
    for column in table.columns:
        rows: Numbers = np.flatnonzero(table.rows & table.filled[:, column])
        looks = view.sheet.looks[rows, column]
        if rows.size < 3:  # noqa: PLR2004  nothing to compare with
            continue
        usual = _look(view, int(np.bincount(looks).argmax()))
        for number in np.unique(looks):
            mine = rows[looks == number]
            marks = _marks(_look(view, int(number)), usual)
            if marks and mine.size < max(rows.size * _BANDS, 2):
                yield Cells(column, mine, "・".join(marks))


def _look(view: View, number: int) -> Look:
    return view.book.looks[number] if number < len(view.book.looks) else Look()


def _marks(look: Look, usual: Look) -> list[str]:
    """What a look has that the usual one has not."""
    return [
        name
        for name, has in (
            ("太字 bold", look.bold and not usual.bold),
            ("斜体 italic", look.italic and not usual.italic),
            ("取り消し線 struck out", look.strike and not usual.strike),
            ("文字色 colour", bool(look.colour) and look.colour != usual.colour),
            ("塗りつぶし fill", bool(look.fill) and look.fill != usual.fill),
        )
        if has
    ]


def broken_record(view: View) -> Iterator[Hit]:
    """L1-14."""
    for first, last in runs(view.sheet.broken):
        yield Spot(Area(first, 0, last, max(view.sheet.width - 1, 0)), "", whole="rows")


def unquoted_comma(view: View) -> Iterator[Hit]:
    """L1-15: records with another number of fields than the header."""
    widths, table = view.sheet.widths, view.table
    if widths is None or table is None or not table.header:
        return
    expected = int(widths[table.header.stop - 1])
    body = np.arange(len(widths))
    odd: Numbers = np.flatnonzero((widths != expected) & table.rows & (body >= table.body.start))
    for width in np.unique(widths[odd]):
        for first, last in runs(odd[widths[odd] == width].tolist()):
            yield Spot(Area(first, 0, last, max(int(width), 1) - 1), f"{width} ≠ {expected}", whole="rows")
