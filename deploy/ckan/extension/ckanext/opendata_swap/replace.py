"""All of a table anew from a CSV file: a table that no one sees is made and filled, then swapped in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import sqlalchemy as sa
from ckanext.datastore.backend import DatastoreBackend
from ckanext.opendata_swap.fill import fill, incoming_name
from ckanext.opendata_swap.swap import Busy, swap
from ckanext.opendata_swap.tables import execute, quoted
from sqlalchemy.engine import Engine


def hidden_name(table: str) -> str:
    """The table in the making: CKAN lists no table whose name begins with an underscore."""
    return f"_opendata_{table}"


def replace(engine: Engine, live: str, shape: dict[str, Any], file: BinaryIO, *, full_text: bool) -> int:
    """Give `live` the columns, key and indexes of `shape` and the rows of the file; returns how many.

    The rows are committed before the swap: a reader that took its snapshot and then waited for us still sees them.
    """
    hidden = hidden_name(live)
    with _alone(engine, hidden):
        _drop(engine, hidden)  # what a call that was killed left
        try:
            DatastoreBackend.get_active_backend().create({}, {**shape, "resource_id": hidden}, {})
            fill(engine, hidden, file, full_text=full_text)
            return swap(engine, live, hidden)
        finally:
            _drop(engine, hidden)


@contextmanager
def _alone(engine: Engine, hidden: str) -> Iterator[None]:
    """Raises Busy when another call is replacing the same table."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"name": hidden}
        if not connection.execute(sa.text("SELECT pg_try_advisory_lock(hashtext(:name))"), key).scalar_one():
            raise Busy("another call is replacing this table; nothing was changed, try again")
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext(:name))"), key)


def _drop(engine: Engine, hidden: str) -> None:
    """The rows that came go first: they count by the other table's sequence."""
    with engine.begin() as connection:
        for table in (incoming_name(hidden), hidden):
            execute(connection, f"DROP TABLE IF EXISTS {quoted(table)}")
