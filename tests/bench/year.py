"""A year of nights of all datasets in fast motion: what Dagster's records take, and how long a night takes.

    python -m tests.bench.year [NIGHTS [DAYS [FOLDER]]]

Each night is what `opendata nightly` runs (look, plan, the Dagster run, telling, tidying), one after the other in one process:
so the figures have no start of Python and Dagster in them. Between two nights the wall clock is moved to 02:00 of the next day;
Dagster and SQLite see it. Every tenth night a delivery changes, every fiftieth one is bad for two nights.
DAYS is how long runs are kept (OPENDATA_KEEP_RUNS_DAYS). With FOLDER the city stays there, and the next start goes on from it.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl

from pipelines.intake.department_server import department_server
from pipelines.settings import REPOSITORY
from tests.kit import Town
from tests.running.clock import Clock

FIRST = datetime(2026, 12, 1, 17, 0, 5, tzinfo=UTC)  # 02:00 in Tokyo
SHOWN = 15  # nights a line


def main() -> None:
    nights, keep, folder = (*sys.argv[1:], *("365", "90", "")[len(sys.argv) - 1 :])
    base = Path(folder or tempfile.mkdtemp(prefix="opendata-year-"))
    try:
        live(base, int(nights), keep)
    finally:
        if not folder:
            shutil.rmtree(base)


def live(base: Path, nights: int, keep: str) -> None:
    """Let the nights pass in a process with a moved clock."""
    clock = Clock(base / "clock")
    if not (base / "city").exists():
        copied_city(base)
        clock.set(FIRST)
    root = base / "city"
    home = {"OPENDATA_HOME": str(base / "home"), "DAGSTER_HOME": str(base / "home")}
    environment = {**clock.environment, **home, "OPENDATA_ROOT": str(root), "OPENDATA_KEEP_RUNS_DAYS": keep}
    code = f"from tests.bench.year import pass_nights; pass_nights({nights})"
    with department_server(root / "sources" / "deliveries" / "web", port=0):
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, cwd=REPOSITORY, env={**os.environ, **environment})


def copied_city(base: Path) -> None:
    """The whole city, to be changed."""
    for part in ("schemas", "sources"):
        shutil.copytree(REPOSITORY / part, base / "city" / part)


def pass_nights(nights: int) -> None:
    """In the process with the moved clock."""
    from pipelines.dagster_home import prepare
    from pipelines.definitions import execute_night
    from pipelines.settings import Settings

    settings = Settings()
    prepare(settings)
    clock = Clock(Path(os.environ["FAKETIME_TIMESTAMP_FILE"]))
    delivery = Town(settings.root, settings.home).delivery("waste_per_capita")
    print(
        f"{'nights':>9}  {'s a night':>9} {'at most':>8}  {'records MiB':>11} {'runs':>5}  {'home MiB':>8}  {'RSS MiB':>7}"
    )
    seconds: list[float] = []
    first = (datetime.now(UTC) - FIRST).days + 1
    for number in range(first, nights + 1):
        change(delivery, number)
        begin = time.perf_counter()
        execute_night(lambda *_: None)
        seconds.append(time.perf_counter() - begin)
        if number in {1, 2, nights} or number % SHOWN == 0:
            report(number, seconds, settings.home)
            seconds = []
        next_day(clock)


def next_day(clock: Clock) -> None:
    """It is 02:00 again."""
    spent = (datetime.now(UTC) - FIRST).total_seconds() % 86400
    clock.move(timedelta(seconds=86400 - spent))
    time.sleep(1.1)  # until every part of the process has looked at the clock again


def change(delivery: Path, number: int) -> None:
    """Every tenth night another figure; every fiftieth, and in the night after it, one that is no number."""
    figure = {0: "9O2", 1: "9O2"}.get(number % 50) or (900 + number // 10 if number % 10 in {0, 2} else None)
    if number > 1 and figure is not None:
        book = openpyxl.load_workbook(delivery)
        rows = list(book.worksheets[0].iter_rows(min_row=5))
        next(cell for row in reversed(rows) for cell in row if figures(cell.value)).value = figure
        book.save(delivery)


def figures(value: object) -> bool:
    """Whether it is what stands in the last year."""
    return (
        isinstance(value, (int, float, str))
        and str(value).replace("O", "0").isdigit()
        and 600 < int(str(value).replace("O", "0")) < 1500
    )


def report(number: int, seconds: list[float], home: Path) -> None:
    from pipelines.running.retention import size_of_sqlite

    runs = len(list((home / "history" / "runs").glob("*-*.db")))
    whole = sum(path.lstat().st_size for path in home.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{number:>9}  {statistics.median(seconds):>9.2f} {max(seconds):>8.2f}  {size_of_sqlite(home) / 2**20:>11.1f} {runs:>5}"
        f"  {whole / 2**20:>8.1f}  {peak:>7.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
