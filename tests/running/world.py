"""A town with Dagster's real daemon in it, a clock that can be moved, and somebody who is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.running.processes import RunProcess
from pipelines.settings import REPOSITORY
from tests.kit import Town

HERE = Path(__file__).parent
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


@dataclass(frozen=True)
class Clock:
    """The wall clock of the processes that look at it, so many seconds ahead of the real one; no other clock moves."""

    file: Path

    def set(self, moment: datetime) -> None:
        """It is this moment now, in every process at once."""
        ahead = (moment - datetime.now(moment.tzinfo)).total_seconds()
        new = self.file.with_suffix(".new")
        new.write_text(f"{ahead:+.3f}\n", encoding="ascii")
        new.replace(self.file)

    @property
    def now(self) -> datetime:
        from datetime import UTC

        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text(encoding="ascii")))

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to look at it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def settings_in_fast_motion(home: Path) -> None:
    """Dagster's settings as shipped, but for what looks only once a minute."""
    text = (REPOSITORY / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8")
    assert "poll_interval_seconds: 60" in text
    (home / "dagster.yaml").write_text(
        "# In fast motion\n" + text.replace("poll_interval_seconds: 60", "poll_interval_seconds: 2"), encoding="utf-8"
    )


@dataclass
class World:
    """A town, its home, and the processes in it."""

    town: Town
    clock: Clock
    environment: Mapping[str, str]
    daemon: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.log = self.home.parent / "daemon.log"
        settings_in_fast_motion(self.home)

    @property
    def home(self) -> Path:
        return self.town.home

    @property
    def processes(self) -> dict[str, str]:
        """The environment of whatever runs in it."""
        ours = {"OPENDATA_ROOT": self.town.root, "OPENDATA_HOME": self.home, "DAGSTER_HOME": self.home}
        named = {name: str(path) for name, path in ours.items()} | {"PYTHONPATH": str(HERE / "clock")}
        return {**os.environ, **self.clock.environment, **named, **self.environment}

    def start_daemon(self) -> None:
        """The real one, as the systemd unit starts it."""
        program = str(Path(sys.executable).with_name("opendata"))
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(
                [program, "daemon"], env=self.processes, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True
            )

    def kill_daemon(self, *, with_run: bool = False) -> None:
        """SIGKILL, as a machine that is short of memory does; its code server and, if asked, the run as well."""
        assert self.daemon is not None
        os.killpg(self.daemon.pid, signal.SIGKILL)
        self.daemon.wait()
        self.daemon = None
        if with_run:
            for process in self.living_runs():
                os.killpg(int(process.file.read_text()), signal.SIGKILL)

    def stop_daemon(self) -> None:
        """As systemd ends it."""
        if self.daemon is not None:
            self.daemon.terminate()
            try:
                self.daemon.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.daemon.pid, signal.SIGKILL)
                self.daemon.wait()
            self.daemon = None

    def living_runs(self) -> list[RunProcess]:
        found = [RunProcess(file) for file in (self.home / "processes").glob("*")]
        return [process for process in found if process.is_alive]
