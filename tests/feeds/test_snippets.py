"""The snippets are run as their users run them: on a catalogue on loopback, and on its folder."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.settings import REPOSITORY
from tests.kit import town

SNIPPETS = REPOSITORY / "docs" / "snippets"
NAMES = ["waste_per_capita", "population_by_ward"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = town(tmp_path_factory.mktemp("snippets"), NAMES)
    made.night()
    return made.home / "catalogue"


@pytest.fixture(scope="module")
def base(catalogue: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(catalogue))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def needed(program: str) -> None:
    """Skip the test where a program is absent, except in CI: `.ci/run` installs it."""
    if shutil.which(program) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")


def run(*command: str, cwd: Path) -> str:
    needed(command[0])
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(catalogue: Path, name: str) -> list[dict[str, object]]:
    found = pq.read_table(catalogue / name / f"{name}.parquet").to_pylist()
    return json.loads(
        json.dumps(found, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))
    )


@pytest.fixture(params=["address", "folder", "folder without a slash"])
def place(request: pytest.FixtureRequest, catalogue: Path, base: str) -> str:
    """What a snippet gets as its first argument."""
    return {"address": base, "folder": f"{catalogue}/", "folder without a slash": str(catalogue)}[request.param]


COMMANDS = {
    "read_with_pandas.py": sys.executable,
    "read_with_duckdb.py": sys.executable,
    "read_with_polars.py": sys.executable,
    "read_with_javascript.mjs": "node",
    "read_with_r.R": "Rscript",
    "fetch_with_curl.sh": "sh",
}


def test_every_snippet_is_run() -> None:
    """What is shipped is what the tests below know."""
    assert {path.name for path in SNIPPETS.iterdir() if path.is_file()} == set(COMMANDS)


@pytest.mark.parametrize("snippet", COMMANDS)
def test_without_arguments_a_snippet_says_how_it_is_used(snippet: str, tmp_path: Path) -> None:
    """The same two arguments for each, in its head and when they are missing."""
    needed(COMMANDS[snippet])
    assert re.search(r"Usage: \w+ \S+ https://…/ waste_per_capita", (SNIPPETS / snippet).read_text("utf-8"))
    command = [COMMANDS[snippet], str(SNIPPETS / snippet)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert "Usage: " in done.stdout + done.stderr


@pytest.mark.parametrize("library", ["pandas", "duckdb", "polars"])
def test_python_shows_the_table(place: str, library: str, tmp_path: Path) -> None:
    """Run as a script each prints the table with columns and figures; tests/packages says that all values are right."""
    told = run(sys.executable, str(SNIPPETS / f"read_with_{library}.py"), place, NAMES[0], cwd=tmp_path)
    for word in ("fiscal_year", "902"):
        assert word in told


@pytest.mark.parametrize("name", NAMES)
def test_javascript_has_the_rows(catalogue: Path, place: str, name: str, tmp_path: Path) -> None:
    """Node prints the rows of the Parquet."""
    told = run("node", str(SNIPPETS / "read_with_javascript.mjs"), place, name, cwd=tmp_path)
    assert json.loads(told) == rows(catalogue, name)


def test_javascript_refuses_a_file_that_is_not_the_one_released(catalogue: Path, tmp_path: Path) -> None:
    """One byte more, and the snippet says so."""
    needed("node")
    copy = shutil.copytree(catalogue, tmp_path / "catalogue", symlinks=True)
    with (copy / NAMES[0] / "releases" / "1.0.0" / f"{NAMES[0]}.json").open("a") as file:
        file.write(" ")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(copy))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        command = ["node", str(SNIPPETS / "read_with_javascript.mjs"), address, NAMES[0]]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        server.shutdown()
    assert done.returncode != 0
    assert "is not what the catalogue says" in done.stderr


def test_curl_fetches_a_checked_file(catalogue: Path, place: str, tmp_path: Path) -> None:
    """It ends with the released bytes, and with nothing half-finished beside them."""
    name = NAMES[0]
    for _ in ("new", "again"):
        run("sh", str(SNIPPETS / "fetch_with_curl.sh"), place, name, cwd=tmp_path)
        assert (tmp_path / f"{name}.csv").read_bytes() == (catalogue / name / f"{name}.csv").read_bytes()
        assert not list(tmp_path.glob("*.new"))


@pytest.mark.parametrize("name", NAMES)
def test_r_has_the_rows(catalogue: Path, place: str, name: str, tmp_path: Path) -> None:
    """R prints the values of the Parquet, codes as texts."""
    told = run("Rscript", str(SNIPPETS / "read_with_r.R"), place, name, cwd=tmp_path)
    found = list(csv.DictReader(io.StringIO(told)))
    expected = rows(catalogue, name)
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert {k: type(wanted[k])(v) if v else None for k, v in row.items()} == wanted
