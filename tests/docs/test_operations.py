"""Every command of docs/operations.md is run, in its order, in a scratch machine.

The folders of the page are folders of the scratch machine, `opendata` is the real command, and `deploy/install` is run
for real but for the packages. What needs systemd itself (`systemctl`, `journalctl`) is stood in for: it must name units
that `deploy/install` has put there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.documents import ALERTING
from pipelines.findings_registry import REGISTRY
from pipelines.settings import REPOSITORY
from tests.backup.kit import PARK, public
from tests.kit import Town, town

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh(?P<kind>[ \w-]*)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
PLACES = re.compile(r"(?<![\w.])/(?:opt|srv|etc|var|mnt)/(?=[a-z])")
STAND_IN = """#!/bin/bash
# Says nothing, and fails where a unit is named that is not installed.
shopt -s nullglob
for word in "$@"; do
  case "$word" in
    --root=*) exec /usr/bin/systemctl "$@" ;;  # deploy/install itself
    opendata*)
      found=("$ROOT/etc/systemd/system"/${word%.*}.*)  # a pattern, or a name with or without its ending
      [ ${#found[@]} -gt 0 ] || exit 5 ;;
  esac
done
"""


@dataclass(frozen=True)
class Machine:
    """A scratch machine: what stands below `root` is what the page says stands below `/`."""

    root: Path
    programs: Path

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        here = PLACES.sub(lambda found: f"{self.root}{found[0]}", script)
        given = {key: value for key, value in os.environ.items() if not key.startswith(("OPENDATA", "DAGSTER"))}
        given |= {"ROOT": str(self.root), "DESTDIR": str(self.root), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(REPOSITORY)}
        given |= {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", here],
            cwd=REPOSITORY,
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def town(self) -> Town:
        return Town(self.root / "srv/opendata", self.root / "var/lib/opendata")


def machine(root: Path) -> Machine:
    """A machine whose city has one dataset, before anything is installed."""
    made, programs = town(root / "made", [PARK]), root / "programs"
    (root / "srv").mkdir(parents=True)
    shutil.copytree(made.root, root / "srv/opendata")
    (root / "mnt/move").mkdir(parents=True)
    (root / "etc").mkdir()
    programs.mkdir()
    settings = f"set -a; . {root}/etc/opendata/opendata.env; set +a"
    local = "; ".join(
        f'{name}="{root}${name}"' for name in ("OPENDATA_HOME", "DAGSTER_HOME", "OPENDATA_ROOT", "OPENDATA_BACKUP")
    )
    run = f"exec {sys.executable} -c 'from pipelines.cli import main; main()'"
    install = f"exec bash {REPOSITORY}/deploy/install --without-software"
    texts = {
        "opendata": f'#!/bin/bash\n{settings}; {local}; {run} "$@"\n',
        "install-opendata": f'#!/bin/bash\n{install} "$@"\n',
        "systemd-tmpfiles": f'#!/bin/bash\nexec /usr/bin/systemd-tmpfiles --root="{root}/" "${{@: -2}}"\n',
        "systemctl": STAND_IN,
        "journalctl": STAND_IN,
    }
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return Machine(root, programs)


@pytest.mark.skipif(
    not os.environ.get("CI") and (not shutil.which("systemd-sysusers") or os.geteuid() != 0),
    reason="systemd is not here, or folders can't be given to another user",
)
def test_every_command_of_the_page_works_in_its_order(tmp_path: Path) -> None:
    """Installation, nights, backup, loss, restore, upgrade, and the move to another host; the catalogue stays."""
    host, shown = machine(tmp_path / "host"), []
    blocks = [(found["kind"].strip(), found["body"]) for found in BLOCK.finditer(PAGE)]
    assert len(blocks) > 10
    for kind, body in blocks:
        if kind.endswith("new-host"):
            moved = tmp_path / "host/mnt"
            host = machine(tmp_path / "new")
            shutil.rmtree(host.root / "srv/opendata")
            shutil.copytree(moved, host.root / "mnt", dirs_exist_ok=True)
        done = host.run(body.replace("deploy/install", "install-opendata"))
        assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
        if "opendata nightly" in body:
            shown.append(public(host.town))
    assert len(shown) == 3
    assert all(catalogue == shown[0] for catalogue in shown)


def test_the_stand_in_knows_units(tmp_path: Path) -> None:
    """A unit that is not installed is noticed; else the page could name any."""
    host = machine(tmp_path / "host")
    assert host.run("deploy/install --without-software").returncode == 0
    for unit, code in {"opendata-daemon": 0, "opendata-health.timer": 0, "opendata-nights": 5}.items():
        assert host.run(f"systemctl restart {unit}").returncode == code


def test_every_code_that_health_can_find_is_explained() -> None:
    """The table of alerts has a row for each."""
    rows = set(re.findall(r"^\| `([a-z_.]+)` \|", PAGE, re.MULTILINE))
    assert rows == {code for code in REGISTRY if code.partition(".")[0] in ALERTING}
    assert {
        "health.night",
        "health.disk",
        "health.backup",
        "health.catalogue",
        "health.late",
        "store.log_broken",
    } <= rows
