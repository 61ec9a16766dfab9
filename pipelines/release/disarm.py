"""The text of a cell that a spreadsheet may open: never taken for a formula."""

from __future__ import annotations

from typing import Final

# OWASP, "CSV Injection": a cell that begins with one of these may be run as a formula. The full-width forms count too,
# since a Japanese spreadsheet takes them for the others.
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def disarm(text: str) -> str:
    """The text itself, or with an apostrophe in front where a spreadsheet might take it for a formula.

    For cells of texts alone: a figure keeps its minus. White space does not hide the sign: what comes first behind it
    counts as well. The canonical CSV keeps the true text.
    """
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS) else text
