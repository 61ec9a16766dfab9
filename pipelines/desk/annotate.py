"""A copy of a workbook with the places of findings marked: cell comments, a fill, an index sheet; nothing else changed.

The copy is made at the level of the package. Libraries that load and save a workbook lose shapes, charts and macros;
here every part that need not change stays byte for byte, and the others are changed in place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipelines.desk import notes as notes_
from pipelines.desk.book import Book
from pipelines.desk.indexsheet import Cover, Looks, index_sheet
from pipelines.desk.marks import LAST_COLUMN, LAST_ROW, Area, Joined, Mark, address, area, areas, cells
from pipelines.desk.markup import Edit, spliced
from pipelines.desk.notes import Note
from pipelines.desk.package import damaged, related
from pipelines.desk.sheetedit import by_row, coloured, unselected, with_notes
from pipelines.desk.sheetscan import Sheet, extent, merged, scan_sheet
from pipelines.desk.styles import Styles
from pipelines.desk.words import word
from pipelines.findings import Language, Severity

FILLED: Final = 5_000  # cells of one finding on one sheet that are coloured
NOTED: Final = 100  # places of one finding on one sheet that get a comment
_COMMENTS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def annotate(content: bytes, marks: Sequence[Mark], cover: Cover, language: Language) -> bytes:
    """The bytes of the annotated copy of an .xlsx or .xlsm. Raises DeliveryRefused when it can't be changed safely."""
    try:
        return _annotate(content, marks, cover, language)
    except (ValueError, KeyError, StopIteration, AssertionError) as error:
        raise damaged(str(error)) from error


def _annotate(content: bytes, marks: Sequence[Mark], cover: Cover, language: Language) -> bytes:
    book = Book(content)
    styles = Styles(book.styles())
    said = list(marks)
    for name, part in book.sheets.items():
        mine = {n: mark for n, mark in enumerate(marks) if mark.sheet == name}
        work = _Work(book, part, styles, language)
        for number, remark in work.mark(mine).items():
            said[number] = replace(said[number], text=f"{said[number].text}\n{remark}")
    missing = [n for n, mark in enumerate(said) if mark.sheet not in book.sheets]
    for number in missing:
        said[number] = replace(said[number], sheet="", places=())
    looks = Looks.of(styles)
    remarks = [*cover.remarks, word("copy", language)]
    index = index_sheet(said, replace(cover, remarks=remarks), looks, language, book.space)
    book.add_sheet(word("index", language), index, _SHEET)
    book.save_styles(styles.saved())
    return book.package.saved()


