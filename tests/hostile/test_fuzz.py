"""Whatever bytes a delivery has, it is read or refused: nothing else ever comes out of the reader."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY

SECONDS = os.environ.get("FUZZ_SECONDS", "6")
LONG_SECONDS = os.environ.get("FUZZ_SECONDS", "300")


def fuzzed(folder: Path, seconds: str, seed: str) -> str:
    command = [sys.executable, "-m", "tests.hostile.fuzz", seconds, seed, str(folder)]
    environment = {**os.environ, "RUST_BACKTRACE": "0"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment,
        timeout=float(seconds) * 4 + 120,
        check=False,
    )
    case = (folder / "case").read_text() if (folder / "case").exists() else "none"
    assert done.returncode == 0, f"seed and case {case}: exit {done.returncode}\n{done.stderr[-3000:]}"
    return done.stdout


def test_altered_files_are_read_or_refused(tmp_path: Path) -> None:
    """Some seconds of altered .xlsx, .xls and text, always the same ones: no exception, no abort, bounded memory."""
    assert "file.damaged" in fuzzed(tmp_path, SECONDS, "6")


@pytest.mark.long
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_altered_files_are_read_or_refused_for_long(tmp_path: Path, seed: str) -> None:
    """The same for minutes, from other seeds."""
    assert "file.damaged" in fuzzed(tmp_path, LONG_SECONDS, seed)
