"""A PostgreSQL of a test's own: on loopback, with a password, gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.ckan.software import postgres_programs

# Root can't run it and lends the account that Debian's package made.
ACCOUNT = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


@dataclass(frozen=True)
class Server:
    """A running server; `address` is what OPENDATA_DAGSTER_POSTGRES takes."""

    port: int
    password: str
    data: Path

    @property
    def address(self) -> str:
        return self.of("postgres")

    def of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self._cursor(sql, database, lambda cursor: cursor.fetchall())

    def ask_nothing(self, sql: str, database: str = "postgres") -> None:
        """Carry out a statement."""
        self._cursor(sql, database, lambda _: [])

    def _cursor(self, sql: str, database: str, take: Callable[[Any], list[tuple[object, ...]]]) -> Any:
        import psycopg2

        connection = psycopg2.connect(self.of(database))
        connection.autocommit = True  # CREATE DATABASE wants it
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return take(cursor)
        finally:
            connection.close()


@contextmanager
def postgres(environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that lives as long as the block; `environment` may move its clock."""
    programs = postgres_programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="opendata-postgres-", dir="/tmp"))
    folder.chmod(0o755)
    server = Server(_free_port(), secrets.token_urlsafe(18), folder / "data")
    try:
        _make(programs, folder, server)
        with _running(programs, server, {**os.environ, **(environment or {})}):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(programs: Path, folder: Path, server: Server) -> None:
    password = folder / "password"
    password.write_text(server.password)
    server.data.mkdir(mode=0o700)
    if ACCOUNT:
        for path in (password, server.data):
            shutil.chown(path, "postgres", "postgres")
    access = ["--auth=scram-sha-256", f"--pwfile={password}", "--username=postgres"]
    command = [programs / "initdb", f"--pgdata={server.data}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*command, *access], check=True, capture_output=True, cwd="/", **ACCOUNT)


@contextmanager
def _running(programs: Path, server: Server, environment: Mapping[str, str]) -> Iterator[None]:
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    command = [programs / "postgres", "-D", server.data, "-p", str(server.port), *(f"--{s}" for s in settings)]
    with (server.data / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd="/", **ACCOUNT)
        try:
            _wait(programs, server, process)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # its fast shutdown
            process.wait(30)


def _wait(programs: Path, server: Server, process: subprocess.Popen[bytes]) -> None:
    look = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={server.port}"]
    until = time.monotonic() + 60
    while subprocess.run(look, check=False).returncode:
        assert process.poll() is None and time.monotonic() < until, (server.data / "log").read_text()
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
