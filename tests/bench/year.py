"""A year of nights of all datasets in fast motion: what Dagster's records take, and how long a night takes.

    python -m tests.bench.year [NIGHTS [DAYS [FOLDER]]]

Each night is what `opendata nightly` runs (look, plan, the Dagster run, telling, tidying), fifteen of them one after the other in one
process: so the median of their times, on the wall and of the processor, has no start of Python and Dagster in it. What is on the
disk is measured when that process has ended. Between two nights the wall clock is moved to 02:00 of the next day; Dagster and
SQLite see it. Every tenth night a delivery changes, every fiftieth one is bad for two nights.
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
from subprocess import PIPE

import openpyxl

from pipelines.intake.department_server import department_server
from pipelines.settings import REPOSITORY
from tests.kit import Town
from tests.running.clock import Clock

FIRST = datetime(2026, 12, 1, 17, 0, 5, tzinfo=UTC)  # 02:00 in Tokyo
SHOWN = 15  # nights a line
HEAD = "   nights  s a night  at most  s of CPU  RSS MiB records MiB  runs  home MiB"


def main() -> None:
    nights, keep, folder = (*sys.argv[1:], *("365", "90", "")[len(sys.argv) - 1 :])
    base = Path(folder or tempfile.mkdtemp(prefix="opendata-year-"))
    try:
        live(base, int(nights), keep)
    finally:
        if not folder:
            shutil.rmtree(base)


def live(base: Path, nights: int, keep: str) -> None:
    """Let the nights pass in processes with a moved clock."""
    clock = Clock(base / "clock")
    if not (base / "city").exists():
        copied_city(base)
        clock.set(FIRST)
    root, home = base / "city", base / "home"
    homes = {"OPENDATA_ROOT": str(root), "OPENDATA_HOME": str(home), "DAGSTER_HOME": str(home)}
    environment = {**os.environ, **clock.environment, **homes, "OPENDATA_KEEP_RUNS_DAYS": keep}
    print(HEAD, flush=True)
    with department_server(root / "sources" / "deliveries" / "web", port=0):
        for number in range(1, nights + 1, SHOWN):
            last = min(number + SHOWN - 1, nights)
            code = f"from tests.bench.year import pass_nights; pass_nights({last})"
            done = subprocess.run(
                [sys.executable, "-c", code], check=True, cwd=REPOSITORY, env=environment, stdout=PIPE
            )
            if times := done.stdout.decode().strip():
                print(times, sizes(home), flush=True)


def copied_city(base: Path) -> None:
    """The whole city, to be changed."""
    for part in ("schemas", "sources"):
        shutil.copytree(REPOSITORY / part, base / "city" / part)


def pass_nights(last: int) -> None:
    """In a process with the moved clock: the nights that have not passed yet, up to the last one."""
    from pipelines.dagster_home import prepare
    from pipelines.definitions import execute_night
    from pipelines.settings import Settings

    settings = Settings()
    prepare(settings)
    clock = Clock(Path(os.environ["FAKETIME_TIMESTAMP_FILE"]))
    delivery = Town(settings.root, settings.home).delivery("waste_per_capita")
    walls, processors = [], []
    for number in range((datetime.now(UTC) - FIRST).days + 1, last + 1):
        change(delivery, number)
        wall, processor = time.perf_counter(), time.process_time()
        execute_night(lambda *_: None)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
        next_day(clock)
    if walls:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        times = statistics.median(walls), max(walls), statistics.median(processors)
        print("{:>9}  {:>9.2f} {:>8.2f} {:>9.2f}  {:>7.0f}".format(last, *times, peak))


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


def sizes(home: Path) -> str:
    """What is on the disk while nobody is at work."""
    from pipelines.running.retention import size_of_sqlite

    runs = len(list((home / "history" / "runs").glob("*-*.db")))
    whole = sum(path.lstat().st_size for path in home.rglob("*") if path.is_file())
    return f"{size_of_sqlite(home) / 2**20:>11.1f} {runs:>5}  {whole / 2**20:>8.1f}"


if __name__ == "__main__":
    main()
