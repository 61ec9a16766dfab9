"""The ready configuration of the desk says the same as the program and its documentation."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from pipelines.desk.settings import DeskSettings
from pipelines.settings import REPOSITORY

DEPLOY = REPOSITORY / "deploy" / "desk"
UNIT = DEPLOY / "opendata-desk.service"


def settings() -> set[str]:
    return {f"OPENDATA_DESK_{name.upper()}" for name in DeskSettings.model_fields}


def test_the_example_has_every_setting_with_its_default() -> None:
    """But for the two that a desk behind a proxy sets."""
    lines = re.findall(r"^(OPENDATA_DESK_\w+)=(.*)$", (DEPLOY / "desk.env.example").read_text(), re.MULTILINE)
    given = dict(lines)
    assert set(given) == settings()
    usual = DeskSettings(_env_file=None)  # type: ignore[call-arg]
    for name in set(given) - {"OPENDATA_DESK_HOSTS", "OPENDATA_DESK_CELLS"}:
        assert given[name] == str(getattr(usual, name.removeprefix("OPENDATA_DESK_").lower()))


def test_the_document_has_every_setting() -> None:
    """By name, or as `…_NAME` beside its neighbour."""
    text = (REPOSITORY / "docs" / "desk.md").read_text(encoding="utf-8")
    assert all(name in text or f"…_{name.removeprefix('OPENDATA_DESK_')}" in text for name in settings())


def test_the_proxy_takes_files_as_large_as_the_desk_and_keeps_none() -> None:
    """Nothing on its disk, nothing in its log."""
    text = (DEPLOY / "nginx.conf").read_text()
    assert f"client_max_body_size     {DeskSettings().megabytes}m;" in text
    for line in ("proxy_request_buffering  off;", "proxy_max_temp_file_size 0;", "access_log off;"):
        assert line in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_is_hardened() -> None:
    """systemd's own measure: OK or better (below 5 of 10)."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=50", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr[-400:]
