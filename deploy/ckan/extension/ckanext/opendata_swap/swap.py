"""One table in place of another, in one transaction that locks readers out for no longer than a rename."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import sqlalchemy as sa
from ckanext.opendata_swap.tables import execute, index_renames, quoted
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

LOCK_TIMEOUT = "1500ms"  # while we wait, new readers wait behind us: rather step back and try again
ATTEMPTS = 12
PAUSE = (0.1, 1.0)  # seconds
LOCKED_OR_DEADLOCK = {"55P03", "40P01"}  # PostgreSQL: lock_not_available, deadlock_detected
SOMETHING_DEPENDS = "2BP01"  # dependent_objects_still_exist


class Busy(Exception):
    """Readers held the table all the time; nothing was changed."""


class CannotSwap(Exception):
    """The table can't be replaced; the text says why. Nothing was changed."""


def swap(engine: Engine, live: str, staged: str) -> int:
    """Let `staged` become `live`; returns its number of rows. Raises Busy or CannotSwap."""
    _remember_count(engine, live)
    for _ in range(ATTEMPTS):
        try:
            with engine.begin() as connection:
                return _swap(connection, live, staged)
        except DBAPIError as error:
            code = getattr(error.orig, "pgcode", None)
            if code == SOMETHING_DEPENDS:
                raise CannotSwap("another object of the database depends on the table") from error
            if code not in LOCKED_OR_DEADLOCK:
                raise
        time.sleep(random.uniform(*PAUSE))  # noqa: S311 (only spreads attempts)
    raise Busy(f"readers held the table through {ATTEMPTS} attempts; nothing was changed, try again")


def _remember_count(engine: Engine, live: str) -> None:
    """Let the count of the old table be known beforehand.

    A search that lacks it counts on a second connection, while its first one holds the table: that count would
    wait for us and we for the search, which PostgreSQL can't see.
    """
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT cached_table_row_count(:table)"), {"table": live})


def _swap(connection: Connection, live: str, staged: str) -> int:
    execute(connection, "SET LOCAL statement_timeout = 0")
    execute(connection, f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    execute(connection, f"LOCK TABLE {quoted(staged)} IN ACCESS EXCLUSIVE MODE")
    rows = int(execute(connection, f"SELECT count(*) FROM {quoted(staged)}").scalar_one())
    renames = index_renames(connection, staged, live, staged)
    aliases = _aliases(connection, live)
    for name in [*aliases, live]:  # a reader of an alias locks it before the table, so do we
        execute(connection, f"LOCK TABLE {quoted(name)} IN ACCESS EXCLUSIVE MODE")
    _replace(connection, live, staged, aliases)
    _rename_parts(connection, live, staged, renames)
    _write_count(connection, live, staged, rows)
    return rows


def _aliases(connection: Connection, live: str) -> Sequence[str]:
    query = sa.text('SELECT name FROM "_table_metadata" WHERE alias_of = :table ORDER BY name')
    return connection.execute(query, {"table": live}).scalars().all()


def _replace(connection: Connection, live: str, staged: str, aliases: Sequence[str]) -> None:
    """Without CASCADE: what else depends on the old table was made by a person and is not ours to drop."""
    for alias in aliases:
        execute(connection, f"DROP VIEW {quoted(alias)}")
    execute(connection, f"DROP TABLE {quoted(live)}")
    execute(connection, f"ALTER TABLE {quoted(staged)} RENAME TO {quoted(live)}")
    for alias in aliases:
        execute(connection, f"CREATE VIEW {quoted(alias)} AS SELECT * FROM {quoted(live)}")


def _rename_parts(connection: Connection, live: str, staged: str, renames: dict[str, str]) -> None:
    """Indexes, and the sequence of `_id`, under the names that CKAN would have given them."""
    for old, new in renames.items():
        execute(connection, f"ALTER INDEX {quoted(old)} RENAME TO {quoted(new)}")
    sequence = quoted(f"{staged}__id_seq")
    if connection.execute(sa.text("SELECT to_regclass(:name)"), {"name": sequence}).scalar_one():
        execute(connection, f"ALTER SEQUENCE {sequence} RENAME TO {quoted(f'{live}__id_seq')}")


def _write_count(connection: Connection, live: str, staged: str, rows: int) -> None:
    """The count that `datastore_search` shows, changed together with the rows."""
    both = {"live": live, "staged": staged, "rows": rows}
    connection.execute(sa.text('DELETE FROM "_table_stats" WHERE resource_id IN (:live, :staged)'), both)
    query = "INSERT INTO \"_table_stats\" VALUES (:live, jsonb_build_object('rows', CAST(:rows AS bigint)))"
    connection.execute(sa.text(query), both)
