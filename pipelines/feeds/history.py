"""The lines of `changes.jsonl`: one release each, in the order of the log, chained by hash.

    {"number": 42, "time": …, "name": …, "version": …, "change": "major", "rows": 21,
     "difference": {"added": 1, "changed": 0, "removed": 0}, "record": "<name>/releases/<version>/release.json",
     "sha256": hash of that record, "parent": hash of the line before, without its line end}

`change` is `first`, `major`, `minor` or `patch`. The *head* is `<number>:<hash of the last line>`. A line never changes
and none is taken away, so whoever remembers a head can tell a catalogue that was rolled back or rewritten. Only what
the catalogue shows is told, up to the first release that it does not show yet; so a client that has read up to a
number has missed nothing before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.public_record import RECORD_FILE, digest_of_record
from pipelines.release.descriptor import Json
from pipelines.store import Entry


@dataclass(frozen=True, slots=True)
class Published:
    """A release, and the entry of the log that made it current."""

    entry: Entry
    release: Wanted


def published(releases: Mapping[str, Wanted]) -> Iterator[Published]:
    """Every release that led to those shown, in the order of the log."""
    shown = {manifest: release for one in releases.values() for manifest, release in _chain(one)}
    if not releases:
        return
    for entry in next(iter(releases.values())).store.log.entries():
        for name in entry.changed:
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
        found.append(json.dumps({**_facts(one), "parent": parent}, ensure_ascii=False).encode())
    return found


def head(found: Sequence[bytes]) -> str:
    """What a client remembers; `0:` of a catalogue without releases."""
    return f"{json.loads(found[-1])['number']}:{hashlib.sha256(found[-1]).hexdigest()}" if found else "0:"


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
    }


def kind_of_change(release: Wanted) -> str:
    """What the version says about the change against the release before."""
    if (before := release.before) is None:
        return "first"
    old, new = before.ref.version.split("."), release.ref.version.split(".")
    return "major" if old[0] != new[0] else "minor" if old[1] != new[1] else "patch"
