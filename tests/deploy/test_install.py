"""`deploy/install` in a scratch root: what it makes, what it leaves alone, and what a running program sees of it."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY

INSTALL = REPOSITORY / "deploy" / "install"
ENABLED = {
    "multi-user.target.wants/opendata-daemon.service",
    "multi-user.target.wants/opendata-web.service",
    "timers.target.wants/opendata-health.timer",
    "timers.target.wants/opendata-backup.timer",
    "timers.target.wants/opendata-drift.timer",
}

needs_systemd = pytest.mark.skipif(
    not os.environ.get("CI") and (not shutil.which("systemd-sysusers") or os.geteuid() != 0),
    reason="systemd is not here, or folders can't be given to another user",
)


# What `make .venv/installed` does, in seconds: the packages are those of this test.
MAKE = f"""#!/bin/sh
cd "$2" || exit 2
[ -e "$REFUSE" ] && exit 2
{sys.executable} -m venv --without-pip .venv
for site in .venv/lib/python*/site-packages; do printf '%s\\n' "$PWD" {site.getsitepackages()[0]} > $site/all.pth; done
echo "NAME = '$NAME'" > pipelines/marker.py
printf '#!%s/.venv/bin/python\\n' "$PWD" > .venv/bin/opendata
cat >> .venv/bin/opendata <<END
import sys
print("begun", flush=True)
sys.stdin.readline()
from pipelines.marker import NAME
print(NAME)
END
chmod +x .venv/bin/opendata
"""


def install(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(INSTALL), *arguments],
        env={**os.environ, "DESTDIR": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("root")
    done = install(made, "--without-software")
    assert done.returncode == 0, done.stderr
    return made


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:04o}"


@needs_systemd
def test_one_command_makes_user_folders_units_and_code(root: Path) -> None:
    """Everything that the units name is there; secrets are for root alone, backups for the user alone."""
    assert re.search("^opendata:.*:/usr/sbin/nologin$", (root / "etc/passwd").read_text(), re.MULTILINE)
    modes = {
        "etc/opendata/opendata.env": "0600",
        "etc/opendata": "0750",
        "var/lib/opendata": "0750",
        "var/backups/opendata": "0700",
    }
    assert {path: mode(root / path) for path in modes} == modes
    system = root / "etc/systemd/system"
    assert {path.relative_to(system).as_posix() for path in system.glob("*.wants/*")} == ENABLED
    assert "127.0.0.1" not in "".join(path.read_text() for path in (root / "srv/opendata/sources").glob("*.yaml"))
    current = root / "opt/opendata/current"
    assert (current / "pipelines" / "cli.py").is_file()
    for path in system.glob("opendata-*"):
        documented = re.findall(r"Documentation=file:///(\S+)", path.read_text())
        assert all((root / page).is_file() for page in documented)


@needs_systemd
def test_an_upgrade_changes_code_and_units_only(root: Path) -> None:
    """Settings and descriptors that the city has changed stay; the code before stays, and is one command away."""
    before = (root / "opt/opendata/current").resolve()
    (root / "etc/opendata/opendata.env").write_text("OPENDATA_HOME=/elsewhere\n")
    (root / "srv/opendata/schemas/waste_per_capita.yaml").unlink()
    assert install(root, "--without-software").returncode == 0
    assert (root / "opt/opendata/current").resolve() != before
    assert (before / "pipelines" / "cli.py").is_file()
    assert (root / "etc/opendata/opendata.env").read_text() == "OPENDATA_HOME=/elsewhere\n"
    assert not (root / "srv/opendata/schemas/waste_per_capita.yaml").exists()


@needs_systemd
def test_what_runs_during_an_upgrade_ends_with_the_code_it_began_with(tmp_path: Path) -> None:
    """Also where it loads a module only afterwards. Code that can't be installed or loaded never becomes current."""
    root, program = tmp_path / "root", tmp_path / "root/opt/opendata/current/.venv/bin/opendata"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "make").write_text(MAKE)
    (tmp_path / "bin" / "make").chmod(0o755)
    given = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "REFUSE": str(tmp_path / "refuse")}
    assert install(root, **given, NAME="old").returncode == 0
    before = program.resolve().parents[2]
    with _begun(program) as running:
        assert install(root, **given, NAME="new").returncode == 0
        assert running.communicate("\n")[0] == "old\n"
    with _begun(program) as afterwards:
        assert afterwards.communicate("\n")[0] == "new\n"
    now = program.resolve()
    (tmp_path / "refuse").touch()
    assert install(root, **given).returncode != 0
    (tmp_path / "refuse").unlink()
    (root / "srv/opendata/schemas/waste_per_capita.yaml").write_text("no: schema\n")
    assert install(root, **given, NAME="newer").returncode != 0
    assert program.resolve() == now
    assert install(root, "--without-software", "--back-to", before.name, **given).returncode == 0
    assert program.resolve().parents[2] == before


@contextmanager
def _begun(program: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that has begun and waits to be told to go on."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        yield running


def test_an_option_that_is_not_known_does_nothing(tmp_path: Path) -> None:
    """It says what there is, and touches nothing."""
    for arguments in (["--help"], ["--back-to", "nowhere"]):
        done = install(tmp_path / "root", *arguments)
        assert done.returncode == 3
        assert done.stderr
    assert not (tmp_path / "root").exists()
