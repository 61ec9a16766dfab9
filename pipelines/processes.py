"""The process of a run: it holds a lock on a file of its own, so that whoever looks knows whether it lives.

    <DAGSTER_HOME>/processes/<run id>     its number, the lock is held by it and by what it started

The kernel drops the lock at the very death of the process: no number that was given to another process, no restart of
the machine and no killed launcher can make a dead run look alive, or a living one dead.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# The shell writes its number and becomes the command: a launcher that dies in between leaves no process without one.
_NUMBERED = 'echo $$ > "$0"; exec "$@"'


@dataclass(frozen=True, slots=True)
class RunProcess:
    """One run's process, by its file."""

    file: Path

    @property
    def is_alive(self) -> bool:
        """Whether a process holds the file."""
        try:
            descriptor = os.open(self.file, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def start(self, command: Sequence[str]) -> None:
        """Start it in a session of its own, so that it outlives whoever started it."""
        with self._locked() as descriptor:
            subprocess.Popen(
                ["/bin/sh", "-c", _NUMBERED, str(self.file), *command],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[descriptor],
            )

    @contextmanager
    def this(self) -> Iterator[None]:
        """Say that the run is this very process, until the block ends."""
        with self._locked():
            self.file.write_text(f"{os.getpid()}\n", encoding="ascii")
            yield
            self.file.unlink()

    def end(self, seconds: float = 30) -> bool:
        """End it: a request first, after `seconds` by force. False when it was not alive."""
        if not self.is_alive:
            return False
        for how, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
            self._signal(how)
            if self._is_over(patience):
                break
        return True

    def _signal(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError, ValueError):
            number = int(self.file.read_text(encoding="ascii"))
            leads = os.getpgid(number) == number
            (os.killpg if leads else os.kill)(number, how)

    def _is_over(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < until:
            time.sleep(0.1)
        return not self.is_alive

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield descriptor
        finally:
            os.close(descriptor)


def process_of(dagster_home: Path, run_id: str) -> RunProcess:
    """The process of a run."""
    return RunProcess(dagster_home / "processes" / run_id)


def any_alive(dagster_home: Path) -> bool:
    """Whether any run is under way."""
    return any(RunProcess(file).is_alive for file in (dagster_home / "processes").glob("*"))


def sweep(dagster_home: Path) -> None:
    """Take away the files of processes that are gone."""
    for file in (dagster_home / "processes").glob("*"):
        if not RunProcess(file).is_alive:
            file.unlink(missing_ok=True)
