"""Rows from a CSV file into a table: one COPY, one pass that writes rows with their full text, indexes at the end."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import psycopg2
from ckanext.opendata_swap.tables import columns, execute, indexes, quoted
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

LONGEST_HEADER = 1 << 20  # bytes
BOM = b"\xef\xbb\xbf"
MEMORY = "256MB"  # while an index is made: enough to sort the keys of some millions of rows; GiST has no use for it


class CannotLoad(Exception):
    """The file does not fit the table; the text says why. Nothing was changed."""


def load(engine: Engine, table: str, file: BinaryIO, *, full_text: bool) -> int:
    """Append the file's rows to the table, in one transaction; returns how many."""
    with what_does_not_fit(), engine.begin() as connection:
        unbounded(connection)
        execute(connection, f"LOCK TABLE {quoted(table)} IN SHARE ROW EXCLUSIVE MODE")
        names = header(file, list(columns(connection, table)))
        _receive(connection, table, names, file)
        if _is_empty(connection, table):
            return _fill(connection, table, names, full_text=full_text)
        return _append(connection, table, names, full_text=full_text)


def unbounded(connection: Connection) -> None:
    """Let the transaction take its time, and memory for making indexes."""
    execute(connection, "SET LOCAL statement_timeout = 0")
    execute(connection, f"SET LOCAL maintenance_work_mem = '{MEMORY}'")


@contextmanager
def what_does_not_fit() -> Iterator[None]:
    """Raises CannotLoad for what PostgreSQL says of the file's values and keys."""
    try:
        yield
    except (DBAPIError, psycopg2.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(original, psycopg2.DataError | psycopg2.IntegrityError):
            raise
        raise CannotLoad(original.diag.message_primary or str(original)) from error


def header(file: BinaryIO, known: Sequence[str]) -> list[str]:
    """The names of columns from the file's first line; the file then stands at its second."""
    line = file.readline(LONGEST_HEADER).removeprefix(BOM)
    try:
        names = next(csv.reader([line.decode("utf-8")]), [])
    except UnicodeDecodeError as error:
        raise CannotLoad("the first line is not UTF-8") from error
    if unknown := [name for name in names if name not in known]:
        raise CannotLoad(f"the table has no column {', '.join(unknown)}")
    if not names or len(set(names)) != len(names):
        raise CannotLoad("the first line names no column, or one twice")
    return names


def copy(connection: Connection, table: str, names: Sequence[str], file: BinaryIO) -> None:
    """The file, which stands at its second line, into a table."""
    listed = ", ".join(map(quoted, names))
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {quoted(table)} ({listed}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')", file)


def _receive(connection: Connection, table: str, names: Sequence[str], file: BinaryIO) -> None:
    """The file into a table of this session only, which needs no write-ahead log."""
    like = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)} WITH NO DATA"
    execute(connection, f"CREATE TEMP TABLE opendata_incoming ON COMMIT DROP AS {like}")
    copy(connection, "opendata_incoming", names, file)


def _is_empty(connection: Connection, table: str) -> bool:
    return execute(connection, f"SELECT 1 FROM {quoted(table)} LIMIT 1").first() is None


def _fill(connection: Connection, table: str, names: Sequence[str], *, full_text: bool) -> int:
    """Into an empty table: its indexes are dropped and made again when the rows are there, several times as fast."""
    made = [index for index in indexes(connection, table) if not index.primary]
    for index in made:
        execute(connection, f"DROP INDEX {quoted(index.name)}")
    rows = _append(connection, table, names, full_text=full_text)
    for index in made:
        execute(connection, index.definition)
    return rows


def _append(connection: Connection, table: str, names: Sequence[str], *, full_text: bool) -> int:
    """Each row is written once, with its full text: CKAN's trigger leaves alone what has one."""
    listed = ", ".join(map(quoted, names))
    found = words(connection, table, names, full_text=full_text)
    query = f"INSERT INTO {quoted(table)} ({listed}, _full_text) SELECT {listed}, {found} FROM opendata_incoming"
    return execute(connection, query).rowcount


def words(connection: Connection, table: str, names: Sequence[str], *, full_text: bool) -> str:
    """SQL for what CKAN's own trigger makes of a row: all values as JSON has them, in the order of the columns."""
    if not full_text:
        return "''::tsvector"
    types = columns(connection, table)
    values = [_word(name, kind) for name, kind in types.items() if name in names]
    return f"to_tsvector(concat_ws(' ', {', '.join(values)}))"


def _word(name: str, kind: str) -> str:
    """JSON writes dates with times, and what is nested, otherwise than a cast to text; all else alike."""
    plain = {"text", "numeric", "integer", "bigint", "boolean", "date", "smallint"}
    return quoted(name) if kind in plain else f"to_json({quoted(name)}) #>> '{{}}'"
