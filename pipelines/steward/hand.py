"""What a steward does by hand: let out what was held back, take a release back. Each is one entry of the log.

Nothing here writes anything but the log and, for a rollback, the release that it names. Catalogues follow; if a process
dies in between, the next night brings them there.
"""

from __future__ import annotations

import json
from dataclasses import replace

from pipelines.errors import ApprovalRefused
from pipelines.findings import Finding, Place
from pipelines.held import SHORT, rollbacks_of
from pipelines.night import show_all
from pipelines.pipeline import Pipeline, manifest
from pipelines.release.build import Build
from pipelines.release.record import Manifest, released
from pipelines.steward.history import release_of
from pipelines.steward.waiting import Waiting, waiting
from pipelines.store import ReleaseRef, Store
from pipelines.work import connect


def approve(pipeline: Pipeline, name: str, candidate: str, author: str, reason: str) -> Waiting:
    """Let out what waits now, if it is what `candidate` names (at least SHORT digits); the next night publishes it.

    Raises ApprovalRefused where something else waits, or nothing, or another release became current meanwhile.
    """
    try:
        found = waiting(pipeline, name, most=0)
    except ApprovalRefused as nothing:
        raise _stale(name, candidate, "—") from nothing
    if len(candidate) < SHORT or not found.candidate.startswith(candidate):
        raise _stale(name, candidate, found.candidate[:SHORT])
    if pipeline.store.log.approve(name, found.candidate, found.since, author, reason) is None:
        raise _stale(name, candidate, "—")
    return found


def _stale(name: str, candidate: str, waits: str) -> ApprovalRefused:
    return ApprovalRefused(Finding("approval.stale", Place(dataset=name), candidate, {"name": name, "hash": waits}))


def roll_back(pipeline: Pipeline, name: str, version: str, author: str, reason: str) -> ReleaseRef:
    """Make the content of an earlier release current again, as a new release; the one that was current is remembered.

    Versions only go up and no address changes. What was taken back is held until it changes or is approved. Safe to
    repeat: where the current release has that content already, only catalogues are brought up to it. Raises UnknownName
    for a version that never was.
    """
    store, target = pipeline.store, release_of(pipeline, name, version=version)
    made = _as_published(store, manifest(store, target))

    def decide(current: ReleaseRef | None) -> ReleaseRef | None:
        with store.workshop() as workshop, connect(workshop) as connection:
            found = released(connection, name, made, current, store)
        return found if isinstance(found, ReleaseRef) and found != current else None

    wanted = [one.manifest for one in rollbacks_of(store, store.log.head(), name, made)]
    entry = store.log.roll_back(name, decide, author, reason, wanted)
    show_all(pipeline, [name])
    return entry.current[name]


def _as_published(store: Store, release: Manifest) -> Build:
    """The build of a release, its words in the order in which its data package has them: a manifest sorts them."""
    document = json.loads(store.path(release.file("datapackage.json")).read_bytes())
    table = next(one for one in document["resources"] if one["path"] == f"{release.name}.csv")
    head = release.build.description.keys()
    description = {key: value for key, value in document.items() if key in head}
    return replace(release.build, description=description, table_schema=table["schema"])
