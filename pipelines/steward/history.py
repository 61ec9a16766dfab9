"""How a dataset developed: every release with its date, reason and difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from pipelines import durable
from pipelines.days import TOKYO, day_of
from pipelines.errors import UnknownName
from pipelines.findings import Finding, Place
from pipelines.pipeline import Pipeline, manifest
from pipelines.release.difference import Difference
from pipelines.store import Entry, ReleaseRef


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a dataset, as the log tells of it. `difference` is None for the first.

    `kind` is `release` or `rollback`; `author` who made it so: `nightly`, or the steward who approved or rolled back.
    """

    version: str
    time: str
    reason: str
    run: str
    rows: int
    difference: Difference | None
    ref: ReleaseRef
    kind: str = "release"
    author: str = "nightly"


def history(pipeline: Pipeline, name: str) -> list[Release]:
    """Every release of a dataset, the newest first. Raises UnknownName for a name that never was."""
    releases = [
        _release(pipeline, entry, name)
        for entry in pipeline.store.log.entries()
        if name in entry.changed and entry.makes_releases
    ]
    if not releases:
        pipeline.repository[name]
    return releases[::-1]


def _release(pipeline: Pipeline, entry: Entry, name: str) -> Release:
    ref = entry.current[name]
    shown = manifest(pipeline.store, ref)
    return Release(
        ref.version,
        entry.time,
        entry.reason,
        entry.run,
        shown.build.count,
        shown.difference,
        ref,
        entry.kind,
        entry.author,
    )


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody decided about a dataset: `kind` as in the log, who, when, why."""

    kind: str
    time: str
    author: str
    reason: str


def deeds(pipeline: Pipeline, name: str) -> list[Deed]:
    """Everything that people decided about a dataset, the newest first."""
    entries = [entry for entry in pipeline.store.log.entries() if name in entry.changed]
    found = [Deed(e.kind, e.time, e.author, e.reason) for e in entries if e.kind != "release"]
    return found[::-1]


def release_of(pipeline: Pipeline, name: str, as_of: date | None = None, version: str | None = None) -> ReleaseRef:
    """The current release, the one of a version, or the one current at the end of a day in Tokyo."""
    if version is not None:
        found = [r.ref for r in history(pipeline, name) if r.version == version]
    else:
        entry = pipeline.store.log.as_of(_end_of(as_of)) if as_of else pipeline.store.log.head()
        found = [entry.current[name]] if name in entry.current else []
    if not found:
        known = "、".join(f"{r.version} ({day_of(r.time)})" for r in history(pipeline, name)) or "—"
        raise UnknownName(Finding("name.release", Place(dataset=name), str(as_of or version or ""), {"known": known}))
    return found[0]


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, TOKYO).astimezone(UTC) - timedelta(microseconds=1)


def save(pipeline: Pipeline, ref: ReleaseRef, folder: Path) -> Sequence[Path]:
    """Write the package of a release into a folder, each file checked against its hash.

    Raises TakenDown for a release that was taken down.
    """
    shown = manifest(pipeline.store, ref)
    shown.file(f"{shown.name}.csv")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in shown.files:
        if name != "datapackage.current.json":
            durable.copy(pipeline.store.path(shown.file(name)), folder / name)
            paths.append(folder / name)
    return paths
