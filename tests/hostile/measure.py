"""What files cost that are read in processes of their own, and a table of it (`python -m tests.hostile`)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.settings import REPOSITORY
from tests.hostile.files import FILES, Hostile


class Cost(NamedTuple):
    """What became of a file; seconds of reading it, MB at the peak, MB before it was opened, MB on the disk."""

    code: str
    seconds: float
    peak: int
    before: int
    size: float = 0


def costs(files: Sequence[tuple[str, Path]], limit: float = 300) -> list[Cost]:
    """Read files, each a kind and a path. A process that dies is told by the code `died`."""
    command = [sys.executable, "-m", "tests.hostile.child", *(str(part) for file in files for part in file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, cwd=REPOSITORY, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(files), done.stderr[-3000:]
    return [
        Cost(one["code"], one["seconds"], one["peak"], one["before"], path.stat().st_blocks * 512 / 1e6)
        for one, (_, path) in zip(found, files, strict=True)
    ]


def hostile_costs(folder: Path, files: Sequence[Hostile] = FILES) -> dict[str, Cost]:
    """Make the hostile files and read them."""
    for one in files:
        one.make(folder / one.name)
    found = costs([(one.kind, folder / one.name) for one in files])
    return {one.name: cost for one, cost in zip(files, found, strict=True)}


def table() -> None:
    """One line a file: its size on the disk, what became of it, seconds and peak memory."""
    print(f"{'file':32}{'MB':>9}  {'code':18}{'seconds':>8}{'peak MB':>9}{'before MB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, cost in hostile_costs(Path(folder)).items():
            print(f"{name:32}{cost.size:9.2f}  {cost.code:18}{cost.seconds:8.2f}{cost.peak:9}{cost.before:10}")
