"""Addresses as a spreadsheet shows them; rows and columns counted from 0."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CELL: Final = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


def is_cell(address: str) -> bool:
    """Whether an address names one cell, `B6`."""
    return _CELL.fullmatch(address) is not None


def letter(column: int) -> str:
    """The letters of a column counted from 0: 0 → A, 26 → AA."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def cell_of(address: str) -> tuple[int, int]:
    """Row and column of an address such as `B7`. Raises ValueError when it has no row."""
    letters = address.rstrip("0123456789")
    return int(address[len(letters) :]) - 1, column_of(letters.upper())


@lru_cache(maxsize=1 << 15)
def column_of(letters: str) -> int:
    """The column, from 0, of its letters (or of a number from 1, in a table that lies on its side)."""
    if letters.isdigit():
        return int(letters) - 1
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - 64
    return number - 1
