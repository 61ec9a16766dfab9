"""How long Dagster's records are kept: runs that ended before a moment are deleted with all that belongs to them.

A run that holds the last materialisation of an asset, or the last verdict of a check, stays however old it is: the
pages of stewards keep their last state. So what is kept is bounded by the runs of the time and the number of assets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.schema import SnapshotsTable
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage

LEAST_PAGES = 1000  # 4 MB: smaller files are not worth shrinking


def tidy_records(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete the runs that were asked for before a moment and have ended. Returns how many; safe to be killed in."""
    last = _last_runs(instance)
    ended = instance.get_runs(dg.RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before))
    old = [run for run in ended if run.run_id not in last]
    for run in old:
        _forget(instance, run.run_id)
    _drop_snapshots(instance, old)
    return len(old)


def _last_runs(instance: dg.DagsterInstance) -> set[str]:
    """The runs that hold the last state of an asset or of a check."""
    assets = [record.asset_entry for record in instance.get_asset_records()]
    made = {entry.last_materialization_record.run_id for entry in assets if entry.last_materialization_record}
    return made | _last_of_checks(events_of(instance))


def _last_of_checks(events: SqlEventLogStorage) -> set[str]:
    table = AssetCheckExecutionsTable.c
    newest = sa.select(sa.func.max(table.id)).group_by(table.asset_key, table.check_name)
    with events.index_connection() as connection:
        return {str(row[0]) for row in connection.execute(sa.select(table.run_id).where(table.id.in_(newest)))}


def _forget(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete one run; its own row goes last, so that a tidying that was killed is taken up by the next."""
    events = events_of(instance)
    with events.index_connection() as connection:
        checks = AssetCheckExecutionsTable
        connection.execute(checks.delete().where(checks.c.run_id == run_id))
    if isinstance(events, SqliteEventLogStorage):
        _forget_shard(events, run_id)
    else:
        events.delete_events(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.run_storage.delete_run(run_id)


def _forget_shard(events: SqliteEventLogStorage, run_id: str) -> None:
    """SQLite has a file for each run, which Dagster would empty and leave."""
    with events.index_connection() as connection:
        events.delete_events_for_run(connection, run_id)
    shard = Path(events.path_for_shard(run_id))
    for file in shard.parent.glob(f"{shard.name}*"):
        file.unlink(missing_ok=True)


def events_of(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    """Dagster's events, with the tables that they stand in."""
    events = instance.event_log_storage
    assert isinstance(events, SqlEventLogStorage), "SQLite and PostgreSQL both are"
    return events


def _drop_snapshots(instance: dg.DagsterInstance, gone: Sequence[dg.DagsterRun]) -> None:
    """Dagster keeps a picture of every selection of assets for ever: drop those that only deleted runs had."""
    candidates = _snapshots(gone)
    if not candidates or not (unused := candidates - _snapshots(instance.get_runs())):
        return
    runs = instance.run_storage
    assert isinstance(runs, SqlRunStorage), "SQLite and PostgreSQL both are"
    jobs = {run.job_snapshot_id for run in gone}
    parts = sorted(name for name in unused if not (name in jobs and _is_whole_job(instance, name)))
    with runs.connect() as connection:
        connection.execute(SnapshotsTable.delete().where(SnapshotsTable.c.snapshot_id.in_(parts)))


def _snapshots(runs: Sequence[dg.DagsterRun]) -> set[str]:
    return {name for run in runs for name in (run.job_snapshot_id, run.execution_plan_snapshot_id) if name}


def _is_whole_job(instance: dg.DagsterInstance, snapshot: str) -> bool:
    """Whether pictures of parts of a job may refer to it."""
    return not instance.has_job_snapshot(snapshot) or instance.get_job_snapshot(snapshot).lineage_snapshot is None


def size_of_sqlite(dagster_home: Path) -> int:
    """How many bytes Dagster's records take on the disk, in SQLite."""
    return sum(
        file.stat().st_size for part in ("history", "schedules", "storage") for file in _files(dagster_home / part)
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def shrink_sqlite(dagster_home: Path) -> None:
    """Give room back that deleting left, where it is more than half of a file. One in use is left to the next night."""
    for file in [path for part in ("history", "schedules") for path in (dagster_home / part).rglob("*.db")]:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            pages, free = (
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
            )
            if free * 2 > pages > LEAST_PAGES:
                _vacuum(connection)


def _vacuum(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.OperationalError):  # somebody is reading or writing it
        connection.execute("VACUUM")
