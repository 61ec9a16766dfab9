"""The looks of a workbook's cells, from its styles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipelines.checking.sheet import Look
from pipelines.checking.values import is_date_format
from pipelines.checking.xml import attributes_of
from pipelines.findings import Place

_PLAIN_COLOURS = {"", "theme 1", "indexed 64", "indexed 8", "FF000000"}
_PLAIN_FILLS = {"", "indexed 64", "indexed 65", "indexed 9", "theme 0", "FFFFFFFF"}
_OFF = {"0", "false"}


@dataclass
class _Styles:
    """What is read of the styles: fonts and fills as looks, formats by number, and the looks that cells name."""

    fonts: list[Look] = field(default_factory=list)
    fills: list[str] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)
    cells: list[tuple[int, int, int]] = field(default_factory=list)
    part: str = ""
    solid: bool = False

    def take(self, tag: str, attributes: dict[str, str]) -> None:
        """One element, in the order of the file."""
        if tag in {"fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs", "cellStyles"}:
            self.part = tag
        elif tag == "numFmt" and self.part == "":
            self.formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif self.part == "fonts":
            self._font(tag, attributes)
        elif self.part == "fills":
            self._fill(tag, attributes)
        elif self.part == "cellXfs" and tag == "xf":
            keys = ("numFmtId", "fontId", "fillId")
            number, font, fill = (int(attributes.get(key, "0")) for key in keys)
            self.cells.append((number, font, fill))

    def _font(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "font":
            self.fonts.append(Look())
        elif self.fonts and tag in {"b", "i", "strike"} and attributes.get("val") not in _OFF:
            name = {"b": "bold", "i": "italic", "strike": "strike"}[tag]
            self.fonts[-1] = replace(self.fonts[-1], **{name: True})  # type: ignore[arg-type]
        elif self.fonts and tag == "color":
            colour = _colour(attributes)
            self.fonts[-1] = replace(self.fonts[-1], colour="" if colour in _PLAIN_COLOURS else colour)

    def _fill(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "fill":
            self.fills.append("")
        elif tag == "patternFill":
            self.solid = attributes.get("patternType", "none") not in {"none", "gray125"}
        elif tag == "fgColor" and self.solid and self.fills:
            colour = _colour(attributes)
            self.fills[-1] = "" if colour in _PLAIN_FILLS else colour


def looks_of(blocks: Iterable[bytes], place: Place) -> tuple[list[Look], frozenset[int]]:
    """The looks that cells name by number, and which of them show a date."""
    styles = _Styles()
    for tag, attributes in attributes_of(blocks, place, "xl/styles.xml"):
        styles.take(tag, attributes)
    looks = []
    for number, font, fill in styles.cells:
        look = styles.fonts[font] if font < len(styles.fonts) else Look()
        colour = styles.fills[fill] if fill < len(styles.fills) else ""
        looks.append(replace(look, fill=colour, number_format=styles.formats.get(number, f"#{number}")))
    dates = [
        i for i, (number, _, _) in enumerate(styles.cells) if is_date_format(number, styles.formats.get(number, ""))
    ]
    return looks or [Look()], frozenset(dates)


def _colour(attributes: dict[str, str]) -> str:
    if "rgb" in attributes:
        return attributes["rgb"].upper()
    if "theme" in attributes:
        tint = attributes.get("tint", "")
        return f"theme {attributes['theme']}" + (f" {float(tint):.2f}" if tint and float(tint) else "")
    return f"indexed {attributes['indexed']}" if "indexed" in attributes else ""
