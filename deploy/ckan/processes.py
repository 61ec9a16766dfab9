"""Services as processes that are known by number and start time, so that none but ours is ever ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.ckan.stack import Stack, StackError

Command = Sequence[str | Path]
STATE, START_TIME = 0, 19  # of the fields of /proc/N/stat behind the name of the program
ENDING_SECONDS = 60


def start_time(pid: int) -> str | None:
    """When a living process was started, in ticks since boot; None when there is none or it is a zombie."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that has ended stays a zombie until it is asked for
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[STATE] == "Z" else fields[START_TIME]


@dataclass(frozen=True)
class Service:
    """One process of the stack; its record is the file `run/<name>.json`."""

    stack: Stack
    name: str
    ending: signal.Signals = signal.SIGTERM

    @property
    def record(self) -> Path:
        """Where process number and start time stand."""
        return self.stack.folder / "run" / f"{self.name}.json"

    @property
    def pid(self) -> int | None:
        """The number of the process that `launch` started, as long as it lives."""
        try:
            known = json.loads(self.record.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return int(known["pid"]) if start_time(int(known["pid"])) == known["started"] else None

    def launch(self, command: Command, environment: Mapping[str, str] | None = None, user: str | None = None) -> None:
        """Start it in a session of its own, its output going to its log; as `user` when root asks for that."""
        account = {"user": user, "group": user, "extra_groups": []} if user else {}
        with self.stack.log(self.name).open("ab") as log:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=clean_environment() | dict(environment or {}),
                **account,  # type: ignore[call-overload]
            )
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.write_text(json.dumps({"pid": process.pid, "started": start_time(process.pid)}), encoding="utf-8")

    def wait_until(self, answers: Callable[[], bool], seconds: float) -> None:
        """Wait for an answer; StackError with the end of the log when the process ends or stays silent."""
        end = time.monotonic() + seconds
        while not answers():
            if self.pid is None:
                raise StackError(f"{self.name} ended while it was starting. {self._log_end()}")
            if time.monotonic() > end:
                raise StackError(f"{self.name} gave no answer within {seconds:.0f} s. {self._log_end()}")
            time.sleep(0.1)

    def stop(self, how: signal.Signals | None = None) -> bool:
        """End it and wait for that; False when it was not running. Only the process that was recorded is touched."""
        pid = self.pid
        if pid is None:
            self.record.unlink(missing_ok=True)
            return False
        with suppress(ProcessLookupError):  # it may end by itself just now
            os.kill(pid, how or self.ending)
        end = time.monotonic() + ENDING_SECONDS
        while self.pid is not None:
            if time.monotonic() > end:
                raise StackError(f"{self.name} (process {pid}) did not end within {ENDING_SECONDS} s")
            time.sleep(0.05)
        self.record.unlink(missing_ok=True)
        return True

    def _log_end(self) -> str:
        path = self.stack.log(self.name)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "\n".join([f"The end of {path}:", *lines])


def require_free(port: int, variable: str) -> None:
    """StackError when something listens on that port of loopback already; `variable` chooses another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StackError(f"port {port} is taken by another program: set {variable} to a free one") from error


def clean_environment() -> dict[str, str]:
    """The environment for a service: without CKAN_*, which CKAN reads as its configuration."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("CKAN_", "OPENDATA_", "PYTHON"))}


def run(stack: Stack, step: str, command: Command, **options: object) -> str:
    """Run a step to its end and return what it printed; StackError with its last lines when it fails."""
    settings: dict[str, object] = {"env": clean_environment(), "stdin": subprocess.DEVNULL} | options
    if "input" in settings:
        del settings["stdin"]
    with stack.log(step).open("a", encoding="utf-8") as log:
        done = subprocess.run(list(command), check=False, text=True, stdout=subprocess.PIPE, stderr=log, **settings)  # type: ignore[call-overload]
    if done.returncode:
        tail = stack.log(step).read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise StackError("\n".join([f"{step} failed; the end of {stack.log(step)}:", *tail, str(done.stdout)[-2000:]]))
    return str(done.stdout)
