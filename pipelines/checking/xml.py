"""The small parts of a workbook, as lists of elements."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.findings import Place
from pipelines.reading.sheetxml import local, parse, parser_of


def attributes_of(blocks: Iterable[bytes], place: Place, name: str) -> list[tuple[str, dict[str, str]]]:
    """Name and attributes of every element of a part, in order. Raises DeliveryRefused when it is no XML."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = parser_of(place, lambda tag, attributes: found.append((local(tag), attributes)))
    parse(blocks, parser, place, name)
    return found
