"""The configuration in deploy/nginx is one that nginx takes, and serves what the docs promise."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipelines.settings import REPOSITORY

CONF = REPOSITORY / "deploy" / "nginx" / "opendata.conf"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """nginx on loopback with that configuration, over a catalogue of three files."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    root = tmp_path / "catalogue"
    (root / "a" / "releases" / "1.0.0").mkdir(parents=True)
    (root / "a" / ".views").mkdir()
    for path in ("a/releases/1.0.0/a.csv", "a/.views/x", "changes.jsonl"):
        (root / path).write_text("x\n")
    (root / "a" / "a.csv").symlink_to("releases/1.0.0/a.csv")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = CONF.read_text("utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    conf = conf.replace("/var/lib/opendata/catalogue", str(root))
    main = tmp_path / "nginx.conf"
    logs = f"error_log {tmp_path}/error.log; pid {tmp_path}/pid; daemon off;"
    temp = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(f"user root; {logs} events {{}} http {{ access_log off; {temp}\n{conf}\n}}", "utf-8")
    assert subprocess.run(["nginx", "-t", "-c", main], capture_output=True, check=False).returncode == 0
    nginx = subprocess.Popen(["nginx", "-c", main])
    try:
        yield _ready(f"http://127.0.0.1:{port}")
    finally:
        nginx.terminate()
        nginx.wait()


def _ready(address: str) -> str:
    for _ in range(100):
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return address
    raise TimeoutError(address)


def test_caching_rules_and_types(served: str) -> None:
    """Versioned addresses may be kept for ever, stable ones for minutes; views are not offered."""
    versioned, stable = (httpx.get(f"{served}{path}") for path in ("/a/releases/1.0.0/a.csv", "/a/a.csv"))
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert stable.headers["cache-control"] == "public, max-age=300, must-revalidate"
    assert stable.headers["content-type"] == "text/csv; charset=utf-8"
    assert stable.headers["access-control-allow-origin"] == "*"
    assert httpx.get(f"{served}/a/a.csv", headers={"if-none-match": stable.headers["etag"]}).status_code == 304
    assert httpx.get(f"{served}/a/.views/x").status_code == 404
    assert httpx.post(f"{served}/a/a.csv").status_code in {403, 405}
    assert httpx.get(f"{served}/changes.jsonl", headers={"range": "bytes=1-"}).status_code == 206
