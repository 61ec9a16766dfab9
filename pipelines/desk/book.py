"""The workbook part and what hangs on it: the sheets by name, the styles, a sheet more."""

from __future__ import annotations

from itertools import count

from pipelines.desk.markup import (
    Edit,
    Element,
    attribute,
    changed_tag,
    escaped,
    find,
    inserted,
    scan,
    spliced,
    with_attribute,
)
from pipelines.desk.notes import shape_numbers
from pipelines.desk.package import Package, damaged, related
from pipelines.desk.styles import NO_STYLES

_STYLES = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LONGEST = 31  # letters of a sheet's name, as Excel allows


class Book:
    """A workbook to be changed. `sheets` has the part of each sheet by its name, in order."""

    def __init__(self, content: bytes) -> None:
        """Open a workbook. Raises DeliveryRefused when it is none."""
        self.package = Package(content)
        main = related(self.package.relations(""), "officeDocument")
        if main is None:
            raise damaged("officeDocument")
        self.part = main.target
        self.relations = main.kind.removesuffix("/officeDocument")
        elements = scan(self.package.xml(self.part))
        self.space = elements[0].space
        targets = {each.id: each.target for each in self.package.relations(self.part)}
        self._listed = [e for e in elements if e.name == "sheet" and e.parent == "sheets"]
        self.sheets = {attribute(e, "name"): targets[attribute(e, "id")] for e in self._listed}

    def styles(self) -> bytes:
        """The styles, made where there are none."""
        styles = related(self.package.relations(self.part), "styles")
        if styles is None:
            name = self.package.free("xl/styles{}.xml")
            self.package.write(name, NO_STYLES)
            self.package.declare(name, _STYLES)
            self.package.relate(self.part, f"{self.relations}/styles", name)
            return NO_STYLES
        return self.package.xml(styles.target)

    def save_styles(self, content: bytes) -> None:
        """Replace the styles."""
        styles = related(self.package.relations(self.part), "styles")
        assert styles is not None
        self.package.write(styles.target, content)

    def drawing(self, sheet: str, legacy: Element) -> str:
        """The part with the boxes that a sheet has already."""
        wanted = attribute(legacy, "id")
        return next(each.target for each in self.package.relations(sheet) if each.id == wanted)

    def next_shape_number(self) -> int:
        """A number for the id map of new boxes that no other part uses."""
        drawings = [name for name in self.package.names() if name.endswith(".vml")]
        return max((n for name in drawings for n in shape_numbers(self.package.read(name))), default=0) + 1

    def add_sheet(self, wanted: str, content: bytes, kind: str) -> None:
        """Put a sheet at the end, where no index of another sheet changes, and open the workbook there."""
        part = self.package.free("xl/worksheets/sheet{}.xml")
        self.package.write(part, content)
        self.package.declare(part, kind)
        identifier = self.package.relate(self.part, f"{self.relations}/worksheet", part)
        book = self.package.xml(self.part)
        elements = scan(book)
        sheets = find(elements, "sheets")
        number = max((int(attribute(e, "sheetId")) for e in self._listed), default=0) + 1
        new = (
            f'<{sheets.prefixed("sheet")} name="{escaped(self._free_name(wanted))}" sheetId="{number}" '
            f'xmlns:r="{self.relations}" r:id="{identifier}"/>'
        )
        edits = [sheets.append(book, inserted(new)), *self._opened(book, elements, sheets)]
        self.package.write(self.part, spliced(book, edits))

    def _opened(self, book: bytes, elements: list[Element], sheets: Element) -> list[Edit]:
        """The edits after which the workbook opens on its last sheet."""
        views = [e for e in elements if e.name == "workbookView"]
        last = str(len(self._listed))
        if views:
            return [changed_tag(book, views[0], "activeTab", last)]
        p = sheets.prefixed
        view = with_attribute(inserted(f"<{p('workbookView')}/>"), "activeTab", last)
        whole = inserted(f"<{p('bookViews')}>") + view + inserted(f"</{p('bookViews')}>")
        return [(sheets.start, sheets.start, whole)]

    def _free_name(self, wanted: str) -> str:
        taken = {name.casefold() for name in self.sheets}
        names = (wanted if n == 1 else f"{wanted[: _LONGEST - 5]} ({n})" for n in count(1))
        return next(name for name in names if name.casefold() not in taken)
