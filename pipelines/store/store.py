"""Objects under the sha256 of their content, memos under the key of what they answer, and the log.

    store/objects/ab/abcdef…      bytes, never changed
    store/memos/ab/abcdef….json   what a step that was run on exactly these inputs came to; can be deleted
    store/stones/ab/abcdef….json  why, when and by whom the object of that hash was taken down; it never comes back
    store/log/00000042.json       the history of the whole catalogue
    store/workshop/…              half-finished things

No lock, no journal, no file that changes: what is not in the log did not happen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipelines import durable
from pipelines.days import day_of
from pipelines.errors import StoreError, TakenDown
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

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Rely on objects that the log does not name yet: none is tidied away until the block ends."""
        durable.make_folder(self.root)
        with durable.shared(self.root):
            yield

    def address(self, sha256: str) -> Path:
        """Where an object of that hash stands or would stand."""
        return self.root / "objects" / sha256[:2] / sha256

    def path(self, sha256: str) -> Path:
        """The local path of an object. Raises StoreError when it is missing, TakenDown when it has to be."""
        path = self.address(sha256)
        if not path.is_file():
            self.raise_if_buried(sha256)
            raise StoreError(Finding("store.object_missing", Place(file=str(path)), sha256))
        return path

    def has(self, sha256: str) -> bool:
        """Whether the store has that object."""
        return self.address(sha256).is_file()

    def put_file(self, path: Path, sha256: str | None = None) -> str:
        """Put a workshop's file under its hash and return the hash; the file must not change afterwards.

        Raises TakenDown for bytes that were taken down.
        """
        sha256 = sha256 or durable.sha256_of(path)
        durable.flush(path)
        return self.keep(path, sha256)

    def keep(self, path: Path, sha256: str) -> str:
        """The same for a file that is on the disk and whose hash is known."""
        self.raise_if_buried(sha256)
        durable.put(path, self.address(sha256))
        return sha256

    def put(self, content: bytes) -> str:
        """Put bytes under their hash and return the hash. Raises TakenDown for bytes that were taken down."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            with self.workshop() as folder:
                durable.write(folder / sha256, content)
                self.keep(folder / sha256, sha256)
        return sha256

    def bury(self, sha256: str, stone: Mapping[str, object]) -> None:
        """Take an object away for good. The stone comes first, so that nothing puts the bytes back meanwhile.

        What a stone has under `instead` is read in the place of a JSON object.
        """
        if not self.is_buried(sha256):
            with self.workshop() as folder:
                durable.write(folder / "stone", canonical_json(stone))
                durable.put(folder / "stone", self._stone(sha256))
        if self.has(sha256):
            durable.remove(self.address(sha256))

    def is_buried(self, sha256: str) -> bool:
        """Whether the bytes of that hash were taken down."""
        return self._stone(sha256).is_file()

    def stone(self, sha256: str) -> dict[str, object] | None:
        """Why, when and by whom an object was taken down; None when it was not."""
        path = self._stone(sha256)
        return parsed(path.read_bytes(), path) if path.is_file() else None

    def stones(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Every hash that was taken down, with its stone."""
        for path in sorted((self.root / "stones").glob("??/*.json")):
            yield path.stem, parsed(path.read_bytes(), path)

    def raise_if_buried(self, sha256: str) -> None:
        """Raise TakenDown for bytes that were taken down."""
        if (stone := self.stone(sha256)) is not None:
            facts = {key: str(stone[key]) for key in ("reason", "version")} | {"time": day_of(str(stone["time"]))}
            raise TakenDown(Finding("takedown.bytes", Place(dataset=str(stone["name"])), sha256[:12], facts))

    def _stone(self, sha256: str) -> Path:
        return self.root / "stones" / sha256[:2] / f"{sha256}.json"

    def put_json(self, data: object) -> str:
        """Put a JSON document in its canonical bytes."""
        return self.put(canonical_json(data))

    def read_json(self, sha256: str) -> dict[str, object]:
        """The JSON object of that hash. Raises StoreError when it is missing or damaged."""
        if (stone := self.stone(sha256)) and isinstance(instead := stone.get("instead"), dict):
            return instead
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(Finding("store.object_damaged", Place(file=str(self.address(sha256))), sha256))
        return parsed(content, self.address(sha256))

    def memo(self, key: str) -> dict[str, object] | None:
        """What was remembered under a key, None when nothing was or nobody can read it."""
        return _remembered(self._memo(key))

    def memos(self) -> Iterator[dict[str, object]]:
        """Everything that was remembered; slow, for what a person asks for."""
        found = map(_remembered, sorted((self.root / "memos").glob("??/*.json")))
        yield from (memo for memo in found if memo is not None)

    def remember(self, key: str, answer: object) -> None:
        """Remember an answer under a key, unless there is one already; one that is damaged is none."""
        if self.memo(key) is not None:
            return
        with self.workshop() as folder:
            durable.write(folder / "memo", canonical_json(answer))
            if not durable.put(folder / "memo", self._memo(key)) and self.memo(key) is None:
                durable.replace(folder / "memo", self._memo(key))

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


def _remembered(path: Path) -> dict[str, object] | None:
    """A memo. What it says can be found out again at any time: one that is damaged must not end a night."""
    try:
        return parsed(path.read_bytes(), path)
    except (OSError, StoreError):
        return None


def parsed(content: bytes, path: Path) -> dict[str, object]:
    """A JSON object, or StoreError naming the file."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise StoreError(Finding("store.object_damaged", Place(file=str(path)), str(error))) from error
    if not isinstance(data, dict):
        raise StoreError(Finding("store.object_damaged", Place(file=str(path)), type(data).__name__))
    return data
