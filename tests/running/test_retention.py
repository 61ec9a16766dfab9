"""Dagster's old records go, and what the pages of stewards show stays."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.runs.schema import RunsTable, SnapshotsTable

from pipelines.running import retention
from pipelines.running.retention import shrink_sqlite, size_of_sqlite, tidy_records
from tests.running.postgres import Server

NOW = datetime(2027, 6, 1, 17, tzinfo=UTC)
MONTH = timedelta(days=30)


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="often")])
def often():
    """Made every night."""
    print("made")  # noqa: T201
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


@dg.asset
def seldom() -> None:
    """Made once."""


defs = dg.Definitions([often, seldom], jobs=[dg.define_asset_job("nightly", executor_def=dg.in_process_executor)])


@pytest.fixture(params=["sqlite", "postgres"])
def instance(
    request: pytest.FixtureRequest, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Fresh records in either storage."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")
        name = f"tidy_{uuid.uuid4().hex}"
        server.ask_nothing(f"CREATE DATABASE {name}")
        monkeypatch.setenv("OPENDATA_DAGSTER_POSTGRES", server.of(name))
    del dagster_home
    with dg.DagsterInstance.get() as opened:
        yield opened


def night(instance: dg.DagsterInstance, age: timedelta, *assets: dg.AssetsDefinition) -> str:
    """A run of some assets, so long ago; its number."""
    job = defs.resolve_job_def("nightly")
    run = job.execute_in_process(instance=instance, asset_selection=[key for a in assets for key in a.keys]).run_id
    with instance.run_storage.connect() as connection:
        when = (NOW - age).replace(tzinfo=None)
        connection.execute(RunsTable.update().where(RunsTable.c.run_id == run).values(create_timestamp=when))
    return run


def count(instance: dg.DagsterInstance, table: sa.Table) -> int:
    with instance.event_log_storage.index_connection() as events, instance.run_storage.connect() as runs:
        connection = runs if table is SnapshotsTable else events
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_old_runs_go_with_all_that_belongs_to_them(instance: dg.DagsterInstance, dagster_home: Path) -> None:
    """Events, verdicts, logs, SQLite's file of the run; the young ones keep theirs."""
    old = [night(instance, 5 * MONTH, often) for _ in range(2)]
    young = night(instance, MONTH, often)
    assert tidy_records(instance, NOW - 3 * MONTH) == 2
    assert [run.run_id for run in instance.get_runs()] == [young]
    events = SqlEventLogStorageTable.c.run_id
    with instance.event_log_storage.index_connection() as connection:
        assert connection.execute(sa.select(events).where(events.in_(old))).all() == []
    assert count(instance, AssetCheckExecutionsTable) == 1
    assert [path for path in dagster_home.rglob("*") for run in old if run in path.name] == []
    assert instance.all_logs(young)


def test_the_last_state_of_an_asset_stays_however_old_it_is(instance: dg.DagsterInstance) -> None:
    """A yearly figure was made eleven months ago; its page shows that."""
    made = night(instance, 11 * MONTH, seldom)
    night(instance, 10 * MONTH, often)
    night(instance, MONTH, often)
    assert tidy_records(instance, NOW - 3 * MONTH) == 1
    event = instance.get_latest_materialization_event(dg.AssetKey("seldom"))
    assert event is not None
    assert event.run_id == made
    assert instance.all_logs(made)


def test_pictures_of_selections_that_nobody_has_any_more_go(instance: dg.DagsterInstance) -> None:
    """Dagster keeps one for each, for ever; those of runs that stay, stay."""
    night(instance, 5 * MONTH, often, seldom)
    night(instance, 4 * MONTH, seldom)
    before = count(instance, SnapshotsTable)
    kept = night(instance, MONTH, often, seldom)
    assert tidy_records(instance, NOW - 3 * MONTH) == 2
    assert count(instance, SnapshotsTable) < before
    run = instance.get_run_by_id(kept)
    assert run is not None
    assert instance.has_job_snapshot(str(run.job_snapshot_id))
    assert instance.run_storage.has_execution_plan_snapshot(str(run.execution_plan_snapshot_id))


def test_a_run_under_way_is_left_alone(instance: dg.DagsterInstance) -> None:
    """However long ago it began."""
    run = night(instance, 5 * MONTH, often)
    night(instance, MONTH, often)
    with instance.run_storage.connect() as connection:
        connection.execute(RunsTable.update().where(RunsTable.c.run_id == run).values(status="STARTED"))
    assert tidy_records(instance, NOW - 3 * MONTH) == 0
    assert instance.has_run(run)


@pytest.mark.parametrize("deed", ["_forget_shard", "delete_logs", "delete_run"])
def test_a_tidying_that_was_killed_is_taken_up_by_the_next(
    dagster_home: Path, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    """Whatever it was about to do."""
    del dagster_home
    with dg.DagsterInstance.get() as instance:
        night(instance, 5 * MONTH, often)
        night(instance, MONTH, often)
        owner = {"_forget_shard": retention, "delete_logs": instance.compute_log_manager}.get(
            deed, instance.run_storage
        )
        with monkeypatch.context() as patch:
            patch.setattr(owner, deed, _killed)
            with pytest.raises(KeyboardInterrupt):
                tidy_records(instance, NOW - 3 * MONTH)
        assert tidy_records(instance, NOW - 3 * MONTH) == 1
        assert len(instance.get_runs()) == 1


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_sqlite_gives_room_back(dagster_home: Path) -> None:
    """A file that is mostly empty shrinks; one that somebody writes to waits for another night."""
    import sqlite3

    file = dagster_home / "history" / "big.db"
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE events (text)")
        connection.executemany("INSERT INTO events VALUES (?)", [("x" * 4000,)] * 4000)
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM events")
    full = size_of_sqlite(dagster_home)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    shrink_sqlite(dagster_home)
    assert size_of_sqlite(dagster_home) >= full
    writer.execute("ROLLBACK")
    writer.close()
    shrink_sqlite(dagster_home)
    assert size_of_sqlite(dagster_home) < full / 10
