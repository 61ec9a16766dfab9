"""Where a catalogue is read from: a folder or a web server; never anything outside it, never without limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import quote

from pipelines.errors import ConfigurationError
from pipelines.findings import Finding
from pipelines.findings import Place as Where

SECONDS = 30.0
LARGEST_DOCUMENT = 64 << 20
_BLOCK = 1 << 20


class Unreadable(Exception):
    """A file can't be had; the text says why."""


class Place(Protocol):
    """A catalogue that can be read."""

    def blocks(self, path: str, limit: int) -> Iterator[bytes]:
        """The bytes of a file. Raises Unreadable where it is absent or outside, longer than `limit`, or too slow."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A catalogue in a folder. Links are followed as long as they stay below it."""

    root: Path

    def blocks(self, path: str, limit: int) -> Iterator[bytes]:
        """The bytes of a file."""
        try:
            file = (self.root / inside(path)).resolve(strict=True)
            if not file.is_relative_to(self.root.resolve()) or not file.is_file():
                raise Unreadable("outside the catalogue")
            if file.stat().st_size > limit:
                raise Unreadable(f"{file.stat().st_size} bytes, more than {limit}")
            with file.open("rb") as opened:
                while block := opened.read(_BLOCK):
                    yield block
        except OSError as error:
            raise Unreadable(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Web:
    """A catalogue on a web server, below `base`, which ends with a slash. Redirects are not followed."""

    base: str

    def blocks(self, path: str, limit: int) -> Iterator[bytes]:
        """The bytes of a file. Each read has to come within SECONDS."""
        import httpx

        address, count = self.base + quote(inside(path)), 0
        try:
            with httpx.stream("GET", address, timeout=SECONDS, follow_redirects=False) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise Unreadable(f"HTTP {answer.status_code}")
                for block in answer.iter_bytes(_BLOCK):
                    count += len(block)
                    if count > limit:
                        raise Unreadable(f"more than {limit} bytes")
                    yield block
        except httpx.HTTPError as error:
            raise Unreadable(type(error).__name__) from error


def inside(path: str) -> str:
    """The path itself, if it can only lead to something below the catalogue. Raises Unreadable."""
    parts = PurePosixPath(path).parts
    is_odd = not path or "\\" in path or "\0" in path or ":" in path
    if is_odd or path.startswith("/") or ".." in parts:
        raise Unreadable("a path that leads out of the catalogue")
    return path


def place_of(target: str) -> Place:
    """The folder or server that a user named. Raises ConfigurationError when it is neither."""
    if target.startswith(("http://", "https://")):
        return Web(target.removesuffix("catalogue.json").rstrip("/") + "/")
    if not Path(target).is_dir():
        raise ConfigurationError(Finding("verify.no_catalogue", Where(file=target), "—"))
    return Folder(Path(target))


def document(place: Place, path: str, limit: int = LARGEST_DOCUMENT) -> bytes:
    """A small file, whole. Raises Unreadable."""
    return b"".join(place.blocks(path, limit))


def digest(place: Place, path: str, limit: int) -> tuple[str, int]:
    """The sha256 and the length of a file. Raises Unreadable."""
    found, count = hashlib.sha256(), 0
    for block in place.blocks(path, limit):
        found.update(block)
        count += len(block)
    return found.hexdigest(), count


@contextmanager
def fetched(place: Place, path: str, limit: int, to: Path) -> Iterator[Path]:
    """A file as a local one while the block runs."""
    with to.open("wb") as file:
        for block in place.blocks(path, limit):
            file.write(block)
    yield to
    to.unlink()


def size(facts: Mapping[str, object]) -> int:
    """How many bytes a file is said to have; never less than none."""
    found = facts.get("bytes")
    return found if isinstance(found, int) and found >= 0 else 0
