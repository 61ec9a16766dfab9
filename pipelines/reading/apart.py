"""Workbooks that stand open in a process of their own: whatever a file does to the reader in Rust ends with it.

The reader asks for memory by numbers that stand in the file, and a failed allocation ends its process. `look_over`
refuses every such file that we know of; of one that we don't know the night loses the one delivery and goes on.

    with opened(path, place) as book:
        book.sheets                     # the names
        book.read("表1").rows           # the texts
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Final, NamedTuple, TypedDict, cast

from pipelines.errors import DeliveryRefused, OpenDataError, ReaderEnded
from pipelines.findings import Finding, Place
from pipelines.reading.limits import MOST_READER_MEGABYTES, MOST_READER_SECONDS
from pipelines.reading.refuse import damaged

Range = tuple[tuple[int, int], tuple[int, int]]
# How a process ends by its own doing, at a file that it can't cope with.
_OF_THE_FILE: Final = {
    -number for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGXCPU)
}


class _Answer(TypedDict, total=False):
    """One line that the process says; JSON has lists for pairs."""

    damaged: str
    unreadable: str
    sheets: list[str]
    rows: list[list[str]]
    merged: list[list[list[int]]]
    times: list[list[int]]
    wrong: list[tuple[int, int, str]]


class Sheet(NamedTuple):
    """Texts by row and column, merged ranges, and the cells that are times or no value at all; all from 0."""

    rows: list[list[str]]
    merged: Sequence[Range]
    times: Sequence[tuple[int, int]]
    wrong: Sequence[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that stands open."""

    sheets: Sequence[str]
    process: subprocess.Popen[bytes]
    place: Place

    def read(self, name: str) -> Sheet:
        """One of its sheets. Raises DeliveryRefused when it is damaged."""
        rows: list[list[str]] = []
        with _to_the_end(self.process):
            _ask(self.process, {"read": name})
            while "rows" in (answer := _heard(self.process, self.place)):
                rows += answer["rows"]
        merged = [((top, left), (bottom, right)) for (top, left), (bottom, right) in answer["merged"]]
        return Sheet(rows, merged, [(row, column) for row, column in answer["times"]], answer["wrong"])


@contextmanager
def opened(path: Path, place: Place) -> Iterator[Book]:
    """A workbook, open until the block ends; one at a time.

    Raises DeliveryRefused when it is damaged, ReaderEnded when somebody ended the process that reads it or the file
    can't be read.
    """
    with _turn:
        process = _running()
        try:
            with _to_the_end(process):
                _ask(process, {"open": _seen_from_outside(path)})
                sheets = _heard(process, place)["sheets"]
            yield Book(sheets, process, place)
        finally:
            with suppress(OSError, ValueError), _to_the_end(process):  # ValueError: it was ended, and its pipe closed
                _ask(process, {"close": ""})


@contextmanager
def _to_the_end(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ask, and hear the answer to its end. Where that is cut short, the process ends with what it has still to say.

    Want of memory or Ctrl-C may come between any two lines; whoever asked next would take the rest for his own answer.
    Errors of ours are said by an answer, or by its end.
    """
    try:
        yield
    except OpenDataError:
        raise
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    _processes.pop(os.getpid(), None)
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            cast("IO[bytes]", pipe).close()
    process.wait()


_turn = Lock()
_processes: dict[int, subprocess.Popen[bytes]] = {}


def _running() -> subprocess.Popen[bytes]:
    """The process of this process, which is not that of the one that it was forked from."""
    process = _processes.get(os.getpid())
    if process is None or process.poll() is not None:
        process = _processes[os.getpid()] = _start()
    return process


def _start() -> subprocess.Popen[bytes]:
    limits = [str(MOST_READER_SECONDS), str(MOST_READER_MEGABYTES)]
    return subprocess.Popen(  # -P: of the folder that somebody stands in nothing is imported
        [sys.executable, "-P", "-m", "pipelines.reading.reader", *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it lives on when what is our standard error now has been closed
    )


@atexit.register
def close() -> None:
    """End the process, if there is one."""
    process = _processes.pop(os.getpid(), None)
    if process is not None:
        process.communicate()


def _seen_from_outside(path: Path) -> str:
    """The path of a file that another process can open: one in memory is found among the handles of ours."""
    text = str(path)
    return text.replace("/proc/self/", f"/proc/{os.getpid()}/", 1) if text.startswith("/proc/self/") else text


def _ask(process: subprocess.Popen[bytes], question: dict[str, str]) -> None:
    stdin = cast("IO[bytes]", process.stdin)
    with suppress(BrokenPipeError):  # it died; who waits for the answer is told
        stdin.write(json.dumps(question).encode() + b"\n")
        stdin.flush()


def _heard(process: subprocess.Popen[bytes], place: Place) -> _Answer:
    line = cast("IO[bytes]", process.stdout).readline()
    if not line.endswith(b"\n"):
        raise _ended(process, place)
    answer: _Answer = json.loads(line)
    if "damaged" in answer:
        raise damaged(place, answer["damaged"])
    if "unreadable" in answer:
        raise ReaderEnded(Finding("store.unreadable", place, answer["unreadable"]))
    return answer


def _ended(process: subprocess.Popen[bytes], place: Place) -> DeliveryRefused | ReaderEnded:
    """What the end of the process means: the file's doing, or somebody else's."""
    code = process.wait()
    how = signal.Signals(-code).name if code < 0 else str(code)
    if code in _OF_THE_FILE:
        return damaged(place, how)
    return ReaderEnded(Finding("reader.ended", place, how))
