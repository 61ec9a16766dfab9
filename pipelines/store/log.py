"""The numbered log: entry N+1 is put if absent, so of two writers one wins and the other looks again.

An entry names its parent by hash, when and by which run it was made, why, and for every dataset the
release that is current from then on. The last entry is the state of the whole catalogue; the last
entry at a date is the catalogue as of that date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pipelines import durable
from pipelines.errors import StoreError
from pipelines.findings import Finding, Place


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """A release as the log names it: its version, its identity, and the hash of its manifest in the store."""

    version: str
    identity: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a dataset is no longer offered, from when, by whom and why, and which dataset to use instead."""

    time: str
    author: str
    reason: str
    replacement: str = ""


Kind = Literal["release", "withdrawal", "return"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Number 0 is the empty catalogue before the first entry and has no file.

    `kind` is what was done, `author` who did it, `reason` why. A withdrawn dataset keeps its last release in `current`.
    """

    number: int = 0
    parent: str = ""
    time: str = ""
    run: str = ""
    author: str = ""
    reason: str = ""
    changed: tuple[str, ...] = ()
    current: Mapping[str, ReleaseRef] = field(default_factory=dict)
    sha256: str = ""
    kind: Kind = "release"
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)


class Log:
    """The log below a folder."""

    def __init__(self, folder: Path, workshop: Path) -> None:
        self._folder = folder
        self._workshop = workshop

    def head(self) -> Entry:
        """The last entry: the state of the whole catalogue."""
        numbers = self._numbers()
        return self._read(numbers[-1]) if numbers else Entry()

    def entries(self) -> Iterator[Entry]:
        """All entries, the oldest first. Raises StoreError where the chain of parents is broken."""
        parent = ""
        for number in self._numbers():
            entry = self._read(number)
            if entry.parent != parent:
                raise StoreError(Finding("store.log_broken", Place(file=str(self._path(number))), entry.parent))
            parent = entry.sha256
            yield entry

    def as_of(self, moment: datetime) -> Entry:
        """The state of the catalogue at a moment (with time zone)."""
        states = [e for e in self.entries() if datetime.fromisoformat(e.time) <= moment]
        return states[-1] if states else Entry()

    def moments(self, name: str) -> dict[str, str]:
        """When each release of a dataset became current: the hash of its manifest → ISO time. Entries are read once."""
        seen = [_moments(self._path(number)) for number in self._numbers()]
        return {manifest: time for changed in seen for other, manifest, time in changed if other == name}

    def record(
        self, name: str, decide: Callable[[ReleaseRef | None], ReleaseRef | None], run: str, reason: str
    ) -> Entry:
        """Make a release current. `decide` is given the current one and answers the next, None for no change.

        It is asked again whenever another writer was first, so it never builds on a state that is gone.
        """
        while True:
            head = self.head()
            ref = decide(head.current.get(name))
            if ref is None:
                return head
            if self._append(_next(head, name, run, "nightly", reason, current={**head.current, name: ref})):
                return self.head()

    def withdraw(self, name: str, author: str, reason: str, replacement: str) -> Entry:
        """Say that a dataset is no longer offered, unless the log says exactly that already."""
        while True:
            head = self.head()
            known = head.withdrawn.get(name)
            if known and (known.reason, known.replacement) == (reason, replacement):
                return head
            entry = _next(head, name, "", author, reason, kind="withdrawal")
            gone = Withdrawal(entry.time, author, reason, replacement)
            if self._append(replace(entry, withdrawn={**head.withdrawn, name: gone})):
                return self.head()

    def give_back(self, name: str, author: str, reason: str) -> Entry:
        """Say that a withdrawn dataset is offered again, in its last release."""
        while True:
            head = self.head()
            if name not in head.withdrawn:
                return head
            others = {other: gone for other, gone in head.withdrawn.items() if other != name}
            if self._append(_next(head, name, "", author, reason, kind="return", withdrawn=others)):
                return self.head()

    def _append(self, entry: Entry) -> bool:
        with durable.workshop(self._workshop) as folder:
            durable.write(folder / "entry", _encode(entry))
            return durable.put(folder / "entry", self._path(entry.number))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.json"

    def _numbers(self) -> range:
        """Every number up to the last. A log that grows while it is listed may show an entry and not the one before."""
        listed = {int(path.stem) for path in self._folder.glob("[0-9]*.json")}
        numbers = range(1, max(listed, default=0) + 1)
        if missing := [n for n in numbers if n not in listed and not self._path(n).is_file()]:
            raise StoreError(Finding("store.log_broken", Place(file=str(self._path(missing[0]))), "—"))
        return numbers

    def _read(self, number: int) -> Entry:
        return _read_entry(self._path(number))


def _next(head: Entry, name: str, run: str, author: str, reason: str, **change: Any) -> Entry:
    """The entry after another, about one dataset; what `change` does not name stays."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    entry = replace(head, number=head.number + 1, parent=head.sha256, time=time, run=run, author=author, sha256="")
    return replace(entry, **{"kind": "release", "reason": reason, "changed": (name,), **change})


@lru_cache(maxsize=1 << 17)
def _moments(path: Path) -> tuple[tuple[str, str, str], ...]:
    """What one entry made current: dataset, hash of the manifest, time. An entry never changes."""
    entry = _read_entry(path)
    if entry.kind != "release":
        return ()
    return tuple((name, entry.current[name].manifest, entry.time) for name in entry.changed)


def _read_entry(path: Path) -> Entry:
    try:
        return _decode(path.read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(Finding("store.log_broken", Place(file=str(path)), str(error))) from error


def _encode(entry: Entry) -> bytes:
    current = {
        name: {"version": ref.version, "identity": ref.identity, "manifest": ref.manifest}
        for name, ref in sorted(entry.current.items())
    }
    document: dict[str, object] = {
        "number": entry.number,
        "parent": entry.parent,
        "time": entry.time,
        "run": entry.run,
        "author": entry.author,
        "reason": entry.reason,
        "changed": list(entry.changed),
        "current": current,
    }
    if entry.kind != "release":
        document["kind"] = entry.kind
    if entry.withdrawn:
        document["withdrawn"] = {name: asdict(gone) for name, gone in sorted(entry.withdrawn.items())}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _decode(content: bytes) -> Entry:
    data = json.loads(content)
    current = {name: ReleaseRef(**ref) for name, ref in data.pop("current").items()}
    changed = tuple(data.pop("changed"))
    withdrawn = {name: Withdrawal(**gone) for name, gone in data.pop("withdrawn", {}).items()}
    return Entry(
        **data, changed=changed, current=current, withdrawn=withdrawn, sha256=hashlib.sha256(content).hexdigest()
    )
