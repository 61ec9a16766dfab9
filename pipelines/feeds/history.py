"""The lines of `changes.jsonl`: one release each, in the order of the log, chained by hash.

    {"number": 42, "time": …, "name": …, "version": …, "change": "major", "rows": 21,
     "difference": {"added": 1, "changed": 0, "removed": 0}, "record": "<name>/releases/<version>/release.json",
     "sha256": hash of that record, "parent": hash of the line before, without its line end}

`change` is `first`, `major`, `minor` or `patch`. A release that brought older content back has `rollback`, the reason.
Where releases were taken down, a line has `change` `takedown`, the `reason`, the `versions`, and as `files` the paths
that went; the lines of those releases stay. Where a dataset was withdrawn, `change` is `withdrawal`, with `reason` and,
where they were given, `reason@en` and `replacement`; where it is offered again, `return`, with the `reason`. Both name
the version that was current, and its record.
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
from pipelines.store.moments import departure

DEPARTURES = {"withdrawal", "return"}


@dataclass(frozen=True, slots=True)
class Published:
    """A release, and the entry of the log that made it current, or by which it was taken down or withdrawn."""

    entry: Entry
    release: Wanted

    @property
    def is_takedown(self) -> bool:
        """Whether the entry took releases of that dataset down."""
        return self.entry.kind == "takedown"

    @property
    def is_departure(self) -> bool:
        """Whether the entry withdrew that dataset, or offered it again."""
        return self.entry.kind in DEPARTURES


def published(releases: Mapping[str, Wanted], withdrawn: Mapping[str, Wanted]) -> Iterator[Published]:
    """Every release that led to those shown or withdrawn, and what became of them, in the order of the log."""
    chains = [_chain(one) for one in (*releases.values(), *withdrawn.values())]
    shown = {manifest: release for chain in chains for manifest, release in chain}
    if not shown:
        return
    entries = list(next(iter(shown.values())).store.log.entries())
    last = {name: entry.number for entry in entries if entry.kind in DEPARTURES for name in entry.changed}
    for entry in (entry for entry in entries if _is_told(entry)):
        for name in entry.changed:
            release = shown.get(entry.current[name].manifest)
            if release is None or (entry.number == last.get(name) and _is_to_come(entry, name, releases, withdrawn)):
                return
            yield Published(entry, release)


def _is_told(entry: Entry) -> bool:
    return entry.makes_releases or entry.kind == "takedown" or entry.told


def _is_to_come(entry: Entry, name: str, releases: Mapping[str, Wanted], withdrawn: Mapping[str, Wanted]) -> bool:
    """Whether the catalogue does not show yet that a dataset was withdrawn, or is offered again."""
    if entry.kind == "withdrawal":
        return name in releases
    return entry.kind == "return" and name in withdrawn and not withdrawn[name].manifest.is_taken


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
        facts = _takedown(one) if one.is_takedown else _departure(one) if one.is_departure else _facts(one)
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


def _departure(one: Published) -> Json:
    name, version = one.release.manifest.name, one.release.ref.version
    gone = departure(one.entry, name).gone
    given = {"reason@en": gone.reason_en, "replacement": gone.replacement}
    return {
        "number": one.entry.number,
        "time": one.entry.time,
        "name": name,
        "version": version,
        "change": one.entry.kind,
        "reason": gone.reason,
        **{key: text for key, text in given.items() if text},
        "record": f"{name}/releases/{version}/{RECORD_FILE}",
        "sha256": digest_of_record(one.release),
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
