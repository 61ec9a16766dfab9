"""The lines of `changes.jsonl`: one release each, in the order of the log, chained by hash.

    {"number": 42, "time": …, "name": …, "version": …, "change": "major", "rows": 21,
     "difference": {"added": 1, "changed": 0, "removed": 0}, "record": "<name>/releases/<version>/release.json",
     "sha256": hash of that record, "parent": hash of the line before, without its line end}

`change` is `first`, `major`, `minor` or `patch`. A release that brought older content back has `rollback`, the reason.
Where releases were taken down, a line has `change` `takedown`, the `reason`, the `versions`, and as `files` the paths
that went; the lines of those releases stay.
The *head* is `<number>:<hash of the last line>`. A line never changes and none is taken away, so whoever remembers a
head can tell a catalogue that was rolled back or rewritten. Only what the catalogue shows is told, up to the first
release that it does not show yet; so a client that has read up to a number has missed nothing before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.public_record import RECORD_FILE, digest_of_record
from pipelines.release.descriptor import Json
from pipelines.store import Entry, Takedown


@dataclass(frozen=True, slots=True)
class Published:
    """A release, and the entry of the log that made it current, or by which it was taken down."""

    entry: Entry
    release: Wanted

    @property
    def is_takedown(self) -> bool:
        """Whether the entry took releases of that dataset down."""
        return self.entry.kind == "takedown"


def published(releases: Mapping[str, Wanted]) -> Iterator[Published]:
    """Every release that led to those shown or withdrawn, and every takedown, in the order of the log."""
    if not releases:
        return
    any_ = next(iter(releases.values()))
    head = any_.store.log.head()
    others = {name: any_.other(ref.manifest) for name, ref in head.current.items() if name not in releases}
    ended = [one for name, one in others.items() if name in head.withdrawn or one.manifest.is_taken]
    shown = {manifest: release for one in [*releases.values(), *ended] for manifest, release in _chain(one)}
    for entry in any_.store.log.entries():
        for name in entry.changed if entry.makes_releases or entry.kind == "takedown" else ():
            if (release := shown.get(entry.current[name].manifest)) is None:
                return
            yield Published(entry, release)


def _chain(release: Wanted) -> Iterator[tuple[str, Wanted]]:
    one: Wanted | None = release
    while one:
        yield one.ref.manifest, one
        one = one.before


def lines(told: Sequence[Published]) -> list[bytes]:
    """The line of each, without its line end."""
    found: list[bytes] = []
    for one in told:
        parent = hashlib.sha256(found[-1]).hexdigest() if found else ""
        facts = _takedown(one) if one.is_takedown else _facts(one)
        found.append(json.dumps({**facts, "parent": parent}, ensure_ascii=False).encode())
    return found


def head(found: Sequence[bytes]) -> str:
    """What a client remembers; `0:` of a catalogue without releases."""
    return f"{json.loads(found[-1])['number']}:{hashlib.sha256(found[-1]).hexdigest()}" if found else "0:"


def _takedown(one: Published) -> Json:
    name = one.release.manifest.name
    takedown = one.entry.taken[name][-1]
    return {
        "number": one.entry.number,
        "time": one.entry.time,
        "name": name,
        "change": "takedown",
        "reason": takedown.reason,
        "versions": list(takedown.versions),
        "files": _gone(one.release, takedown),
    }


def _gone(release: Wanted, takedown: Takedown) -> list[str]:
    """The paths of released files that went by just this takedown."""
    stones = release.store.read_json(takedown.plan)["stones"]
    assert isinstance(stones, dict)
    touched = [release.other(sha256) for sha256 in takedown.releases]
    return [
        f"{one.manifest.name}/releases/{one.ref.version}/{path}"
        for one in touched
        for path, facts in sorted(one.manifest.released.items())
        if one.ref.version in takedown.versions or facts["sha256"] in stones
    ]


def _facts(one: Published) -> Json:
    release, manifest = one.release, one.release.manifest
    return {
        "number": one.entry.number,
        "time": one.entry.time,
        "name": manifest.name,
        "version": release.ref.version,
        "change": kind_of_change(release),
        "rows": manifest.build.count,
        "difference": asdict(manifest.difference) if manifest.difference else None,
        "record": f"{manifest.name}/releases/{release.ref.version}/{RECORD_FILE}",
        "sha256": digest_of_record(release),
        **({"rollback": one.entry.reason} if one.entry.kind == "rollback" else {}),
    }


def kind_of_change(release: Wanted) -> str:
    """What the version says about the change against the release before."""
    if (before := release.before) is None:
        return "first"
    old, new = before.ref.version.split("."), release.ref.version.split(".")
    return "major" if old[0] != new[0] else "minor" if old[1] != new[1] else "patch"
