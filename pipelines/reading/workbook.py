"""A workbook is looked over before the reader in Rust opens it: what it is, how large, and what stands in no cell.

Formulas, macros, links to other files and whatever else a workbook may carry are never run or followed: of a cell
only the value that was last computed is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from zipfile import ZipInfo

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading import biff, package
from pipelines.reading.kinds import format_of
from pipelines.reading.limits import MOST_CELLS, MOST_MERGED, MOST_STRINGS, MOST_TEXT
from pipelines.reading.refuse import damaged, too_large, too_wide
from pipelines.reading.sheetxml import Faults, SheetScan, is_to_be_computed, local, parse, parser_of


def look_over(path: Path, place: Place) -> Callable[[str], Faults]:
    """Require a workbook that can be opened safely; returns what tells the faults of one of its sheets.

    Faults are cells without a value: row and column, from 0, with the error's text or the formula (`=B2/C2`).
    Raises DeliveryRefused, also from what is returned, for a sheet that is damaged or too large.
    """
    kind = format_of(path)
    if kind == "xls":
        old = biff.look_over(path, place)
        return lambda sheet: old.get(sheet, {})
    if kind != "xlsx":
        raise DeliveryRefused(Finding(_CODES.get(kind, "file.wrong_kind"), place, kind, {"kind": "workbook"}))
    return _Package.of(path, place).faults


_CODES = {"html": "file.html", "empty": "file.empty", "encrypted": "file.encrypted"}


@dataclass(frozen=True, slots=True)
class _Package:
    """The parts of an .xlsx that are read, which of them is which sheet, and whether its formulas have no values."""

    path: Path
    place: Place
    parts: Mapping[str, ZipInfo]
    sheets: Mapping[str, str]
    to_compute: bool

    @classmethod
    def of(cls, path: Path, place: Place) -> _Package:
        parts = package.parts(path, place)
        for name, part in parts.items():
            if name.lower().endswith((".xml", ".rels")) and not name.lower().startswith("xl/worksheets/"):
                if part.file_size > MOST_STRINGS:
                    raise too_large("file.bomb", place, part.file_size, MOST_STRINGS)
                parse(package.unpacked(path, part, place), parser_of(place), place, name)
        elements = _elements(path, place, parts, "xl/workbook.xml")
        to_compute = any(is_to_be_computed(name, attributes) for name, attributes in elements)
        return cls(path, place, parts, _sheets(path, place, parts, elements), to_compute)

    def faults(self, sheet: str) -> Faults:
        part = self.parts.get(self.sheets.get(sheet, ""))
        if part is None:
            raise damaged(self.place, sheet)
        scan = self._scan(part)
        place = Place(self.place.dataset, self.place.file, sheet)
        if (scan.last_row + 1) * (scan.last_column + 1) > MOST_CELLS:
            raise too_wide(scan.last_row, scan.last_column, place, MOST_CELLS)
        if scan.merged > MOST_MERGED:
            raise too_large("file.bomb", place, scan.merged, MOST_MERGED)
        if scan.shared_cells and scan.shared_cells * max(self._lengths().values(), default=0) > MOST_TEXT:
            self._require_little_text(part, place)
        return scan.faults

    def _scan(self, part: ZipInfo, *, counting: bool = False) -> SheetScan:
        scan = SheetScan(self.place, counting=counting, to_compute=self.to_compute)
        parse(package.unpacked(self.path, part, self.place), scan.parser, self.place, part.filename)
        return scan

    def _require_little_text(self, part: ZipInfo, place: Place) -> None:
        """A long text that a million cells share takes its space a million times over once it is read."""
        lengths = self._lengths()
        used = self._scan(part, counting=True).strings
        total = sum(times * lengths.get(index.strip(), 0) for index, times in used.items())
        if total > MOST_TEXT:
            raise too_large("file.bomb", place, total, MOST_TEXT)

    def _lengths(self) -> dict[str, int]:
        """The length of each shared string, by its index as a cell writes it."""
        lengths: list[int] = []
        part = self.parts.get("xl/sharedStrings.xml")
        if part is None:
            return {}
        parser = parser_of(self.place, lambda name, _: lengths.append(0) if local(name) == "si" else None)

        def add(text: str) -> None:
            if lengths:
                lengths[-1] += len(text)

        parser.CharacterDataHandler = add
        parse(package.unpacked(self.path, part, self.place), parser, self.place, part.filename)
        return {str(index): length for index, length in enumerate(lengths)}


_Elements: TypeAlias = Sequence[tuple[str, dict[str, str]]]


def _sheets(path: Path, place: Place, parts: Mapping[str, ZipInfo], elements: _Elements) -> dict[str, str]:
    """The part of each sheet, by its name."""
    targets: dict[str, str] = {}
    for name, attributes in _elements(path, place, parts, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship":
            key = attributes.get("Id", "")
            if key in targets:  # which of the two counts, readers decide differently
                raise damaged(place, f"workbook.xml.rels: {key}")
            targets[key] = _part_name(attributes.get("Target", ""))
    found: dict[str, str] = {}
    for name, attributes in elements:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if local(key) == "id"), "")
            found.setdefault(attributes.get("name", ""), targets.get(relation, ""))
    return found


def _part_name(target: str) -> str:
    return target.removeprefix("/") if target.startswith(("/xl/", "xl/")) else f"xl/{target}"


def _elements(path: Path, place: Place, parts: Mapping[str, ZipInfo], name: str) -> _Elements:
    """Name and attributes of every element of a part."""
    if name not in parts:
        raise damaged(place, name)
    found: list[tuple[str, dict[str, str]]] = []
    parser = parser_of(place, lambda tag, attributes: found.append((local(tag), attributes)))
    parse(package.unpacked(path, parts[name], place), parser, place, name)
    return found
