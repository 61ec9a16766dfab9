"""The numbered log: entry N+1 is put if absent, so of two writers one wins and the other looks again.

An entry names its parent by hash, when and by which run it was made, why, and for every dataset the
release that is current from then on. The last entry is the state of the whole catalogue; the last
entry at a date is the catalogue as of that date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pipelines import durable
from pipelines.errors import StoreError
from pipelines.findings import Finding, Place
from pipelines.store.entry import Approval, Entry, ReleaseRef, Rollback, Takedown, Withdrawal, encode
from pipelines.store.moments import Departure, Made, moments_in, read_entry

T = TypeVar("T")


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
        return {one.manifest: one.time for one in self._made(name)}

    def versions(self, name: str) -> dict[str, str]:
        """Every release that a dataset ever had: version → the hash of its manifest."""
        return {one.version: one.manifest for one in self._made(name)}

    def rollbacks(self, name: str) -> dict[str, str]:
        """Why releases of a dataset brought older content back: the hash of the new manifest → the steward's reason."""
        return {one.manifest: one.rollback for one in self._made(name) if one.rollback}

    def departures(self, name: str) -> list[Departure]:
        """When a dataset was withdrawn and offered again, the oldest first."""
        seen = (moments_in(self._path(number)).departures for number in self._numbers())
        return [departure for found in seen for departure in found if departure.name == name]

    def _made(self, name: str) -> Iterator[Made]:
        seen = (moments_in(self._path(number)).made for number in self._numbers())
        return (moment for made in seen for moment in made if moment.name == name)

    def record(
        self,
        name: str,
        decide: Callable[[ReleaseRef | None], ReleaseRef | None],
        run: str,
        reason: str,
        author: str = "nightly",
        let_out: Collection[str] = (),
    ) -> Entry:
        """Make a release current. `decide` is given the current one and answers the next, None for no change.

        It is asked again whenever another writer was first, so it never builds on a state that is gone. An approval of
        the dataset is used up by it. A dataset that is withdrawn gets no release. Of `let_out`, manifests, the log no
        longer says that they were taken back.
        """
        while True:
            head = self.head()
            if name in head.withdrawn:
                return head
            ref = decide(head.current.get(name))
            if ref is None:
                return head
            entry = _next(head, name, run, author, reason, **_made_current(head, name, ref))
            back = _taken_back(head, name, let_out)
            if self._append(replace(entry, rolled_back=_with_rollbacks(head, name, back))):
                return self.head()

    def roll_back(
        self,
        name: str,
        decide: Callable[[ReleaseRef | None], ReleaseRef | None],
        author: str,
        reason: str,
        let_out: Collection[str] = (),
    ) -> Entry:
        """The same for a release that takes the current one back, which is remembered from then on."""
        while True:
            head = self.head()
            ref = decide(head.current.get(name))
            if ref is None:
                return head
            entry = _next(head, name, "", author, reason, kind="rollback", **_made_current(head, name, ref))
            back = Rollback(entry.time, author, reason, head.current[name].manifest)
            every = [back, *_taken_back(head, name, let_out)]
            if self._append(replace(entry, rolled_back=_with_rollbacks(head, name, every))):
                return self.head()

    def approve(self, name: str, candidate: str, since: ReleaseRef | None, author: str, reason: str) -> Entry | None:
        """Say that a candidate may go out after the release `since`; None when another release is current by now."""
        while True:
            head = self.head()
            if head.current.get(name) != since:
                return None
            known = head.approved.get(name)
            if known and known.candidate == candidate:
                return head
            entry = _next(head, name, "", author, reason, kind="approval")
            approval = Approval(entry.time, author, reason, candidate)
            if self._append(replace(entry, approved={**head.approved, name: approval})):
                return self.head()

    def take_down(self, name: str, takedown: Takedown, since: ReleaseRef | None, *, whole: bool) -> Entry | None:
        """Say that releases were taken down, unless the log says exactly that; with `whole` it is withdrawn as well.

        None when another release than `since` is current by now: it may have to go too, or quote what goes.
        """
        while True:
            head = self.head()
            if head.current.get(name) != since:
                return None
            if any(known.plan == takedown.plan for known in head.taken.get(name, ())):
                return head
            entry = _next(head, name, "", takedown.author, takedown.reason, kind="takedown")
            told = replace(takedown, time=entry.time)
            gone = {name: Withdrawal(entry.time, told.author, told.reason)} if whole else {}
            taken = {**head.taken, name: (*head.taken.get(name, ()), told)}
            if self._append(replace(entry, taken=taken, withdrawn={**head.withdrawn, **gone})):
                return self.head()

    def withdraw(self, name: str, author: str, reason: str, replacement: str, reason_en: str = "") -> Entry:
        """Say that a dataset is no longer offered, unless the log says exactly that already."""
        while True:
            head = self.head()
            entry = _next(head, name, "", author, reason, kind="withdrawal", told=True)
            gone = Withdrawal(entry.time, author, reason, replacement, reason_en)
            known = head.withdrawn.get(name)
            if known and replace(known, time=gone.time, author=author) == gone:
                return head
            if self._append(replace(entry, withdrawn={**head.withdrawn, name: gone})):
                return self.head()

    def give_back(self, name: str, author: str, reason: str) -> Entry:
        """Say that a withdrawn dataset is offered again, in its last release."""
        while True:
            head = self.head()
            if name not in head.withdrawn:
                return head
            change = {"kind": "return", "told": True, "withdrawn": _without(head.withdrawn, name)}
            if self._append(_next(head, name, "", author, reason, **change)):
                return self.head()

    def _append(self, entry: Entry) -> bool:
        with durable.workshop(self._workshop) as folder:
            durable.write(folder / "entry", encode(entry))
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
        return read_entry(self._path(number))


def _next(head: Entry, name: str, run: str, author: str, reason: str, **change: Any) -> Entry:
    """The entry after another, about one dataset; what `change` does not name stays."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    entry = replace(head, number=head.number + 1, parent=head.sha256, time=time, run=run, author=author, sha256="")
    return replace(entry, **{"kind": "release", "told": False, "reason": reason, "changed": (name,), **change})


def _without(facts: Mapping[str, T], name: str) -> dict[str, T]:
    return {other: one for other, one in facts.items() if other != name}


def _made_current(head: Entry, name: str, ref: ReleaseRef) -> dict[str, Any]:
    return {"current": {**head.current, name: ref}, "approved": _without(head.approved, name)}


def _taken_back(head: Entry, name: str, let_out: Collection[str]) -> list[Rollback]:
    """What was taken back of a dataset, the newest first, but for what is let out."""
    back = head.rolled_back.get(name)
    return [one for one in back.all if one.manifest not in let_out] if back else []


def _with_rollbacks(head: Entry, name: str, every: Sequence[Rollback]) -> dict[str, Rollback]:
    """What was taken back of all datasets, with just these of one."""
    told = {name: replace(every[0], earlier=tuple(every[1:]))} if every else {}
    return {**_without(head.rolled_back, name), **told}
