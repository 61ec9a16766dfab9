"""Cell comments (Excel: notes): their words in one part, their boxes in another, merged with what is there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.desk.marks import LAST_COLUMN, LAST_ROW, address
from pipelines.desk.markup import (
    Edit,
    Element,
    attribute,
    find,
    inserted,
    paragraph,
    scan,
    spliced,
)
from pipelines.desk.sheetscan import Sheet
from pipelines.findings import Severity

_PAPER: Final[dict[Severity, str]] = {"error": "#fff1ee", "warn": "#fff9e3"}
_THREAD: Final = "tc="  # the author of the stand-in for a thread, [MS-XLSX] 2.6.205
_WIDTH, _LINE, _MARGIN = 300, 17, 14  # pixels of a box, of a line of 9 points, above and below together
_LETTERS: Final = 46  # half-width letters on a line of that width
_SHAPES: Final = 1024  # shapes that one number of the id map stands for


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said at one cell: headings with their paragraphs."""

    row: int
    column: int
    said: Sequence[tuple[str, str]]
    severity: Severity

    @property
    def address(self) -> str:
        """The cell."""
        return address(self.row, self.column)


def threaded(content: bytes) -> set[str]:
    """The cells where people talk in a thread, which a note would hide behind."""
    elements = scan(content, {"authors", "author", "comment"})
    authors = [content[e.inside : e.stop] for e in elements if e.name == "author"]
    talk = {str(n) for n, author in enumerate(authors) if author.startswith(_THREAD.encode())}
    return {attribute(e, "ref") for e in elements if e.name == "comment" and attribute(e, "authorId") in talk}


def commented(content: bytes) -> set[str]:
    """The cells that have a comment."""
    return {attribute(element, "ref") for element in scan(content, {"comment"})}


