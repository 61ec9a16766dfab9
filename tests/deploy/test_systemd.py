"""The units are what systemd takes, and as closed as they can be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY, Settings

UNITS = sorted((REPOSITORY / "deploy" / "systemd").glob("opendata-*"))
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
    """The exposure is at most 2 of 10, far better than the "OK" that begins below 5."""
    said = systemd("security", "--offline=true", "--threshold=20", str(unit))
    level = re.search(r"Overall exposure level for .*?: ([0-9.]+)", said)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_the_ui_is_read_only_and_on_loopback() -> None:
    """Stewards look; nobody changes anything from a browser."""
    (web,) = [unit for unit in SERVICES if unit.stem == "opendata-web"]
    command = next(line for line in web.read_text().splitlines() if line.startswith("ExecStart="))
    assert "--read-only" in command
    assert "--host 127.0.0.1" in command


def test_every_variable_of_the_example_is_one_that_the_program_reads() -> None:
    """No setting that does nothing."""
    example = (REPOSITORY / "deploy" / "opendata.env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    read = "".join(path.read_text("utf-8") for path in (REPOSITORY / "pipelines").rglob("*.py"))
    fields = {f"OPENDATA_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in names - fields - {"DAGSTER_HOME"} if name not in read} == set()
