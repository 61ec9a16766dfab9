"""Addresses as a spreadsheet shows them; rows and columns counted from 0."""

from __future__ import annotations


def letter(column: int) -> str:
    """The letters of a column counted from 0: 0 → A, 26 → AA."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def column_of(letters: str) -> int:
    """The column, from 0, of its letters (or of a number from 1, in a table that lies on its side)."""
    if letters.isdigit():
        return int(letters) - 1
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - 64
    return number - 1
