"""The sheet that is added at the end of an annotated copy: every finding in a row, with a link to its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.desk.marks import Mark
from pipelines.desk.markup import escaped, paragraph
from pipelines.desk.notes import wide
from pipelines.desk.styles import FILLS, Styles
from pipelines.desk.words import word
from pipelines.findings import Language
from pipelines.words import listed

_WIDTHS: Final = (6, 11, 18, 26, 9, 38, 84)
_HEADS: Final = ("number", "weight", "sheet", "place", "count", "what", "how")
_FIRST: Final = 6
_SHADE: Final = "FFE6EBF2"


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands above the list: the verdict, the numbers, and whatever must be said of the copy."""

    headline: str
    summary: str
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Looks:
    """The formats of the index sheet."""

    title: int
    text: int
    strong: int
    head: int
    link: int
    error: int
    warn: int

    @classmethod
    def of(cls, styles: Styles) -> Looks:
        """Add the formats to the workbook's styles."""
        usual, bold = styles.font(), styles.font(bold=True)
        return cls(
            title=styles.plain(styles.font(size=16, bold=True), wrap=False),
            text=styles.plain(usual),
            strong=styles.plain(bold),
            head=styles.plain(bold, styles.fill(_SHADE)),
            link=styles.link(),
            error=styles.plain(bold, styles.fill(FILLS["error"]), centred=True),
            warn=styles.plain(bold, styles.fill(FILLS["warn"]), centred=True),
        )


def index_sheet(marks: Sequence[Mark], cover: Cover, looks: Looks, language: Language, space: str) -> bytes:
    """The XML of the sheet. Texts stand in it as texts, so that none can become a formula."""
    top = [
        (1, looks.title, cover.headline),
        (2, looks.strong, cover.summary),
        (3, looks.text, "\n".join(cover.remarks)),
    ]
    rows = [_row(number, [(style, text)], sum(_WIDTHS)) for number, style, text in top]
    heads = [word(key, language) for key in _HEADS]
    rows.append(_row(_FIRST - 1, [(looks.head, text) for text in heads]))
    rows += [_row(_FIRST + n, _texts(n + 1, mark, looks, language)) for n, mark in enumerate(marks)]
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(_WIDTHS, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="{space}"><sheetPr>'
        '<tabColor rgb="FFC62828"/><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView tabSelected="1" '
        f'showGridLines="0" workbookViewId="0"><pane ySplit="{_FIRST - 1}" topLeftCell="A{_FIRST}" '
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="18"/>'
        f"<cols>{columns}</cols><sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="3"><mergeCell ref="A1:G1"/><mergeCell ref="A2:G2"/><mergeCell ref="A3:G3"/></mergeCells>'
        f"{_links(marks)}"
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _texts(number: int, mark: Mark, looks: Looks, language: Language) -> list[tuple[int, str]]:
    """The cells of one finding, each with its format."""
    where = _where(mark, language)
    return [
        (looks.text, str(number)),
        (looks.error if mark.severity == "error" else looks.warn, word(mark.severity, language)),
        (looks.text, mark.sheet),
        (looks.link if mark.sheet else looks.text, where),
        (looks.text, f"{mark.count:,}"),
        (looks.strong, mark.title),
        (looks.text, mark.text),
    ]


def _where(mark: Mark, language: Language, shown: int = 2) -> str:
    if not mark.places:
        return word("whole_sheet" if mark.sheet else "whole_file", language)
    more = len(mark.places) - shown
    rest = [word("more_places", language, count=f"{more:,}")] if more > 0 else []
    return listed([*mark.places[:shown], *rest], language)


def _row(number: int, cells: Sequence[tuple[int, str]], *widths: int) -> str:
    """A row that is high enough for its texts: a program that opens the sheet need not work that out."""
    texts = [_cell("ABCDEFG"[n], number, style, text) for n, (style, text) in enumerate(cells)]
    lines = max(_lines(text, width) for (_, text), width in zip(cells, widths or _WIDTHS, strict=False))
    high = min(max(lines * 16 + 4, 26 if number == 1 else 0), 400)
    return f'<row r="{number}" ht="{high}" customHeight="1">{"".join(texts)}</row>'


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column; a little more than a program would, never less."""
    return sum(max(1, -(-wide(line) // max(width - 2, 1))) for line in text.split("\n"))


def _cell(column: str, row: int, style: int, text: str) -> str:
    words = f'<is><t xml:space="preserve">{paragraph(text[:32_000])}</t></is>'
    return f'<c r="{column}{row}" s="{style}" t="inlineStr">{words}</c>'


def _links(marks: Sequence[Mark]) -> str:
    """Links to the first place of each finding; inside the workbook they need no relationship."""
    linked = [(n, mark) for n, mark in enumerate(marks) if mark.sheet]
    links = "".join(f'<hyperlink ref="D{_FIRST + n}" location="{escaped(_location(mark))}"/>' for n, mark in linked)
    return f"<hyperlinks>{links}</hyperlinks>" if links else ""


def _location(mark: Mark) -> str:
    quoted = mark.sheet.replace("'", "''")
    return f"'{quoted}'!{mark.places[0] if mark.places else 'A1'}"
