"""Dagster's records: SQLite unless one environment variable names a PostgreSQL, whose address stands in no file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._serdes import serialize_value
from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage

from pipelines import dagster_home as homes
from pipelines.errors import StoreError
from pipelines.settings import REPOSITORY, Settings
from tests.kit import town
from tests.running.postgres import Server


def test_sqlite_is_the_default_and_stands_where_it_always_stood(dagster_home: Path) -> None:
    """A home of before keeps its records."""
    with dg.DagsterInstance.get() as instance:
        instance.get_runs()
    found = {path.relative_to(dagster_home).as_posix() for path in dagster_home.rglob("*.db")}
    assert found == {"history/runs.db", "history/runs/index.db", "schedules/schedules.db"}


def test_the_environment_names_a_postgresql(
    dagster_home: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For runs, events and schedules; and what Dagster hands to its processes does not tell the password."""
    monkeypatch.setenv("OPENDATA_DAGSTER_POSTGRES", server.address)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.run_storage, PostgresRunStorage)
        told = serialize_value(instance.get_ref()) + instance.info_str()
        assert server.password not in told
        with dg.DagsterInstance.from_ref(instance.get_ref()) as child:
            assert isinstance(child.event_log_storage, PostgresEventLogStorage)
    assert list(dagster_home.rglob("*.db")) == []


def test_a_night_from_the_shell_keeps_its_records_there(tmp_path: Path, server: Server) -> None:
    """`opendata nightly` with the variable: the run and its events are in the database, the password in no file."""
    small = town(tmp_path, ["waste_per_capita"])
    server.ask_nothing("CREATE DATABASE night")
    ours = {"OPENDATA_ROOT": str(small.root), "OPENDATA_HOME": str(small.home), "DAGSTER_HOME": str(small.home)}
    environment = {**os.environ, **ours, "OPENDATA_DAGSTER_POSTGRES": server.of("night")}
    program = str(Path(sys.executable).with_name("opendata"))
    done = subprocess.run([program, "nightly"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert server.ask("SELECT pipeline_name, status FROM runs", "night") == [("nightly", "SUCCESS")]
    assert server.ask("SELECT count(*) > 5 FROM event_logs", "night") == [(True,)]
    files = [path for path in small.home.rglob("*") if path.is_file()]
    assert [path for path in files if server.password.encode() in path.read_bytes()] == []
    assert server.password not in done.stdout + done.stderr
    assert [path for path in files if path.suffix == ".db"] == []


@pytest.mark.usefixtures("dagster_home")
def test_a_database_that_does_not_let_us_in_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With what to do, and without the password."""
    monkeypatch.setattr("time.sleep", lambda _: None)  # it tries again and again
    monkeypatch.setenv("OPENDATA_DAGSTER_POSTGRES", server.address.replace(server.password, "wrong-password"))
    with pytest.raises(StoreError) as caught:
        dg.DagsterInstance.get()
    assert caught.value.code == "records.unreachable"
    assert "wrong-password" not in str(caught.value) + "".join(capfd.readouterr())


def test_settings_are_brought_up_to_date(dagster_home: Path) -> None:
    """Those that we shipped before are replaced by today's."""
    shipped = (REPOSITORY / "dagster_home" / "dagster.yaml").read_text()
    first_line = shipped.splitlines()[0]
    (dagster_home / "dagster.yaml").write_text(f"{first_line}\ntelemetry:\n  enabled: false\n")
    homes.prepare(Settings(home=dagster_home))
    assert (dagster_home / "dagster.yaml").read_text() == shipped


def test_settings_of_somebodys_own_stay(dagster_home: Path) -> None:
    """Whoever changes the first line keeps them."""
    (dagster_home / "dagster.yaml").write_text("# ours\ntelemetry:\n  enabled: false\n")
    homes.prepare(Settings(home=dagster_home))
    assert (dagster_home / "dagster.yaml").read_text().startswith("# ours")
