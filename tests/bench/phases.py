"""Where the CPU time of the synthetic table goes, phase by phase: `python -m tests.bench.phases [ours|hand]`.

CPU seconds of all threads, which other work on the machine changes less than it does the clock. BENCH_ROWS as in
`make bench`.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import Self, TypeVar
from unittest.mock import patch

import duckdb

from tests.bench.__main__ import ROWS
from tests.bench.contenders import CONTENDERS
from tests.bench.synthetic import make_town

Given = TypeVar("Given")
SHOWN = 100  # characters of a statement
LEAST = 0.05  # CPU seconds that are worth a line
STEPS = (
    "pipelines.intake:fetch",
    "pipelines.contract.gx_duckdb:great_expectations",
    "pipelines.reading.read:read_bulk",
    "pipelines.contract.suite:validate",
    "pipelines.release.build:sha256_of",
    "tests.bench.contenders:_hash",
)


def spent() -> float:
    """CPU seconds of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Print what a phase took, unless that is next to nothing."""
    cpu, clock = spent(), time.perf_counter()
    yield
    cpu, clock = spent() - cpu, time.perf_counter() - clock
    if cpu >= LEAST:
        print(f"{cpu:7.2f} CPU s {clock:7.2f} s  {name}", flush=True)


class Watched:
    """A connection that tells what each of its statements took."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self.connection, name)

    def execute(self, statement: str) -> duckdb.DuckDBPyConnection:
        """As the connection does."""
        with phase(" ".join(statement.split())[:SHOWN]):
            return self.connection.execute(statement)


def watched(made: Callable[..., duckdb.DuckDBPyConnection]) -> Callable[..., Watched]:
    """What makes connections, so that they are watched."""
    return lambda *given: Watched(made(*given))


def timed(name: str, step: Callable[..., Given]) -> Callable[..., Given]:
    """A step that tells what it took."""

    def run(*given: object, **named: object) -> Given:
        with phase(name):
            return step(*given, **named)

    return run


CONNECTS = {"ours": ("pipelines.work:connect", "pipelines.night:connect"), "hand": ("duckdb:connect",)}


def main() -> None:
    who = sys.argv[1] if len(sys.argv) > 1 else "ours"
    base = Path(tempfile.mkdtemp(prefix="opendata-phases-"))
    try:
        make_town(base / "town", ROWS)
        for name in STEPS:
            patch(name.replace(":", "."), timed(name, resolve_name(name))).start()
        for name in CONNECTS[who]:
            patch(name.replace(":", "."), watched(resolve_name(name))).start()
        with phase(f"total of {who}, {ROWS:,} rows, without the start of Python"):
            CONTENDERS[who](base / "town", base)
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
