"""The stand-in for the departments' web servers: one clone's night has nothing to do with another's."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines import durable
from pipelines.findings import Place
from pipelines.intake.department_server import HOST, PORT, STAND_IN, department_server
from pipelines.intake.http import download, look_at
from pipelines.store import Store

NOMINAL = f"http://{HOST}:{PORT}/figures.csv"


@pytest.fixture
def taken() -> Iterator[None]:
    """Somebody else's server at the port that sources name, which never answers; whoever it is."""
    with suppress(OSError):
        with socket.create_server((HOST, PORT)):
            yield
        return
    yield


@pytest.mark.usefixtures("taken")
def test_a_night_is_served_its_own_deliveries_while_another_clone_has_the_port(tmp_path: Path) -> None:
    """The files are this clone's, at the address that the source names; the ETag is remembered under that address."""
    folder, store = tmp_path / "web", Store(tmp_path / "store")
    folder.mkdir()
    (folder / "figures.csv").write_text("年度,人数\n2024,1\n", encoding="utf-8")
    with department_server(folder):
        sha256 = download(NOMINAL, None, Place(), store)
    with department_server(folder):
        seen = look_at(NOMINAL, None, Place(), store)
    assert sha256 == seen.sha256 == durable.sha256_of(folder / "figures.csv")


@pytest.mark.usefixtures("taken")
def test_only_what_runs_inside_the_block_asks_the_stand_in(tmp_path: Path) -> None:
    """The address is in the environment, so that processes started inside find it, and goes with the block."""
    with department_server(tmp_path) as server:
        assert os.environ[STAND_IN] == f"{HOST}:{server.server_address[1]}"
    assert STAND_IN not in os.environ
