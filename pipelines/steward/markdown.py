"""Markdown for the pages of the Dagster UI. Texts of deliveries are hostile: they are shown, never obeyed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Final

from pipelines.findings import visible

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~&#])")
_LINKED: Final = re.compile(r"://|www\.|@", re.IGNORECASE)  # what the renderer would make a link of
_LONGEST: Final = 160
_INLINE: Final = 1000  # letters; the UI puts a shorter text into a narrow column, where a table is cut off


def text(value: str) -> str:
    """A text as it stands, on one line; long ones are cut."""
    line = visible(value).strip()
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return _code(line) if _LINKED.search(line) else _SPECIAL.sub(r"\\\1", line)


def _code(line: str) -> str:
    """A text in which nothing is a link. A backslash before a bar is the table's, and is taken away again."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    shown = line.replace("|", r"\|")
    return f"{fence} {shown} {fence}"


def link(value: str, address: str) -> str:
    """A link; `address` is one of ours, its parts quoted."""
    return f"[{text(value) or '∅'}]({address})"


def image(name: str, svg: bytes) -> str:
    """A picture inside the page."""
    return f"![{text(name)}](data:image/svg+xml;base64,{base64.b64encode(svg).decode()})"


def page(content: str) -> str:
    """Content that the UI opens as a page of its own, however short it is."""
    return content.ljust(_INLINE)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], most_bytes: int) -> str:
    """A table of Markdown cells, as many rows as fit; the last says how many more there are."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    room, left_out = most_bytes - sum(len(line.encode()) for line in lines), 0
    for row in rows:
        line = _row(row)
        room -= len(line.encode())
        if room < 0:
            left_out += 1
        else:
            lines.append(line)
    more = [_row([f"… +{left_out:,}", *[""] * (len(heads) - 1)])] if left_out else []
    return "\n".join([*lines, *more])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
