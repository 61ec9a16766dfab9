"""What waits for a steward: why, how it differs cell by cell from what is published, and where each new value stands.

For the terminal and the pages of the Dagster UI alike. Looks at the source as it is now; changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines import held, intake
from pipelines.contract.types import csv_text
from pipelines.datasets import Dataset
from pipelines.errors import ApprovalRefused
from pipelines.findings import Finding, Place
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import build_of, input_key, is_current
from pipelines.release.build import Build
from pipelines.release.descriptor import key_of
from pipelines.release.difference import Difference, compare, kinds_of
from pipelines.sqltext import identifier, parquet
from pipelines.steward.cells import Places, places_of
from pipelines.store import Approval, Entry, ReleaseRef
from pipelines.work import connect

MOST = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would come, go or change: its row's key, and where the new value stands in the delivery.

    `cell` is empty for a value that goes, and for a derived dataset, whose `refs` name rows of other datasets.
    """

    change: str
    key: Sequence[str]
    field: str
    old: str | None
    new: str | None
    file: str = ""
    sheet: str = ""
    cell: str = ""
    refs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release that waits: the hash that names it, the release it would follow, and what a steward should see.

    `changes` has the first MOST of them, in the order of the key; `difference` counts all.
    """

    name: str
    candidate: str
    since: ReleaseRef | None
    findings: Sequence[Finding]
    difference: Difference
    key: Sequence[str] = ()
    changes: Sequence[Change] = field(default_factory=tuple)
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What would be released, before anybody compared it."""

    dataset: Dataset
    head: Entry
    hash: str
    build: Build
    findings: Sequence[Finding]

    @property
    def since(self) -> ReleaseRef | None:
        return self.head.current.get(self.dataset.name)


def waiting(pipeline: Pipeline, name: str, most: int = MOST) -> Waiting:
    """What of a dataset waits for a steward now. Raises ApprovalRefused where nothing does, and SourceUnavailable."""
    found = _candidate(pipeline, name)
    if found is None or found.since is None:
        raise ApprovalRefused(Finding("approval.nothing", Place(dataset=name)))
    store = pipeline.store
    old, new = manifest(store, found.since).table, str(found.build.files[f"{name}.parquet"]["sha256"])
    with tempfile.TemporaryDirectory(prefix="opendata-waiting-") as folder, connect(Path(folder)) as connection:
        key = key_of(found.build.table_schema)
        counts = compare(connection, store.path(old), store.path(new), key, Path(folder) / "changes.csv")
        changes = _changes(connection, pipeline, found, store.path(new), key, most)
    approval = held.approval_of(found.head, name, found.hash)
    return Waiting(name, found.hash, found.since, found.findings, counts, key, changes, approval)


def _candidate(pipeline: Pipeline, name: str) -> _Candidate | None:
    """What the source holds now, if a night made it and a guard held it back."""
    dataset, store, head = pipeline.repository[name], pipeline.store, pipeline.store.log.head()
    key = input_key(pipeline, dataset, _delivery(pipeline, dataset), head)
    memo, current = store.memo(key), head.current.get(name)
    if memo is None or memo["outcome"] != "valid" or current is None:
        return None
    if is_current(store, str(memo["identity"]), current.identity):
        return None
    build, candidate = build_of(store, memo), held.candidate_of(key, current)
    findings = held.known(store, head, name, build, candidate)
    return _Candidate(dataset, head, candidate, build, findings) if findings else None


def _delivery(pipeline: Pipeline, dataset: Dataset) -> str:
    """The hash of what a source holds now; it is fetched where no look can tell."""
    if dataset.source.kind == "derived":
        return ""
    seen = intake.look(dataset, pipeline.repository.deliveries, pipeline.store).sha256
    return seen or intake.fetch(dataset, pipeline.repository.deliveries, pipeline.store).sha256


def _changes(
    connection: duckdb.DuckDBPyConnection,
    pipeline: Pipeline,
    found: _Candidate,
    new: Path,
    key: Sequence[str],
    most: int,
) -> list[Change]:
    """The compared values, each new one with its place."""
    kinds = kinds_of(connection, new)
    if not _has_difference(connection):
        return []  # the two have other keys: every row is another
    same = " AND ".join(f"d.{identifier(n)} = {csv_text(f't.{identifier(n)}', kinds[n])}" for n in key)
    listed = ", ".join(f"d.{identifier(name)}" for name in key)
    query = f"""SELECT d.change, d.field, d.old, d.new, t.file_row_number + 1, {listed} FROM _difference d
        LEFT JOIN {parquet(new, numbered=True)} t ON {same} AND d.change <> 'removed'
        ORDER BY d.change, {listed}, d.field LIMIT {most}"""
    rows = connection.execute(query).fetchall()
    places = places_of(pipeline.store, found.build, {row[4] for row in rows if row[4] is not None})
    return [_change(row, places) for row in rows]


def _has_difference(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = '_difference'").fetchone())


def _change(row: tuple[Any, ...], places: Mapping[int, Places]) -> Change:
    change, name, old, new, number, *key = row
    found = places.get(number, Places())
    spot = found.cells.get(name, found.sheet)
    return Change(change, [str(part) for part in key], name, old, new, spot.file, spot.sheet, spot.cell, found.refs)
