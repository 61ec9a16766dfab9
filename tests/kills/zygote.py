"""Nights in processes of their own, forked in an instant from one that has everything imported and runs nothing.

    with zygote() as nights:
        pid = nights.start({"task": "night", …})      # the tasks are in `child`
        nights.wait(pid)                              # 0, an exit status, "SIGKILL", "SIGSTOP"

The process that is forked from has one Python thread and no DuckDB connection, so nothing is held at the fork.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FAULT = 70

Ended = int | str


@dataclass
class Nights:
    """The other end of the process that is forked from."""

    process: subprocess.Popen[str]

    def start(self, spec: Mapping[str, object]) -> int:
        """Fork a child that does a task; its process id."""
        return int(self._ask({"start": spec}))

    def wait(self, pid: int, *, patiently: bool = True) -> Ended | None:
        """How a child ended, or that it stopped itself. None when it is still at it and there is no patience."""
        return self._ask({"wait": pid, "patiently": patiently})

    def run(self, spec: Mapping[str, object]) -> Ended | None:
        """Do one task and wait for its end."""
        return self.wait(self.start(spec))

    def go_on(self, pid: int) -> Ended | None:
        """Let a child that stopped itself go on, and wait for its end."""
        os.kill(pid, signal.SIGCONT)
        return self.wait(pid)

    def together(self, specs: Sequence[Mapping[str, object]]) -> list[Ended | None]:
        """Let several tasks begin in the same instant; how they ended."""
        pids = [self.start({**spec, "waits": True}) for spec in specs]
        assert [self.wait(pid) for pid in pids] == ["SIGSTOP"] * len(pids)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        return [self.wait(pid) for pid in pids]

    def _ask(self, question: Mapping[str, object]) -> Ended | None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def zygote() -> Iterator[Nights]:
    """The process that is forked from, until the block ends."""
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kills.zygote"],
        cwd=REPOSITORY,
        env=os.environ | one_thread,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nights(process)
    finally:
        process.communicate()


_children: set[int] = set()


def _answer(question: dict[str, object]) -> Ended | None:
    if "start" in question:
        return _fork(question["start"])
    flags = os.WUNTRACED | (0 if question["patiently"] else os.WNOHANG)
    pid, status = os.waitpid(question["wait"], flags)
    if not pid:
        return None
    if os.WIFSTOPPED(status):
        return signal.Signals(os.WSTOPSIG(status)).name
    _children.discard(pid)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _fork(spec: object) -> int:
    if pid := os.fork():
        _children.add(pid)
        return pid
    status = FAULT
    try:
        from tests.kills.child import do

        os.dup2(2, 1)
        status = do(spec)
    except BaseException:  # noqa: BLE001 — whatever it is, the child must not go on as a second parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _main() -> None:
    from tests.kills import child

    child.prepare()
    assert threading.active_count() == 1, "a fork would not take the other threads along"
    gc.collect()
    gc.freeze()
    answers = sys.stdout
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()
    for pid in _children:  # whoever asked is gone, and nobody would let a stopped one go on
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _main()
