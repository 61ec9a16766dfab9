"""Objects under the sha256 of their content, memos under the key of what they answer, and the log.

    store/objects/ab/abcdef…      bytes, never changed
    store/memos/ab/abcdef….json   what a step that was run on exactly these inputs came to; can be deleted
    store/log/00000042.json       the history of the whole catalogue
    store/workshop/…              half-finished things

No lock, no journal, no file that changes: what is not in the log did not happen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines import durable
from pipelines.errors import StoreError
from pipelines.findings import Finding, Place
from pipelines.store.log import Log


class Store:
    """One store below a folder, made when it isn't there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = Log(root / "log", root / "workshop")

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """A private folder on the store's own disk."""
        with durable.workshop(self.root / "workshop") as folder:
            yield folder

    def address(self, sha256: str) -> Path:
        """Where an object of that hash stands or would stand."""
        return self.root / "objects" / sha256[:2] / sha256

    def path(self, sha256: str) -> Path:
        """The local path of an object. Raises StoreError when the store does not have it."""
        path = self.address(sha256)
        if not path.is_file():
            raise StoreError(Finding("store.object_missing", Place(file=str(path)), sha256))
        return path

    def has(self, sha256: str) -> bool:
        """Whether the store has that object."""
        return self.address(sha256).is_file()

    def put_file(self, path: Path, sha256: str | None = None) -> str:
        """Put a workshop's file under its hash and return the hash; the file must not change afterwards."""
        sha256 = sha256 or durable.sha256_of(path)
        durable.flush(path)
        durable.put(path, self.address(sha256))
        return sha256

    def put(self, content: bytes) -> str:
        """Put bytes under their hash and return the hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            with self.workshop() as folder:
                durable.write(folder / sha256, content)
                durable.put(folder / sha256, self.address(sha256))
        return sha256

    def put_json(self, data: object) -> str:
        """Put a JSON document in its canonical bytes."""
        return self.put(canonical_json(data))

    def read_json(self, sha256: str) -> dict[str, object]:
        """The JSON object of that hash. Raises StoreError when it is missing or damaged."""
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(Finding("store.object_damaged", Place(file=str(self.address(sha256))), sha256))
        return parsed(content, self.address(sha256))

    def memo(self, key: str) -> dict[str, object] | None:
        """What was remembered under a key, None when nothing was."""
        path = self._memo(key)
        return parsed(path.read_bytes(), path) if path.is_file() else None

    def remember(self, key: str, answer: object) -> None:
        """Remember an answer under a key, unless there is one already."""
        if self._memo(key).is_file():
            return
        with self.workshop() as folder:
            durable.write(folder / "memo", canonical_json(answer))
            durable.put(folder / "memo", self._memo(key))

    def _memo(self, key: str) -> Path:
        return self.root / "memos" / key[:2] / f"{key}.json"


def canonical_json(data: object) -> bytes:
    """The one serialisation that hashes are taken of: sorted keys, UTF-8, indented, one newline at the end."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def document_json(data: object) -> bytes:
    """A document for people and programs outside: its keys in the order in which they were put."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def digest_of(data: object) -> str:
    """The sha256 of the canonical JSON of `data`."""
    return hashlib.sha256(canonical_json(data)).hexdigest()


def parsed(content: bytes, path: Path) -> dict[str, object]:
    """A JSON object, or StoreError naming the file."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise StoreError(Finding("store.object_damaged", Place(file=str(path)), str(error))) from error
    if not isinstance(data, dict):
        raise StoreError(Finding("store.object_damaged", Place(file=str(path)), type(data).__name__))
    return data
