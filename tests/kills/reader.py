"""Somebody outside who reads the catalogue all the while and writes down whatever is not whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from tests.kit import repeated

PAUSE = 0.01


@dataclass
class Reader:
    """Reads a folder catalogue as outsiders do: the index, the stable addresses, and what a descriptor names.

    `tables` has, for each dataset, the sha256 of the CSV of each of its releases, the oldest first: what stands at
    the stable address is wholly one of them, and never an older one than before.
    """

    catalogue: Path
    tables: Mapping[str, list[str]]
    looks: int = 0
    complaints: set[str] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def look(self) -> None:
        """Read everything once."""
        with self._turn:
            self.complaints.update(self._index())
            for name in self.tables:
                self.complaints.update(self._stable(name))
                self.complaints.update(self._current(name))
            self.looks += 1

    def at_stable_address(self, name: str) -> str | None:
        """The sha256 of a dataset's CSV as a reader gets it now."""
        table = _read(self._table(name))
        return None if table is None else _sha256(table)

    def polling(self) -> AbstractContextManager[None]:
        """Read again and again until the block ends; a fault of the reader itself is raised there."""
        return repeated(self.look, PAUSE)

    def _index(self) -> Iterator[str]:
        """Everything that catalogue.json names is there and is what it says."""
        content = _read(self.catalogue / "catalogue.json")
        yield from self._only_forward("catalogue.json", None if content is None else 0)
        for entry in _parsed(content)["datasets"] if content else []:
            name = entry["name"]
            if _read(self.catalogue / entry["current"]) is None:
                yield f"catalogue.json names {entry['current']}, which is missing"
            for file in entry["files"].values():
                yield from self._named("catalogue.json", file["path"], file["bytes"], f"sha256:{file['sha256']}")
            table = entry["files"][f"{name}.csv"]["sha256"]
            yield from self._only_forward(f"{name} in catalogue.json", self._age(name, table))

    def _stable(self, name: str) -> Iterator[str]:
        """The stable addresses: a whole table, and a descriptor that leads to files which are what it says."""
        content, table = _read(self.catalogue / name / "datapackage.json"), _read(self._table(name))
        if table is not None and self._age(name, _sha256(table)) is None:
            yield f"{name}.csv is not one of its releases"
        yield from self._only_forward(f"{name}.csv", None if table is None else self._age(name, _sha256(table)))
        yield from self._only_forward(f"{name}/datapackage.json", None if content is None else 0)
        if content is None:
            return
        for resource in _parsed(content)["resources"]:
            yield from self._named(
                f"{name}/datapackage.json", f"{name}/{resource['path']}", resource["bytes"], resource["hash"]
            )

    def _current(self, name: str) -> Iterator[str]:
        """While `current` leads to one release, every address of the dataset does, and its page tells of it."""
        folder = self.catalogue / name
        before = _target(folder / "current")
        if before is None:
            return
        package = _read(folder / before / "datapackage.json")
        if package is None:
            yield f"{name}/current leads to a release without a descriptor"
            return
        page = _read(folder / before / "index.html")
        if page is None or f"/releases/{_parsed(package)['version']}/".encode() not in page:
            yield f"{name}/{before}/index.html is not of the release beside it"
        for resource in _parsed(package)["resources"]:
            inside, stable = _read(folder / before / resource["path"]), _read(folder / resource["path"])
            if inside is None or f"sha256:{_sha256(inside)}" != resource["hash"]:
                yield f"{name}/{before}/{resource['path']} is not what its descriptor says"
            if _target(folder / "current") == before and stable != inside:
                yield f"{name}/{resource['path']} is not of the current release"

    def _named(self, where: str, path: str, size: int, digest: str) -> Iterator[str]:
        content = _read(self.catalogue / path)
        if content is None:
            yield f"{where} names {path}, which is missing"
        elif (len(content), f"sha256:{_sha256(content)}") != (size, digest):
            yield f"{where} names {path}, which has other bytes"

    def _only_forward(self, address: str, age: int | None) -> Iterator[str]:
        """What was there once does not go away and does not become older."""
        if age is None:
            if address in self._seen:
                yield f"{address} went away"
            return
        if age < self._seen.get(address, 0):
            yield f"{address} went back to an older release"
        self._seen[address] = age

    def _age(self, name: str, table: str) -> int | None:
        return self.tables[name].index(table) if table in self.tables[name] else None

    def _table(self, name: str) -> Path:
        return self.catalogue / name / f"{name}.csv"


def _read(path: Path) -> bytes | None:
    """The content of a file, None where there is none. What has a known inode, size and times is not read again."""
    try:
        with path.open("rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            key = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
            if key not in _contents:
                _contents[key] = file.read()
            return _contents[key]
    except (FileNotFoundError, NotADirectoryError):
        return None


_contents: dict[tuple[int, ...], bytes] = {}


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None


@lru_cache(4096)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@lru_cache(4096)
def _parsed(document: bytes) -> Any:
    return json.loads(document)
