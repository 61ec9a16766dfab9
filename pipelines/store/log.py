"""The numbered log: entry N+1 is put if absent, so of two writers one wins and the other looks again.

An entry names its parent by hash, when and by which run it was made, why, and for every dataset the
release that is current from then on. The last entry is the state of the whole catalogue; the last
entry at a date is the catalogue as of that date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

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
class Entry:
    """One entry. Number 0 is the empty catalogue before the first entry and has no file."""

    number: int = 0
    parent: str = ""
    time: str = ""
    run: str = ""
    author: str = ""
    reason: str = ""
    changed: tuple[str, ...] = ()
    current: Mapping[str, ReleaseRef] = field(default_factory=dict)
    sha256: str = ""


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
            entry = Entry(
                number=head.number + 1,
                parent=head.sha256,
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                run=run,
                author="nightly",
                reason=reason,
                changed=(name,),
                current={**head.current, name: ref},
            )
            if self._append(entry):
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


@lru_cache(maxsize=1 << 17)
def _moments(path: Path) -> tuple[tuple[str, str, str], ...]:
    """What one entry made current: dataset, hash of the manifest, time. An entry never changes."""
    entry = _read_entry(path)
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
    document = {
        "number": entry.number,
        "parent": entry.parent,
        "time": entry.time,
        "run": entry.run,
        "author": entry.author,
        "reason": entry.reason,
        "changed": list(entry.changed),
        "current": current,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _decode(content: bytes) -> Entry:
    data = json.loads(content)
    current = {name: ReleaseRef(**ref) for name, ref in data.pop("current").items()}
    changed = tuple(data.pop("changed"))
    return Entry(**data, changed=changed, current=current, sha256=hashlib.sha256(content).hexdigest())
