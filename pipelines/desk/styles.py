"""The workbook's styles with a few more at the end: each marked cell keeps its own look but for the fill."""

from __future__ import annotations

from typing import Final

from pipelines.desk.markup import Edit, Element, attribute, find, inserted, scan, spliced, unreadable, with_attribute
from pipelines.findings import Severity

FILLS: Final[dict[Severity, str]] = {"error": "FFFFB3A7", "warn": "FFFFE08A"}
INK: Final = "FF1F2A44"
_LINK: Final = "FF0B57A4"
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NO_STYLES: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Yu Gothic"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
).encode()


class Styles:
    """The part styles.xml, to be added to."""

    def __init__(self, content: bytes) -> None:
        """Read the part. Raises DeliveryRefused when it has no fonts, fills or cell formats."""
        self._content = content
        elements = scan(content)
        self._lists = {name: find(elements, name) for name in ("fonts", "fills", "cellXfs")}
        self._counts = {name: self._children(elements, name) for name in self._lists}
        xfs = self._lists["cellXfs"]
        self._xfs = [e for e in elements if e.name == "xf" and xfs.inside <= e.start < xfs.stop]
        self._new: dict[str, list[bytes]] = {name: [] for name in self._lists}
        self._known: dict[tuple[int, Severity], int] = {}
        self._fills: dict[str, int] = {}

    @staticmethod
    def _children(elements: list[Element], name: str) -> int:
        parent = find(elements, name)
        return sum(e.depth == parent.depth + 1 and parent.inside <= e.start < parent.stop for e in elements)

    def marked(self, base: int, severity: Severity) -> int:
        """The index of a format that is like another but for the fill."""
        key = (base, severity)
        if key not in self._known:
            self._known[key] = self._clone(base, fillId=self.fill(FILLS[severity]), applyFill=1)
        return self._known[key]

    def _clone(self, base: int, **changes: int) -> int:
        if not 0 <= base < len(self._xfs):
            raise unreadable(f"style {base}")
        xf = self._xfs[base]
        tag = self._content[xf.start : xf.inside]
        for name, value in changes.items():
            tag = with_attribute(tag, name, str(value))
        rest = b"" if xf.hollow else self._content[xf.inside : xf.stop] + inserted(f"</{xf.prefixed('xf')}>")
        return self._add("cellXfs", tag + rest)

    def fill(self, colour: str) -> int:
        """The index of a solid fill."""
        if colour not in self._fills:
            p = self._lists["fills"].prefixed
            pattern = f'<{p("fgColor")} rgb="{colour}"/><{p("bgColor")} indexed="64"/>'
            solid = f'<{p("patternFill")} patternType="solid">{pattern}</{p("patternFill")}>'
            self._fills[colour] = self._add("fills", inserted(f"<{p('fill')}>{solid}</{p('fill')}>"))
        return self._fills[colour]

    def font(self, *, size: int = 11, colour: str = INK, bold: bool = False, underlined: bool = False) -> int:
        """The index of a font for the index sheet."""
        p = self._lists["fonts"].prefixed
        marks = f"<{p('b')}/>" * bold + f"<{p('u')}/>" * underlined
        look = f'<{p("sz")} val="{size}"/><{p("color")} rgb="{colour}"/><{p("name")} val="Yu Gothic"/>'
        family = f'<{p("family")} val="2"/><{p("charset")} val="128"/>'
        return self._add("fonts", inserted(f"<{p('font')}>{marks}{look}{family}</{p('font')}>"))

    def plain(self, font: int, fill: int = 0, *, wrap: bool = True, centred: bool = False) -> int:
        """The index of a format for the index sheet."""
        p = self._lists["cellXfs"].prefixed
        across = ' horizontal="center"' if centred else ""
        align = f'<{p("alignment")} vertical="top"{across} wrapText="{int(wrap)}"/>'
        tag = (
            f'<{p("xf")} numFmtId="49" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
            f'applyFont="1" applyFill="1" applyAlignment="1">{align}</{p("xf")}>'
        )
        return self._add("cellXfs", inserted(tag))

    def link(self) -> int:
        """The index of the format of a link."""
        return self.plain(self.font(colour=_LINK, underlined=True))

    def _add(self, name: str, new: bytes) -> int:
        self._new[name].append(new)
        return self._counts[name] + len(self._new[name]) - 1

    def saved(self) -> bytes:
        """The part with what was added."""
        edits: list[Edit] = []
        for name, new in self._new.items():
            if new:
                edits += self._longer(self._lists[name], self._counts[name] + len(new), b"".join(new))
        return spliced(self._content, edits)

    def _longer(self, element: Element, count: int, new: bytes) -> list[Edit]:
        tag = self._content[element.start : element.inside]
        if attribute(element, "count"):
            tag = with_attribute(tag, "count", str(count))
        if element.hollow:
            start, stop, whole = element.append(self._content, new)
            return [(start, stop, with_attribute(whole, "count", str(count)))]
        return [(element.start, element.inside, tag), (element.stop, element.stop, new)]
