"""A town with Dagster's real daemon in it, real PostgreSQL, a clock that can be moved, and somebody who is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.operations.heartbeat import last_beat
from pipelines.processes import RunProcess
from pipelines.settings import REPOSITORY
from tests.kit import Town
from tests.running.clock import LIBRARY, Clock
from tests.running.inbox import Inbox, inbox
from tests.running.postgres import Server, postgres

PATIENCE = 420  # seconds: a machine may be busy
FIRST = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 02:00 in Tokyo
ENDED = ("SUCCESS", "FAILURE", "CANCELED")


@dataclass
class World:
    """A town, and the processes in it."""

    town: Town
    clock: Clock
    records: Server
    inbox: Inbox
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        return self.town.home

    @property
    def log(self) -> Path:
        return self.town.root.parent / "daemon.log"

    @property
    def environment(self) -> dict[str, str]:
        """Of whatever runs in it."""
        ours = {
            "OPENDATA_ROOT": str(self.town.root),
            "OPENDATA_HOME": str(self.home),
            "DAGSTER_HOME": str(self.home),
            "OPENDATA_DAGSTER_POSTGRES": self.records.address,
            "OPENDATA_WEBHOOK_URL": self.inbox.address,
        }
        return {**os.environ, **self.clock.environment, **ours}

    def start_daemon(self) -> None:
        """As the systemd unit does, and until its schedule is on."""
        program = str(Path(sys.executable).with_name("opendata"))
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(
                [program, "daemon"],
                env=self.environment,
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait(lambda: bool(self.rows("SELECT 1 FROM instigators")))

    def kill_daemon(self, *, with_run: bool) -> None:
        """SIGKILL: the daemon and its code server; the run, too, if asked."""
        assert self.daemon is not None
        os.killpg(self.daemon.pid, signal.SIGKILL)
        self.daemon.wait()
        self.daemon = None
        for process in self.living_runs() if with_run else []:
            os.killpg(int(process.file.read_text()), signal.SIGKILL)

    def stop(self) -> None:
        """End whatever runs."""
        if self.daemon is not None:
            self.kill_daemon(with_run=False)
        for process in self.living_runs():
            process.end(seconds=1)

    def living_runs(self) -> list[RunProcess]:
        found = [RunProcess(file) for file in (self.home / "processes").glob("*")]
        return [process for process in found if process.is_alive]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What Dagster's records say; nothing before there are tables."""
        import psycopg2

        with suppress(psycopg2.errors.UndefinedTable):
            return self.records.ask(sql)
        return []

    def runs(self) -> list[str]:
        """The state of each run, the first one first."""
        return [str(row[0]) for row in self.rows("SELECT status FROM runs ORDER BY id")]

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that has to come."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            told = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
            assert time.monotonic() < end, f"{self.runs()}\n{told}"
            time.sleep(0.3)

    def come(self, night: int) -> None:
        """It is just after 02:00 of a night; from 0 on."""
        self.clock.set(FIRST + timedelta(days=night, seconds=5))

    def passed(self, night: int) -> bool:
        """Whether that night left its sign of life and everything has ended."""
        sign = last_beat(self.home)
        came = sign is not None and datetime.fromisoformat(sign.finished) > FIRST + timedelta(days=night)
        return came and all(state in ENDED for state in self.runs())

    def live_through(self, night: int) -> None:
        """A whole night."""
        self.come(night)
        self.wait(lambda: self.passed(night))


@contextmanager
def world(town: Town) -> Iterator[World]:
    """On the day before the first night; no daemon yet."""
    assert LIBRARY is not None, "Debian's package faketime brings it"
    clock = Clock(town.root.parent / "clock")
    clock.set(FIRST - timedelta(hours=12))
    settings_in_fast_motion(town.home)
    with postgres(clock.environment) as records, inbox() as received:
        made = World(town, clock, records, received)
        try:
            yield made
        finally:
            made.stop()


def settings_in_fast_motion(home: Path) -> None:
    """Dagster's settings as shipped, but for what looks only once a minute."""
    home.mkdir(parents=True, exist_ok=True)
    text = (REPOSITORY / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8")
    faster = text.replace("poll_interval_seconds: 60", "poll_interval_seconds: 2")
    assert faster != text
    (home / "dagster.yaml").write_text(f"# In fast motion\n{faster}", encoding="utf-8")
