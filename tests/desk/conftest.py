"""A desk as it runs: the command, in a process of its own, with a store that has one delivery."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pipelines.settings import REPOSITORY
from pipelines.store.store import Store
from tests.desk.workbooks import rich

MEGABYTES = 25
NAME = "ごみ排出量の推移.xlsx"


@dataclass(frozen=True)
class Running:
    """The address of a desk, its process, where its output goes, and the hash of a delivery in its store."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    delivery: str

    def get(self, path: str, **more: object) -> httpx.Response:
        return httpx.get(self.address + path, timeout=120, **more)  # type: ignore[arg-type]

    def send(self, name: str, content: bytes, **more: str) -> httpx.Response:
        """Send a file as a browser's form does; redirections are followed."""
        headers = {"Origin": self.address.rstrip("/"), **more}
        files = {"file": (name, content, "application/octet-stream")}
        where = f"{self.address}check?lang=ja"
        return httpx.post(where, files=files, headers=headers, follow_redirects=True, timeout=180)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One desk for all tests."""
    home = tmp_path_factory.mktemp("desk")
    delivery = Store(home / "store").put(rich())
    log = home / "log"
    environment = {**os.environ, "OPENDATA_HOME": str(home), "OPENDATA_DESK_MEGABYTES": str(MEGABYTES)}
    environment |= {"OPENDATA_DESK_SECONDS": "400", "OPENDATA_DESK_MINUTES": "60"}  # tests may run on a busy machine
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "desk", "--port", "0"]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    try:
        yield Running(_address(process), process, log, delivery)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def checked(desk: Running) -> httpx.Response:
    """The report of a workbook, as long as the tests run."""
    return desk.send(NAME, rich())


SECRET = "内緒の値１２３４５"


@pytest.fixture(scope="session")
def text_file(desk: Running) -> httpx.Response:
    """The report of a text file whose name would lead elsewhere."""
    return desk.send("..\\..\\etc/内緒<b>.csv", f"町,人口\n{SECRET},１２３\n宮前,5\n".encode("cp932"))


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 120)
    assert ready, "the desk said nothing"
    return process.stdout.readline().decode().strip()
