"""One entry of the log, its parts, and its bytes.

An entry names its parent by hash, when, by whom and by which run it was made, why, and the state of the whole catalogue
from then on: the release of every dataset that is current, and what stewards decided about datasets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """A release as the log names it: its version, its identity, and the hash of its manifest in the store."""

    version: str
    identity: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a dataset is no longer offered, from when, by whom and why, and which dataset to use instead.

    `reason_en` is the reason in English, where somebody gave it.
    """

    time: str
    author: str
    reason: str
    replacement: str = ""
    reason_en: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """As the log has it. What came later and was not given is left out: an entry has the bytes it always had."""
        return {key: text for key, text in asdict(self).items() if text or key != "reason_en"}


@dataclass(frozen=True, slots=True)
class Approval:
    """That a steward lets a release out that was held back; `candidate` names it and the release that it follows."""

    time: str
    author: str
    reason: str
    candidate: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """That a release was taken back, by whom and why; `manifest` is that release's own, to know it again.

    `earlier` are those before it that nobody let out since, the newest first.
    """

    time: str
    author: str
    reason: str
    manifest: str
    earlier: tuple[Rollback, ...] = ()

    @property
    def all(self) -> tuple[Rollback, ...]:
        """It and those before it, the newest first."""
        return (replace(self, earlier=()), *self.earlier)

    @property
    def facts(self) -> dict[str, object]:
        """As the log has it; without `earlier` where there is none: an entry has the bytes it always had."""
        own: dict[str, object] = {key: getattr(self, key) for key in ("time", "author", "reason", "manifest")}
        return own | ({"earlier": [one.facts for one in self.earlier]} if self.earlier else {})

    @classmethod
    def of(cls, **facts: Any) -> Rollback:
        """From the facts of the log."""
        return cls(**{**facts, "earlier": tuple(cls.of(**one) for one in facts.get("earlier", ()))})


@dataclass(frozen=True, slots=True)
class Takedown:
    """That releases were taken down, by whom and why.

    `versions` are theirs; `releases` are the manifests of all that lost files by it, first those of the versions, in
    the same order, then those that lost some only; `plan` is the object that lists every hash to bury.
    """

    time: str
    author: str
    reason: str
    versions: tuple[str, ...]
    releases: tuple[str, ...]
    plan: str


Kind = Literal["release", "withdrawal", "return", "approval", "rollback", "takedown"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Number 0 is the empty catalogue before the first entry and has no file.

    `kind` is what was done, `author` who did it, `reason` why. A withdrawn dataset keeps its last release in `current`.
    `told` marks a withdrawal, or its end, that the public history has a line for. It had none for older ones, and the
    lines after them, which are chained, stay as they are.
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
    told: bool = False
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    approved: Mapping[str, Approval] = field(default_factory=dict)
    rolled_back: Mapping[str, Rollback] = field(default_factory=dict)
    taken: Mapping[str, tuple[Takedown, ...]] = field(default_factory=dict)

    @property
    def makes_releases(self) -> bool:
        """Whether what it changed has a new release since."""
        return self.kind in {"release", "rollback"}


def encode(entry: Entry) -> bytes:
    """The bytes of an entry. What says nothing is left out, so that an entry has the bytes it always had."""
    document: dict[str, object] = {
        "number": entry.number,
        "parent": entry.parent,
        "time": entry.time,
        "run": entry.run,
        "author": entry.author,
        "reason": entry.reason,
        "changed": list(entry.changed),
        "current": _sorted(entry.current),
    }
    if entry.kind != "release":
        document["kind"] = entry.kind
    if entry.told:
        document["told"] = True
    document |= {key: _sorted(getattr(entry, key)) for key in _DECISIONS if getattr(entry, key)}
    if entry.taken:
        document["taken"] = {name: [asdict(one) for one in all_] for name, all_ in sorted(entry.taken.items())}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def decode(content: bytes) -> Entry:
    """The entry of some bytes. Raises ValueError, KeyError and TypeError where they are none."""
    data = json.loads(content)
    current = {name: ReleaseRef(**ref) for name, ref in data.pop("current").items()}
    changed = tuple(data.pop("changed"))
    decisions: dict[str, Any] = {
        key: {name: kind(**facts) for name, facts in data.pop(key, {}).items()} for key, kind in _DECISIONS.items()
    }
    decisions["taken"] = {name: tuple(map(_takedown, found)) for name, found in data.pop("taken", {}).items()}
    return Entry(**data, **decisions, changed=changed, current=current, sha256=hashlib.sha256(content).hexdigest())


def _takedown(facts: Mapping[str, Any]) -> Takedown:
    return Takedown(**{**facts, "versions": tuple(facts["versions"]), "releases": tuple(facts["releases"])})


# What stewards decided, by dataset; carried from entry to entry until it no longer holds.
_DECISIONS: dict[str, Any] = {"withdrawn": Withdrawal, "approved": Approval, "rolled_back": Rollback.of}


def _sorted(facts: Mapping[str, Any]) -> dict[str, object]:
    told = (Withdrawal, Rollback)
    return {name: one.facts if isinstance(one, told) else asdict(one) for name, one in sorted(facts.items())}
