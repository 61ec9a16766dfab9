"""Runs the contenders one after the other, each in a fresh process, and prints ratios; never a promise in seconds."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import REPOSITORY
from tests.bench.synthetic import make_town

ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))
SLICE = 100_000


@dataclass(frozen=True)
class Run:
    """Wall clock and peak memory of one process."""

    seconds: float
    mebibytes: float


def run(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a process to its end; its output is shown only when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command} failed:\n{output.decode()[-3000:]}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1024)


def contender(name: str, root: Path) -> Run:
    folder = Path(tempfile.mkdtemp(dir=root.parent))
    try:
        return run([sys.executable, "-m", "tests.bench.contenders", name, str(root), str(folder)])
    finally:
        shutil.rmtree(folder)


def table(base: Path) -> list[tuple[str, str]]:
    """The bulk table: what each ratio is of, and the ratio."""
    big, tenth, small = base / "big", base / "tenth", base / "small"
    size = make_town(big, ROWS).stat().st_size
    make_town(tenth, ROWS // 10)
    make_town(small, SLICE)
    ours, hand, pandas = (contender(name, big) for name in ("ours", "hand", "pandas"))
    ours_tenth, slice_ = contender("ours", tenth), contender("frictionless", small)
    scaled = slice_.seconds * ROWS / SLICE
    return [
        ("synthetic table", f"{ROWS:,} rows × 8 columns, {size / 2**20:,.0f} MiB of CSV"),
        ("ours / hand-written SQL, time", f"{ours.seconds / hand.seconds:.2f} × (goal ≤ 1.5)"),
        ("pandas / ours, time", f"{pandas.seconds / ours.seconds:.1f} × (goal ≥ 4)"),
        (f"frictionless / ours, time, scaled from {SLICE:,} rows", f"{scaled / ours.seconds:.0f} × (goal ≥ 25)"),
        ("peak memory, ours", f"{ours.mebibytes:,.0f} MiB (goal ≤ 1,536)"),
        (f"peak memory, ours, at {ROWS // 10:,} rows", f"{ours_tenth.mebibytes:,.0f} MiB"),
        ("peak memory, hand-written SQL and pandas", f"{hand.mebibytes:,.0f} and {pandas.mebibytes:,.0f} MiB"),
    ]


EMPTY_JOB = """
import dagster as dg
from pipelines.dagster_home import prepare
from pipelines.settings import Settings
prepare(Settings())
@dg.op
def nothing(): pass
@dg.job(executor_def=dg.in_process_executor)
def empty(): nothing()
with dg.DagsterInstance.get() as instance:
    empty.execute_in_process(instance=instance)
"""


def night(base: Path) -> list[tuple[str, str]]:
    """An unchanged night of all datasets against an empty Dagster job, both whole processes."""
    environment = {"OPENDATA_HOME": str(base / "home")}
    command = [
        sys.executable,
        "-c",
        "from pipelines.cli import main; main()",
        "nightly",
        "--serve-deliveries",
        "--json",
    ]
    run(command, environment)
    nights = [run(command, environment).seconds for _ in range(3)]
    empties = [
        run([sys.executable, "-c", EMPTY_JOB], {"OPENDATA_HOME": str(base / "empty")}).seconds for _ in range(4)
    ][1:]
    ratio = statistics.median(nights) / statistics.median(empties)
    return [("unchanged night of all datasets / empty Dagster job, time", f"{ratio:.2f} × (goal ≤ 3)")]


def main() -> None:
    base = Path(tempfile.mkdtemp(prefix="opendata-bench-"))
    try:
        for name, figure in [*night(base), *table(base)]:
            print(f"{name:<62} {figure}")
    finally:
        shutil.rmtree(base)
    print(f"one run, {os.cpu_count()} cores, {resource.getpagesize()} B pages")


if __name__ == "__main__":
    main()
