"""The command `opendata` as a shell runs it, in a town."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pipelines.settings import REPOSITORY
from tests.kit import Town

COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]


def environment(town: Town, **more: str) -> Mapping[str, str]:
    """The environment of a shell that works in a town and reads English."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("OPENDATA", "DAGSTER", "LC_", "LANG"))
    }
    ours = {"OPENDATA_ROOT": str(town.root), "OPENDATA_HOME": str(town.home), "PYTHONPATH": str(REPOSITORY)}
    return {**kept, **ours, "LC_ALL": "C.UTF-8", "COLUMNS": "200", **more}


def opendata(town: Town, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `more` goes into its environment."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd or town.root,
        env=environment(town, **more),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
