"""Quoting for SQL that is put together from names and texts of descriptors."""

from __future__ import annotations

from pathlib import Path


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet(path: Path, *, numbered: bool = False) -> str:
    """The rows of a Parquet file; `numbered` adds `file_row_number`, from 0."""
    return f"read_parquet({literal(str(path))}{', file_row_number = true' if numbered else ''})"