def new_comments(space: str) -> bytes:
    """The part with the words of no comment yet."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<comments xmlns="{space}"><authors></authors>'
        "<commentList></commentList></comments>"
    ).encode()


def with_comments(content: bytes, notes: Sequence[Note], author: str) -> bytes:
    """The part with more comments. A cell that has one keeps its words and gets ours below."""
    elements = scan(content)
    authors, listed = find(elements, "authors"), find(elements, "commentList")
    number = sum(element.name == "author" for element in elements)
    there = {attribute(element, "ref"): element for element in elements if element.name == "comment"}
    name = authors.prefixed("author")
    edits = [authors.append(content, inserted(f"<{name}>{paragraph(author)}</{name}>"))]
    for note in notes:
        if note.address in there:
            edits += _below(elements, there[note.address], note)
    new = [_comment(listed, note, number) for note in notes if note.address not in there]
    return spliced(content, [*edits, listed.append(content, b"".join(new))])


def _below(elements: Sequence[Element], comment: Element, note: Note) -> list[Edit]:
    """The edits that put our words after those of a comment that is there."""
    inside = [e for e in elements if comment.inside <= e.start < comment.stop and e.depth == comment.depth + 2]
    text = next(e for e in elements if e.name == "text" and comment.inside <= e.start < comment.stop)
    edits: list[Edit] = []
    run = comment.prefixed("r")
    for plain in (e for e in inside if e.name == "t"):  # words without a run become one, as the order of a run's wants
        end = plain.stop if plain.hollow else plain.stop + len(f"</{plain.prefixed('t')}>")
        edits += [(plain.start, plain.start, inserted(f"<{run}>")), (end, end, inserted(f"</{run}>"))]
    at = next((e.start for e in inside if e.name in {"rPh", "phoneticPr"}), text.stop)
    rule = _run(comment, "\n――――――――\n", bold=False)
    return [*edits, (at, at, inserted(rule + _runs(comment, note)))]


def _comment(listed: Element, note: Note, author: int) -> bytes:
    name, text = listed.prefixed("comment"), listed.prefixed("text")
    words = f"<{text}>{_runs(listed, note)}</{text}>"
    return inserted(f'<{name} ref="{note.address}" authorId="{author}" shapeId="0">{words}</{name}>')


def _runs(element: Element, note: Note) -> str:
    runs = []
    for number, (title, text) in enumerate(note.said):
        gap = "\n" if number else ""
        runs += [_run(element, f"{gap}{title}\n", bold=True), _run(element, f"{text}\n", bold=False)]
    return "".join(runs)


def _run(element: Element, text: str, *, bold: bool) -> str:
    p = element.prefixed
    look = f'<{p("sz")} val="9"/><{p("color")} indexed="81"/><{p("rFont")} val="Yu Gothic"/><{p("charset")} val="128"/>'
    weight = f"<{p('b')}/>" if bold else ""
    words = f'<{p("t")} xml:space="preserve">{paragraph(text)}</{p("t")}>'
    return f"<{p('r')}><{p('rPr')}>{weight}{look}</{p('rPr')}>{words}</{p('r')}>"


_NAMES: Final = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_BOX_TYPE: Final = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def new_drawing(number: int, count: int) -> bytes:
    """The part with the boxes of no comment yet; `number` is its own in the workbook, for so many boxes."""
    numbers = ",".join(str(number + more) for more in range(count // _SHAPES + 1))
    layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{numbers}"/></o:shapelayout>'
    return f"<xml {_NAMES}>{layout}{_BOX_TYPE}</xml>".encode()


def shape_numbers(content: bytes) -> list[int]:
    """The numbers of an id map that a part with boxes uses."""
    maps = re.findall(rb"""idmap\s[^>]*?data=["']([0-9, ]+)["']""", content)
    return [int(number) for found in maps for number in found.replace(b" ", b"").split(b",") if number]


def with_boxes(content: bytes, notes: Sequence[Note], sheet: Sheet) -> bytes:
    """The part with a hidden box for each note.

    The part need not be well-formed XML (Excel writes `<br>` into it), so it is added to at its end, not parsed.
    """
    at = content.rfind(b"</xml>")
    if at < 0:
        find([], "xml")
    taken = [int(number) for number in re.findall(rb"_x0000_s([0-9]{1,9})", content)]
    first = max(taken, default=min(shape_numbers(content), default=1) * _SHAPES)
    names = "" if b'xmlns:v="urn:schemas-microsoft-com:vml"' in content else f" {_NAMES}"
    type_ = "" if b"_x0000_t202" in content else _BOX_TYPE
    boxes = "".join(_box(note, first + number, names, sheet) for number, note in enumerate(notes, 1))
    return content[:at] + inserted(type_ + boxes) + content[at:]


def _box(note: Note, number: int, names: str, sheet: Sheet) -> str:
    paper = _PAPER[note.severity]
    data = (
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{_anchor(note, sheet)}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{note.row}</x:Row><x:Column>{note.column}</x:Column>"
    )
    return (
        f'<v:shape{names} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;z-index:{number};'
        f'visibility:hidden" fillcolor="{paper}" strokecolor="#8a4b3c" o:insetmode="auto"><v:fill color2="{paper}"/>'
        '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        f'<x:ClientData ObjectType="Note">{data}</x:ClientData></v:shape>'
    )


def _anchor(note: Note, sheet: Sheet) -> str:
    """Where a box stands, in cells and pixels, right of its cell: left, top, right, bottom."""
    column, row = min(note.column + 1, LAST_COLUMN - 4), max(note.row - 1, 0)
    last, rest = column, _WIDTH + 15
    while rest >= (width := _pixels(sheet, last)) and last < LAST_COLUMN:
        last, rest = last + 1, rest - width
    high = _height(note) // 20 + 1
    bottom = min(row + high, LAST_ROW)
    return f"{column}, 15, {min(row, bottom - 1)}, 4, {last}, {rest}, {bottom}, 8"


def _pixels(sheet: Sheet, column: int) -> int:
    """The width of a column in pixels: seven to a figure of the usual font, and five around."""
    for element in sheet.columns:
        if int(attribute(element, "min")) <= column + 1 <= int(attribute(element, "max")):
            hidden = attribute(element, "hidden") in {"1", "true"}
            return 0 if hidden else int(float(attribute(element, "width") or 8.43) * 7 + 5)
    usual = sheet.part("sheetFormatPr")
    return int(float((attribute(usual, "defaultColWidth") if usual else "") or 8.43) * 7 + 5)


def _height(note: Note) -> int:
    """The height in pixels that the words of a note need."""
    lines = [line for title, text in note.said for line in (title, *text.split("\n"), "")]
    return _LINE * sum(max(1, -(-wide(line) // _LETTERS)) for line in lines) + _MARGIN


def wide(text: str) -> int:
    """The width of a text in half-width letters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)
