"""The Dagster UI as its unit runs it: read-only, on loopback, asked over GraphQL like the pages ask."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from pipelines.settings import REPOSITORY
from tests.shell.command import COMMAND


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(environment: Mapping[str, str], log: Path) -> Iterator[httpx.Client]:
    """A client of a web server that has loaded the code; what the server prints goes to `log`."""
    port = free_port()
    command = [*COMMAND, "ui", "--read-only", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                wait_for(client, server)
                yield client
        finally:
            server.terminate()
            server.wait()


def wait_for(client: httpx.Client, server: subprocess.Popen[bytes], patience: float = 120) -> None:
    """Until the server answers."""
    until = time.monotonic() + patience
    while time.monotonic() < until and server.poll() is None:
        try:
            if client.get("/server_info").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise TimeoutError("the web server does not answer")
