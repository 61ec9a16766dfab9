"""A CKAN of the test session's own, and what a test may do with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ckanapi import RemoteCKAN

from deploy.ckan import postgres, redis, site, solr
from deploy.ckan.processes import Service
from deploy.ckan.run import down, up
from deploy.ckan.software import ckan_python, missing_packages
from deploy.ckan.stack import SOFTWARE, Stack

KEPT = "OPENDATA_TEST_CKAN"
PORTS = ("port", "postgres_port", "redis_port", "solr_port")


@dataclass(frozen=True)
class Ckan:
    """A running catalogue: its address, both tokens, and its services by name."""

    stack: Stack

    @property
    def url(self) -> str:
        return self.stack.url

    @property
    def editor_token(self) -> str:
        return self.stack.editor_token.read_text(encoding="utf-8")

    @property
    def sysadmin_token(self) -> str:
        """For setting the stage only; what is tested works with the editor's."""
        return self.stack.sysadmin_token.read_text(encoding="utf-8")

    def editor(self) -> RemoteCKAN:
        return RemoteCKAN(self.url, apikey=self.editor_token)

    def sysadmin(self) -> RemoteCKAN:
        return RemoteCKAN(self.url, apikey=self.sysadmin_token)

    def anyone(self) -> RemoteCKAN:
        return RemoteCKAN(self.url)

    def service(self, name: str) -> Service:
        """web, worker, solr, redis or postgres."""
        return {
            "web": site.web,
            "worker": site.worker,
            "solr": solr.service,
            "redis": redis.service,
            "postgres": postgres.service,
        }[name](self.stack)

    def stop(self, name: str, how: signal.Signals | None = None) -> None:
        """End one service; SIGKILL is a crash."""
        self.service(name).stop(how)

    def start(self, name: str) -> None:
        """Start it again and wait until it answers."""
        programs = ckan_python(self.stack)
        if name in {"postgres", "redis"}:
            {"postgres": postgres, "redis": redis}[name].start(self.stack)
        elif name == "solr":
            solr.start(self.stack, programs)
        else:
            {"web": site.start_web, "worker": site.start_worker}[name](self.stack, programs)

    @contextmanager
    def switched(self, **switches: bool) -> Iterator[Ckan]:
        """The same catalogue, its web server and worker started again with xloader or our extension on or off."""
        other = Ckan(replace(self.stack, **switches))
        try:
            up(other.stack)
            yield other
        finally:
            up(self.stack)

    def query(self, sql: str, database: str = "datastore") -> str:
        """SQL as PostgreSQL's superuser, to see what no API shows; lines of values between |."""
        return postgres.query(self.stack, sql, database)


@contextmanager
def catalogue(**switches: bool) -> Iterator[Ckan]:
    """A catalogue in a folder that is removed afterwards.

    A developer who names a folder in OPENDATA_TEST_CKAN keeps it running there, so that the next run starts at
    once; tests name their datasets so that what an earlier run left is not in their way.
    """
    with ExitStack() as ending:
        kept = os.environ.get(KEPT)
        folder = Path(kept) if kept else _temporary(ending)
        software = Path(os.environ.get("CKAN_SOFTWARE") or SOFTWARE)
        stack = Stack(folder=folder, software=software, **_ports(folder), **switches)
        if not kept:
            ending.callback(down, stack)
        up(stack)
        yield Ckan(stack)


def _temporary(ending: ExitStack) -> Path:
    """A folder that PostgreSQL's account may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="opendata-ckan-"))
    ending.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)
    return folder


def _ports(folder: Path) -> dict[str, int]:
    """Ports that are free now; those of last time where the folder was kept."""
    known = folder / "ports.json"
    if known.exists():
        loaded: dict[str, int] = json.loads(known.read_text(encoding="utf-8"))
        return loaded
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        ports = dict(zip(PORTS, (int(probe.getsockname()[1]) for probe in probes), strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps(ports), encoding="utf-8")
    return ports


def why_not() -> str | None:
    """Why no catalogue can be brought up here; None where it can, or where it must (CI)."""
    if os.environ.get("CI"):
        return None
    missing = missing_packages()
    return f"Debian packages missing: {' '.join(missing)}" if missing else None
