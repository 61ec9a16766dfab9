"""Checks every file of the list in a process of its own and prints what is not as expected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import REPOSITORY
from tests.acceptance.known import Told, changes, expected, files, keep

REAL = REPOSITORY.parent / "shared" / "realdata"
MOST_SECONDS = 30
MOST_MEBIBYTES = 500
CHILD = """
import json, resource, sys, time
from dataclasses import asdict
from pathlib import Path
from pipelines.checking.check import check_file
from tests.acceptance.known import told
path = Path(sys.argv[1])
report = check_file(path).report
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"told": asdict(told(path.name, report)), "totals": report.totals,
                  "seconds": time.process_time(), "peak": peak}))
"""


@dataclass(frozen=True)
class Ran:
    """One file, checked: what was told, seconds of processor, peak memory in MiB; or the last words of its process."""

    sha256: str
    path: Path
    told: Told | None
    totals: dict[str, int]
    seconds: float
    peak: float
    error: str = ""


def run(sha256: str, path: Path) -> Ran:
    with tempfile.TemporaryDirectory() as home:  # no releases: what is found depends on the file alone
        environment = {**os.environ, "OPENDATA_HOME": home}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(path)],
            capture_output=True, text=True, check=False, env=environment, cwd=REPOSITORY,
        )  # fmt: skip
    if done.returncode:
        return Ran(sha256, path, None, {}, 0, 0, (done.stderr.strip().splitlines() or ["?"])[-1])
    data = json.loads(done.stdout.splitlines()[-1])
    return Ran(sha256, path, Told(**data["told"]), data["totals"], data["seconds"], data["peak"])


def show(runs: Sequence[Ran]) -> None:
    """The table: file, verdict, score, findings by severity, seconds of processor, peak memory."""
    print("| file | verdict | score | findings by severity | s | MB |")
    print("| --- | --- | ---: | --- | ---: | ---: |")
    for ran in runs:
        verdict, score = (ran.told.verdict, ran.told.score) if ran.told else (f"ERROR {ran.error}", None)
        totals = " ".join(f"{severity} {count}" for severity, count in ran.totals.items())
        shown = "–" if score is None else score
        print(f"| {ran.path.name} | {verdict} | {shown} | {totals or '0'} | {ran.seconds:.1f} | {ran.peak:.0f} |")


def failures(runs: Sequence[Ran], known: dict[str, Told]) -> list[str]:
    lines = [
        f"{ran.path.name}: {change}" for ran in runs if ran.told for change in changes(known.get(ran.sha256), ran.told)
    ]
    lines += [f"{ran.path.name}: {ran.error}" for ran in runs if ran.error]
    lines += [f"{ran.path.name}: {ran.seconds:.0f} s" for ran in runs if ran.seconds > MOST_SECONDS]
    lines += [f"{ran.path.name}: {ran.peak:.0f} MB" for ran in runs if ran.peak > MOST_MEBIBYTES]
    missing = known.keys() - {ran.sha256 for ran in runs}
    return lines + [f"{known[sha256].name}: not found" for sha256 in sorted(missing)]


def main(arguments: Sequence[str]) -> int:
    accepting = arguments[:1] == ["--accept"]
    reason = arguments[1] if accepting else ""
    folders = [REAL, *map(Path, arguments[2 if accepting else 0 :])]
    if not REAL.is_dir() and not os.environ.get("CI"):
        print(f"{REAL} is not here: nothing to accept")
        return 0
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda item: run(*item), files(folders)))
    known = {} if accepting else expected()
    show(runs)
    if accepting:
        keep({ran.sha256: ran.told for ran in runs if ran.told}, reason)
        return 0
    wrong = failures(runs, known)
    print("\n".join(["", *wrong]) if wrong else f"\n{len(runs)} files, as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