@dataclass
class _Work:
    """The marking of one sheet."""

    book: Book
    part: str
    styles: Styles
    language: Language
    _content: bytes = b""
    _sheet: Sheet = field(init=False)

    def mark(self, marks: Mapping[int, Mark]) -> dict[int, str]:
        """Mark the sheet. What must be said of a mark (limits, threads) by its number."""
        content = self._content = self.book.package.xml(self.part)
        whole = extent(content)
        places = {n: [_clipped(each, whole) for each in areas(mark)] for n, mark in marks.items()}
        joined = Joined(merged(content), _rows(marks, places))
        fills = self._fills(marks, places, joined)
        self._sheet = scan_sheet(content, by_row(fills))
        edits = unselected(content, self._sheet.views)
        if self._sheet.part("sheetData") is None:  # a sheet that is a chart
            self._save(edits)
            return {}
        edits += coloured(content, self._sheet, by_row(fills), lambda r, c, s: self.styles.marked(s, fills[r, c]))
        threads = self._threads()
        notes = self._notes(marks, places, joined)
        edits += self._put([note for note in notes if note.address not in threads])
        self._save(edits)
        return self._remarks(marks, places, threads)

    def _save(self, edits: Sequence[Edit]) -> None:
        if edits:
            self.book.package.write(self.part, spliced(self._content, edits))

    @staticmethod
    def _fills(
        marks: Mapping[int, Mark], places: Mapping[int, Sequence[Area]], joined: Joined
    ) -> dict[tuple[int, int], Severity]:
        """The colour of each cell to be filled; what must be mended goes before what should be looked at."""
        colours: dict[tuple[int, int], Severity] = {}
        for number, mark in marks.items():
            for cell in cells(places[number], FILLED):
                at = joined.shown_at(*cell)
                if colours.get(at) != "error":
                    colours[at] = mark.severity
        return colours

    def _notes(self, marks: Mapping[int, Mark], places: Mapping[int, Sequence[Area]], joined: Joined) -> list[Note]:
        """One note for each cell where something begins, with everything that is to be said there."""
        said: dict[tuple[int, int], list[Mark]] = defaultdict(list)
        for number, mark in marks.items():
            own = [area(each) for each in mark.cells]
            for place in [*own, *places[number]][:NOTED]:
                there = said[joined.shown_at(*place.first)]
                if mark not in there:
                    there.append(mark)
        return [Note(row, column, *_words(row, column, found)) for (row, column), found in sorted(said.items())]

    def _threads(self) -> set[str]:
        comments = related(self.book.package.relations(self.part), "comments")
        return notes_.threaded(self.book.package.xml(comments.target)) if comments else set()

    def _put(self, notes: Sequence[Note]) -> list[Edit]:
        """Write the words and boxes of notes; the edits that the sheet needs for them."""
        if not notes:
            return []
        package, sheet = self.book.package, self._sheet
        relations = package.relations(self.part)
        comments = related(relations, "comments")
        if comments is None:
            name = package.free("xl/comments{}.xml")
            package.write(name, notes_.new_comments(sheet.root.space))
            package.declare(name, _COMMENTS)
            package.relate(self.part, f"{self.book.relations}/comments", name)
        else:
            name = comments.target
        before = package.xml(name)
        there = notes_.commented(before)
        package.write(name, notes_.with_comments(before, notes, word("author", self.language)))
        return self._boxes([note for note in notes if note.address not in there])

    def _boxes(self, notes: Sequence[Note]) -> list[Edit]:
        package, sheet = self.book.package, self._sheet
        legacy = sheet.part("legacyDrawing")
        if legacy is not None:
            drawing = self.book.drawing(self.part, legacy)
            package.write(drawing, notes_.with_boxes(package.read(drawing), notes, sheet))
            return []
        name = package.free("xl/drawings/vmlDrawing{}.vml")
        empty = notes_.new_drawing(self.book.next_shape_number(), len(notes))
        package.write(name, notes_.with_boxes(empty, notes, sheet))
        package.declare(name, _DRAWING)
        identifier = package.relate(self.part, f"{self.book.relations}/vmlDrawing", name)
        return with_notes(sheet, identifier, self.book.relations)

    def _remarks(
        self, marks: Mapping[int, Mark], places: Mapping[int, Sequence[Area]], threads: set[str]
    ) -> dict[int, str]:
        remarks = {}
        for number in marks:
            found = places[number]
            size = sum((a.bottom - a.top + 1) * (a.right - a.left + 1) for a in found)
            if size > FILLED or len(found) > NOTED:
                remarks[number] = word("limit", self.language, cells=f"{FILLED:,}", notes=f"{NOTED:,}")
            elif any(address(*each.first) in threads for each in found):
                remarks[number] = word("thread", self.language)
        return remarks


def _words(row: int, column: int, marks: Sequence[Mark]) -> tuple[list[tuple[str, str]], Severity]:
    """What is said at a cell, the worst first, and how grave it is."""
    ordered = sorted(marks, key=lambda mark: mark.severity)
    at = address(row, column)
    said = [(mark.title, "\n".join(filter(None, (mark.cells.get(at, ""), mark.text)))) for mark in ordered]
    return said, ordered[0].severity


def _rows(marks: Mapping[int, Mark], places: Mapping[int, Sequence[Area]]) -> Iterator[int]:
    """Every row where a cell is coloured or commented."""
    for number, mark in marks.items():
        yield from (row for row, _ in cells(places[number], FILLED))
        yield from (area(each).top for each in mark.cells)
        yield from (place.top for place in places[number][:NOTED])


def _clipped(place: Area, whole: Area) -> Area:
    """Of whole rows or columns the part that the sheet uses; any other place as it is."""
    if (place.left, place.right) == (0, LAST_COLUMN):
        return place._replace(right=whole.right)
    if (place.top, place.bottom) == (0, LAST_ROW):
        return place._replace(bottom=whole.bottom)
    return place
