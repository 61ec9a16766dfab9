"""One instance of the stack: where it keeps everything, on which ports it listens, what is switched on."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
INSIDE = HERE / "inside"
SOFTWARE = HERE / "stack" / "software"


class StackError(Exception):
    """The stack could not be brought up; the text says what was missing or did not answer, and where its log is."""


@dataclass(frozen=True)
class Stack:
    """`folder` holds all state; `software` (CKAN's own Python, Solr's jars) is shared by the instances of one clone.

    `threads` is how many requests each of the `workers` answers at a time.
    """

    folder: Path
    software: Path
    port: int = 5000
    postgres_port: int = 5442
    redis_port: int = 6390
    solr_port: int = 8983
    workers: int = 2
    threads: int = 4
    xloader: bool = True
    extension: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Stack:
        """What CKAN_STACK, CKAN_SOFTWARE, CKAN_PORT, CKAN_XLOADER … say; without them one instance in this folder."""
        folder = Path(environ.get("CKAN_STACK") or HERE / "stack").resolve()
        return cls(
            folder=folder,
            software=Path(environ.get("CKAN_SOFTWARE") or SOFTWARE).resolve(),
            port=int(environ.get("CKAN_PORT") or cls.port),
            postgres_port=int(environ.get("CKAN_POSTGRES_PORT") or cls.postgres_port),
            redis_port=int(environ.get("CKAN_REDIS_PORT") or cls.redis_port),
            solr_port=int(environ.get("CKAN_SOLR_PORT") or cls.solr_port),
            workers=int(environ.get("CKAN_WORKERS") or cls.workers),
            xloader=environ.get("CKAN_XLOADER", "1") != "0",
            extension=environ.get("CKAN_EXTENSION", "0") == "1",
        )

    @property
    def url(self) -> str:
        """The address of the catalogue, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """The folder of databases, index and uploaded files."""
        return self.folder / "data"

    @property
    def ini(self) -> Path:
        """CKAN's configuration; holds secrets."""
        return self.folder / "ckan.ini"

    @property
    def editor_token(self) -> Path:
        """The file with the token that the pipeline uses."""
        return self.folder / "editor.token"

    @property
    def sysadmin_token(self) -> Path:
        """The file with the token that only setting up uses."""
        return self.folder / "sysadmin.token"

    def log(self, name: str) -> Path:
        """The log of a service or of a step."""
        folder = self.folder / "log"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        """Passwords and signing keys, drawn once and kept in a file that only its owner reads."""
        path = self.folder / "secrets.json"
        if not path.exists():
            names = ("postgres", "ckan_database", "datastore_reader", "sysadmin", "editor", "session", "api_tokens")
            write_private(path, json.dumps({name: secrets.token_urlsafe(32) for name in names}))
        loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return loaded


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
