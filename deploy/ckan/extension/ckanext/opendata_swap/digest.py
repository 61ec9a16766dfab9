"""How many rows a table has, and a checksum of them that does not depend on their order, in one pass of PostgreSQL.

README.md says how anyone who has the rows makes the same checksum.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.opendata_swap.tables import columns, execute, quoted
from sqlalchemy.engine import Connection, Engine

DIGITS = 15  # hexadecimal digits of each half: as many as a signed number of 64 bits has without its sign
TIME = "YYYY-MM-DD HH24:MI:SS.US"


class CannotDigest(Exception):
    """The table lacks a column; the text names it."""


def digest(engine: Engine, table: str, names: Sequence[str]) -> tuple[int, str]:
    """The number of rows, and the checksum over the named columns in the order given. Raises CannotDigest."""
    with engine.connect() as connection, connection.begin():
        execute(connection, "SET LOCAL statement_timeout = 0")
        execute(connection, "SET LOCAL DateStyle = 'ISO'")
        rows, first, second = execute(connection, _query(connection, table, names)).one()
    return int(rows), f"{first}-{second}"


def _query(connection: Connection, table: str, names: Sequence[str]) -> str:
    types = columns(connection, table)
    if unknown := [name for name in names if name not in types]:
        raise CannotDigest(f"the table has no column {', '.join(unknown)}")
    row = " || ".join(_value(name, types[name]) for name in names)
    halves = ", ".join(f"coalesce(sum({_half(start)}), 0)" for start in (1, 1 + DIGITS))
    return f"SELECT count(*), {halves} FROM (SELECT md5({row}) AS hash FROM {quoted(table)}) AS hashed"


def _value(name: str, kind: str) -> str:
    """A value with its length before it, so that no two rows have one text; of a value that is missing, a sign."""
    text = f"to_char({quoted(name)}, '{TIME}')" if kind.startswith("timestamp") else f"{quoted(name)}::text"
    return f"coalesce(octet_length({text}) || ':' || {text}, '-')"


def _half(start: int) -> str:
    return f"('x' || substr(hash, {start}, {DIGITS}))::bit({4 * DIGITS})::bigint"
