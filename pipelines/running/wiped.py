"""What was taken down goes from Dagster's records too: its events quote rows, changes and cells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines.running.retention import events_of
from pipelines.steward.pages import STAGES

PATIENCE = 60  # seconds that a night may hold a file of SQLite
OVERVIEWS = ("night", "closing")  # their pages quote findings of all datasets


def wipe_dataset(name: str) -> None:
    """Delete what Dagster recorded of a dataset's assets, and of the overviews of the nights that ran it.

    Safe to repeat, also after a kill: the runs are found by what is deleted last. In PostgreSQL the room is given back
    by its own vacuum.
    """
    keys = [*(dg.AssetKey([stage, name]) for stage in STAGES), *(dg.AssetKey(one) for one in OVERVIEWS)]
    with dg.DagsterInstance.get() as instance:
        events = events_of(instance)
        runs = _runs_of(events, keys[: len(STAGES)])
        for run_id in runs:
            _empty(events, run_id, (name, *OVERVIEWS))
            instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.wipe_assets(keys)
        if isinstance(events, SqliteEventLogStorage):
            _overwrite(Path(events.path_for_shard(shard)) for shard in (*runs, "index"))


def _runs_of(events: SqlEventLogStorage, keys: list[dg.AssetKey]) -> list[str]:
    """The runs that recorded anything of these assets."""
    names = [key.to_string() for key in keys]
    found: set[str] = set()
    with events.index_connection() as connection:
        for table in (SqlEventLogStorageTable, AssetCheckExecutionsTable):
            query = sa.select(table.c.run_id).where(table.c.asset_key.in_(names)).distinct()
            found |= {str(row[0]) for row in connection.execute(query) if row[0]}
    return sorted(found)


def _empty(events: SqlEventLogStorage, run_id: str, steps: tuple[str, ...]) -> None:
    """Delete the events of some steps of a run; the run itself and its other steps stay."""
    table = SqlEventLogStorageTable
    with events.run_connection(run_id) as connection:
        connection.execute(table.delete().where(table.c.run_id == run_id, table.c.step_key.in_(steps)))


def _overwrite(files: Iterable[Path]) -> None:
    """What SQLite deletes stays in its file until the room is used again: write each file anew."""
    for file in files:
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
