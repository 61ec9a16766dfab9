"""The units are what systemd takes, and as closed as they can be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY

UNITS = sorted((REPOSITORY / "deploy").glob("*/opendata-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
INSTALLED = "/opt/opendata/current/.venv/bin"


def systemd(*arguments: str) -> str:
    """What systemd-analyze says of our units."""
    if not shutil.which("systemd-analyze") and not os.environ.get("CI"):
        pytest.skip("systemd-analyze is not here")
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout + done.stderr


def test_units_verify(tmp_path: Path) -> None:
    """With programs where they will be installed, no unit has a fault."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, str(tmp_path / "bin"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        for program in re.findall(rf"{re.escape(str(tmp_path / 'bin'))}/([\w-]+)", text):
            path = tmp_path / "bin" / program
            path.parent.mkdir(exist_ok=True)
            path.write_text("#!/bin/sh\n", encoding="utf-8")
            path.chmod(0o755)
    said = systemd("verify", *(str(tmp_path / unit.name) for unit in UNITS))
    assert [line for line in said.splitlines() if "opendata" in line] == []


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_services_are_hardened(unit: Path) -> None:
    """The exposure is at most 2 of 10: far better than "OK", which begins below 5."""
    said = systemd("security", "--offline=true", "--threshold=20", str(unit))
    level = re.search(r"Overall exposure level for .*?: ([0-9.]+)", said)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_a_night_keeps_its_temporary_files_while_the_daemon_is_restarted() -> None:
    """It outlives the unit, whose private /tmp is removed; and what a killed night left there is removed after days."""
    (daemon,) = [unit for unit in SERVICES if unit.stem == "opendata-daemon"]
    lines = daemon.read_text().splitlines()
    folder = next(line for line in lines if line.startswith("Environment=TMPDIR=")).removeprefix("Environment=TMPDIR=")
    assert "KillMode=process" in lines
    assert f"CacheDirectory={folder.removeprefix('/var/cache/')}" in lines
    assert re.search(
        rf"^d {folder} +0750 opendata opendata 10d$", (daemon.parent / "tmpfiles.conf").read_text(), re.MULTILINE
    )


def test_the_ui_is_read_only_and_on_loopback() -> None:
    """Stewards look; nobody changes anything from a browser."""
    (web,) = [unit for unit in SERVICES if unit.stem == "opendata-web"]
    command = next(line for line in web.read_text().splitlines() if line.startswith("ExecStart="))
    assert "opendata ui --read-only" in command  # which is always on loopback: see pipelines/webserver.py
