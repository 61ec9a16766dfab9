"""A release that waits for a steward: which one it is, what holds it back, and whether it was let out.

A *candidate* is named by the hash of everything that its table depends on (delivery, contract, code, inputs) and of the
release that it would follow. So an approval holds for what its author saw and for nothing else: another delivery, or
another release meanwhile, makes another candidate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from pipelines.datasets import Dataset
from pipelines.days import day_of
from pipelines.findings import Finding, Place
from pipelines.release.build import Build
from pipelines.release.guards import Pair, tripped
from pipelines.release.record import Guard, Manifest
from pipelines.store import Approval, Entry, ReleaseRef, Rollback, Store
from pipelines.store.store import digest_of

SHORT = 12  # hex digits by which a person names a candidate


def candidate_of(key: str, since: ReleaseRef | None) -> str:
    """The hash that names a candidate: what it is made of, and the release that it would follow."""
    return digest_of(["candidate", key, since.manifest if since else ""])


def approval_of(head: Entry, name: str, candidate: str) -> Approval | None:
    """The approval of just this candidate, if the log has one."""
    approval = head.approved.get(name)
    return approval if approval and approval.candidate == candidate else None


def rollbacks_of(store: Store, head: Entry, name: str, made: Build) -> list[Rollback]:
    """The rollbacks that took just this away, the newest first: the same rows, or rows of the same delivery."""
    back = head.rolled_back.get(name)
    return [one for one in back.all if _is_same(made, Manifest.read(store, one.manifest).build)] if back else []


def _is_same(made: Build, gone: Build) -> bool:
    return made.rows == gone.rows or (bool(gone.deliveries) and made.delivered == gone.delivered)


def guard(store: Store, head: Entry, dataset: Dataset, made: Build, candidate: str) -> Guard:
    """What is asked before a build that nobody approved goes out."""

    def asked(connection: duckdb.DuckDBPyConnection, pair: Pair) -> Sequence[Finding]:
        place = _place(dataset.name, made)
        found = [*rolled_back(store, head, dataset.name, made), *tripped(connection, dataset, pair, place)]
        return [_named(finding, dataset.name, candidate) for finding in found]

    return asked


def rolled_back(store: Store, head: Entry, name: str, made: Build) -> list[Finding]:
    """That a steward took this very content back."""
    if not (found := rollbacks_of(store, head, name, made)):
        return []
    back = found[0]
    version = Manifest.read(store, back.manifest).version
    facts = {"version": version, "time": day_of(back.time), "author": back.author, "reason": back.reason}
    return [Finding("guard.rolled_back", _place(name, made), version, facts)]


def _place(name: str, made: Build) -> Place:
    return Place(dataset=name, file=made.deliveries[0]["file"] if made.deliveries else "")


def _named(finding: Finding, name: str, candidate: str) -> Finding:
    return replace(finding, facts={**finding.facts, "name": name, "hash": candidate[:SHORT]})


def remember(store: Store, candidate: str, findings: Sequence[Finding]) -> None:
    """Keep what holds a candidate back, so that the next night need not ask again."""
    store.remember(candidate, {"findings": store.put_json({"findings": [f.as_dict() for f in findings]})})


def known(store: Store, head: Entry, name: str, made: Build, candidate: str) -> list[Finding]:
    """What is known to hold a candidate back: what a night found, or that it was rolled back since."""
    memo: Mapping[str, object] | None = store.memo(candidate)
    if memo is None:
        return [_named(finding, name, candidate) for finding in rolled_back(store, head, name, made)]
    found = store.read_json(str(memo["findings"]))["findings"]
    assert isinstance(found, list)
    return [Finding.from_dict(one) for one in found]
