"""A run's process: it is known whether it lives, whoever started it, and it can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.processes import RunProcess, process_of, sweep

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that has to come."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def sleeper(tmp_path: Path) -> RunProcess:
    process = process_of(tmp_path, "run")
    process.start(["sleep", "600"])
    until(lambda: process.file.read_text() != "")
    return process


def number(process: RunProcess) -> int:
    return int(process.file.read_text())


def test_a_killed_process_is_known_to_be_dead(sleeper: RunProcess) -> None:
    """At once, although nobody has asked for its exit code: it is a zombie by then."""
    assert sleeper.is_alive
    os.kill(number(sleeper), signal.SIGKILL)
    until(lambda: not sleeper.is_alive)


def test_a_process_outlives_whoever_started_it(tmp_path: Path) -> None:
    """The launcher is killed; the run goes on, and another launcher sees that it does."""
    code = (
        "import sys; from pathlib import Path; from pipelines.processes import process_of;"
        "process_of(Path(sys.argv[1]), 'run').start(['sleep', '600']); import os; os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    process = process_of(tmp_path, "run")
    assert process.is_alive
    assert process.end()
    assert not process.is_alive


def test_another_process_of_the_same_number_is_not_taken_for_it(tmp_path: Path) -> None:
    """After a restart of the machine its number belongs to somebody else, who must not be ended."""
    process = process_of(tmp_path, "run")
    process.file.parent.mkdir()
    process.file.write_text(f"{os.getpid()}\n")
    assert not process.is_alive
    assert not process.end()


def test_a_process_that_ignores_the_request_is_ended_by_force(tmp_path: Path) -> None:
    """A night that hangs in native code does not listen to SIGTERM."""
    process = process_of(tmp_path, "run")
    process.start([sys.executable, "-c", STUBBORN])
    until(lambda: process.file.read_text() != "")
    time.sleep(0.5)
    assert process.end(seconds=1)
    assert not process.is_alive


def test_a_process_is_started_once(sleeper: RunProcess) -> None:
    """Two daemons that launch one run start it once."""
    with pytest.raises(BlockingIOError):
        sleeper.start(["sleep", "600"])
    sleeper.end()


def test_this_process_is_alive_while_it_says_so(tmp_path: Path) -> None:
    """A night from the shell is one, too."""
    process = process_of(tmp_path, "run")
    with process.this():
        assert process.is_alive
        assert number(process) == os.getpid()
    assert not process.is_alive
    assert not process.file.exists()


def test_what_dead_processes_left_is_swept(tmp_path: Path, sleeper: RunProcess) -> None:
    """The living keep theirs."""
    dead = process_of(tmp_path, "dead")
    dead.file.write_text("1\n")
    sweep(tmp_path)
    assert not dead.file.exists()
    assert sleeper.is_alive
    sleeper.end()
    sweep(tmp_path)
    assert not sleeper.file.exists()
