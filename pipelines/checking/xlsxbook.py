"""A workbook (.xlsx) as a book, read in one pass over each part's XML, so that memory stays bounded.

No library reads all that the rules ask for (colours, objects, what is hidden) without holding every cell as an object.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipInfo

from pipelines.checking.looks import looks_of
from pipelines.checking.sheet import Book, Drawn, Look, ObjectKind, Sheet
from pipelines.checking.sheetxml import SheetReader
from pipelines.checking.xml import attributes_of
from pipelines.findings import Place
from pipelines.reading.addresses import cell_of
from pipelines.reading.package import parts, unpacked
from pipelines.reading.refuse import damaged
from pipelines.reading.sheetxml import is_to_be_computed, local, parse, parser_of


@dataclass(frozen=True, slots=True)
class Package:
    """The zip that a workbook is, and the place that a refusal names."""

    path: Path
    place: Place
    parts: Mapping[str, ZipInfo]

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self.parts

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, block by block. Raises DeliveryRefused when it is not what the zip says."""
        if name not in self.parts:
            raise damaged(self.place, name)
        return unpacked(self.path, self.parts[name], self.place)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Of a part: by id the kind of each relation and the part that it leads to."""
        folder, _, file = name.rpartition("/")
        part = f"{folder}/_rels/{file}.rels"
        found: dict[str, tuple[str, str]] = {}
        if self.has(part):
            for tag, attributes in attributes_of(self.blocks(part), self.place, part):
                if tag == "Relationship" and attributes.get("TargetMode") != "External":
                    target = attributes.get("Target", "")
                    path = target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                    found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)
        return found


def open_xlsx(path: Path, place: Place) -> Book:
    """Read a workbook that was looked over. Raises DeliveryRefused when it is damaged or too large."""
    try:
        return _book(Package(path, place, parts(path, place)))
    except (LookupError, ValueError, OverflowError) as error:
        raise damaged(place, str(error)) from error


def _book(package: Package) -> Book:
    looks: list[Look] = [Look()]
    dates = frozenset[int]()
    if package.has("xl/styles.xml"):
        looks, dates = looks_of(package.blocks("xl/styles.xml"), package.place)
    strings = _strings(package)
    elements = attributes_of(package.blocks("xl/workbook.xml"), package.place, "xl/workbook.xml")
    since_1904, listed = _workbook(package, elements)
    to_compute = any(is_to_be_computed(tag, attributes) for tag, attributes in elements)
    sheets = []
    for name, part, hidden in listed:
        reader = SheetReader(package.place, strings, dates, since_1904=since_1904, to_compute=to_compute)
        parse(package.blocks(part), reader.parser, package.place, part)
        sheets.append(_sheet(package, name, part, reader, hidden=hidden))
    return Book("xlsx", sheets, looks, macros=package.has("xl/vbaProject.bin"))


def _workbook(
    package: Package, elements: Sequence[tuple[str, dict[str, str]]]
) -> tuple[bool, list[tuple[str, str, bool]]]:
    """Whether days count from 1904, and name, part and hiddenness of each sheet that has cells."""
    relations = package.relations("xl/workbook.xml")
    since_1904, sheets = False, []
    for tag, attributes in elements:
        if tag == "workbookPr":
            since_1904 = attributes.get("date1904") in {"1", "true"}
        elif tag == "sheet":
            key = next((value for name, value in attributes.items() if local(name) == "id"), "")
            kind, part = relations.get(key, ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes.get("name", ""), part, hidden))
    return since_1904, sheets


def _strings(package: Package) -> list[str]:
    """The shared texts, without the readings (furigana) that Excel keeps beside them."""
    name = next((n for n in ("xl/sharedStrings.xml", "xl/SharedStrings.xml") if package.has(n)), "")
    found: list[str] = []
    if name:
        texts = _Strings(package.place, found)
        parse(package.blocks(name), texts.parser, package.place, name)
    return found


class _Strings:
    def __init__(self, place: Place, found: list[str]) -> None:
        self._found = found
        self._parts: list[str] = []
        self._in_text = self._in_reading = False
        self.parser = parser_of(place, self._start)
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, _: dict[str, str]) -> None:
        name = local(name)
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._in_text = not self._in_reading

    def _end(self, name: str) -> None:
        name = local(name)
        if name == "si":
            self._found.append("".join(self._parts))
        elif name == "rPh":
            self._in_reading = False
        elif name == "t":
            self._in_text = False

    def _text(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


def _sheet(package: Package, name: str, part: str, reader: SheetReader, *, hidden: bool) -> Sheet:
    columns, kinds, looks = reader.cells.finish()
    height, width = kinds.shape
    relations = package.relations(part).values()
    objects = [drawn for kind, target in relations if kind == "drawing" for drawn in _objects(package, target)]
    comments = [at for kind, target in relations if kind == "comments" for at in _comments(package, target)]
    return Sheet(
        name,
        columns,
        kinds,
        looks,
        hidden=hidden,
        merged=reader.merged,
        hidden_rows=[row for row in sorted(reader.hidden_rows) if row < height],
        hidden_columns=[column for column in sorted(reader.hidden_columns) if column < width],
        objects=objects,
        comments=sorted(comments),
        formulas=reader.formulas,
    )


_ANCHORS = {"twoCellAnchor", "oneCellAnchor", "absoluteAnchor"}
_KINDS: Mapping[str, ObjectKind] = {"pic": "picture", "graphicFrame": "chart", "sp": "shape", "cxnSp": "shape"}


@dataclass
class _Drawing:
    """The objects of a drawing's XML."""

    found: list[Drawn] = field(default_factory=list)
    inside: str = ""
    corner: dict[str, int] = field(default_factory=dict)
    kind: ObjectKind = "shape"
    texts: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = local(name)
        if name in _ANCHORS:
            self.corner, self.kind, self.texts = {}, "shape", []
        elif name in _KINDS:
            self.kind = _KINDS[name]
        elif name == "cNvSpPr" and attributes.get("txBox") in {"1", "true"}:
            self.kind = "text box"
        self.inside = name

    def text(self, text: str) -> None:
        """A text, or a number of the upper left corner, which comes first."""
        if self.inside in {"row", "col"} and self.inside not in self.corner and text.strip():
            self.corner[self.inside] = int(text)
        elif self.inside == "t":
            self.texts.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if local(name) in _ANCHORS:
            row, column = self.corner.get("row", 0), self.corner.get("col", 0)
            self.found.append(Drawn(self.kind, row, column, "".join(self.texts).strip()))
        self.inside = ""


def _objects(package: Package, part: str) -> list[Drawn]:
    if not package.has(part):
        return []
    drawing = _Drawing()
    parser = parser_of(package.place, drawing.start)
    parser.CharacterDataHandler, parser.EndElementHandler = drawing.text, drawing.end
    parse(package.blocks(part), parser, package.place, part)
    return drawing.found


def _comments(package: Package, part: str) -> Iterator[tuple[int, int]]:
    if package.has(part):
        for tag, attributes in attributes_of(package.blocks(part), package.place, part):
            if tag == "comment" and (address := attributes.get("ref", "")):
                yield cell_of(address)
