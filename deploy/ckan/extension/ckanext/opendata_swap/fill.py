"""Rows from a CSV file into a table that no one sees, by two sessions of PostgreSQL at a time.

Most of a load's time goes into the words of each row and their index, and a session has one processor for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from ckanext.opendata_swap.load import copy, header, unbounded, what_does_not_fit, words
from ckanext.opendata_swap.tables import Index, columns, execute, indexes, quoted
from sqlalchemy.engine import Connection, Engine

SESSIONS = 2


def incoming_name(table: str) -> str:
    """The table that has the file's rows until they have their words; no log is written for it."""
    return f"{table}_in"


def fill(engine: Engine, table: str, file: BinaryIO, *, full_text: bool) -> None:
    """Put the file's rows into a table that is empty, with `_id` in their order. Raises CannotLoad."""
    with what_does_not_fit():
        with engine.begin() as connection:
            names = header(file, list(columns(connection, table)))
            _receive(connection, table, names, file)
            later = list(_drop_indexes(connection, table))
            inserts = _inserts(connection, table, names, full_text=full_text)
        with ThreadPoolExecutor(SESSIONS) as sessions:
            list(sessions.map(lambda insert: _run(engine, [insert]), inserts))
        gone = f"DROP TABLE {quoted(incoming_name(table))}"
        _run(engine, [*(index.definition for index in later), gone])


def _receive(connection: Connection, table: str, names: Sequence[str], file: BinaryIO) -> None:
    unbounded(connection)
    incoming = incoming_name(table)
    execute(connection, f"CREATE UNLOGGED TABLE {quoted(incoming)} (LIKE {quoted(table)} INCLUDING DEFAULTS)")
    copy(connection, incoming, names, file)


def _drop_indexes(connection: Connection, table: str) -> Iterator[Index]:
    """Drop what is made faster when the rows are there. GiST, CKAN's choice for words, grows row by row either way."""
    for index in indexes(connection, table):
        if not index.primary and " USING gist " not in index.definition:
            execute(connection, f"DROP INDEX {quoted(index.name)}")
            yield index


def _inserts(connection: Connection, table: str, names: Sequence[str], *, full_text: bool) -> list[str]:
    """One statement for each session: CKAN's trigger leaves rows alone that have their words."""
    listed = ", ".join(map(quoted, ["_id", *names]))
    found = words(connection, table, names, full_text=full_text)
    rows = f"SELECT {listed}, {found} FROM {quoted(incoming_name(table))}"
    insert = f"INSERT INTO {quoted(table)} ({listed}, _full_text) {rows}"
    return [f"{insert} WHERE _id % {SESSIONS} = {part}" for part in range(SESSIONS)]


def _run(engine: Engine, statements: Sequence[str]) -> None:
    with engine.begin() as connection:
        unbounded(connection)
        for statement in statements:
            execute(connection, statement)
