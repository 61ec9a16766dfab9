"""The XML of a workbook's parts, streamed. A declaration of entities is refused: no workbook has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place

Start = Callable[[str, dict[str, str]], None]


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]


def parser_of(place: Place, start: Start | None = None) -> expat.XMLParserType:
    """A parser that stops at the first document type."""

    def refuse(*_: object) -> None:
        raise DeliveryRefused(Finding("file.damaged", place, "<!DOCTYPE"))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.buffer_text = True
    return parser


def parse(blocks: Iterable[bytes], parser: expat.XMLParserType, place: Place, name: str) -> None:
    """Feed a part to a parser. Raises DeliveryRefused when it is no XML."""
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DeliveryRefused(Finding("file.damaged", place, f"{name}: {error}")) from error


def attributes_of(blocks: Iterable[bytes], place: Place, name: str) -> list[tuple[str, dict[str, str]]]:
    """Name and attributes of every element of a small part, in order."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = parser_of(place, lambda tag, attributes: found.append((local(tag), attributes)))
    parse(blocks, parser, place, name)
    return found
