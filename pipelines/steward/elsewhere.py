"""Where what is taken down may be seen still: releases that stay, and have the same rows or were made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.catalogue.interface import Wanted
from pipelines.release.record import Manifest
from pipelines.sqltext import literal, parquet
from pipelines.store import ReleaseRef, Store

REFS = "provenance.parquet"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A release that stays public and may show the same: how many of its rows are the same, or were computed from it.

    `why` is `same_rows`, `derived` or `same_delivery`.
    """

    name: str
    version: str
    why: str
    rows: int


def releases(store: Store, name: str) -> list[Wanted]:
    """Every release of a dataset, the oldest first."""
    refs = [entry.current[name] for entry in store.log.entries() if entry.makes_releases and name in entry.changed]
    return [_wanted(store, ref) for ref in refs]


def _wanted(store: Store, ref: ReleaseRef) -> Wanted:
    return Wanted(ref, Manifest.read(store, ref.manifest), store)


def elsewhere(store: Store, targets: Sequence[Wanted]) -> Iterator[Elsewhere]:
    """Releases that stay and have rows that are the same, were computed from these, or come from the same delivery."""
    gone = {one.ref.manifest for one in targets}
    present = [one for one in targets if not one.manifest.is_taken]
    for name in store.log.head().current:
        for one in releases(store, name):
            if one.ref.manifest not in gone and not one.manifest.is_taken:
                yield from _shared(one, present)


def _shared(one: Wanted, targets: Sequence[Wanted]) -> Iterator[Elsewhere]:
    name, version = one.manifest.name, one.ref.version
    same = max((_same_rows(one, target) for target in targets if target.manifest.name == name), default=0)
    derived = _derived(one, targets)
    if same:
        yield Elsewhere(name, version, "same_rows", same)
    elif derived:
        yield Elsewhere(name, version, "derived", derived)
    elif delivered(targets) & one.manifest.build.delivered:
        yield Elsewhere(name, version, "same_delivery", one.manifest.build.count)


def _same_rows(one: Wanted, target: Wanted) -> int:
    """How many rows two releases have in common; none where their columns differ."""
    table = f"{target.manifest.name}.parquet"
    if one.manifest.build.table_schema["fields"] != target.manifest.build.table_schema["fields"]:
        return 0
    query = f"SELECT * FROM {_parquet(one, table)} INTERSECT SELECT * FROM {_parquet(target, table)}"
    return _count(f"SELECT count(*) FROM ({query})")


def _derived(one: Wanted, targets: Iterable[Wanted]) -> int:
    """How many rows were computed from a row of one of the targets."""
    if one.manifest.build.deliveries or REFS not in one.manifest.files:
        return 0
    begins = [literal(f"{target.manifest.name}@{target.ref.version}#") for target in targets]
    if not begins:
        return 0
    test = " OR ".join(f"starts_with(ref, {begin})" for begin in begins)
    refs = f"SELECT file_row_number AS row, unnest(refs) AS ref FROM {_parquet(one, REFS)}"
    return _count(f"SELECT count(DISTINCT row) FROM ({refs}) WHERE {test}")


def _parquet(one: Wanted, path: str) -> str:
    return parquet(one.path(path), numbered=path == REFS)


def _count(query: str) -> int:
    with duckdb.connect() as connection:
        return int((connection.execute(query).fetchone() or (0,))[0])


def delivered(targets: Iterable[Wanted]) -> set[str]:
    """The hashes of the deliveries that they were read from."""
    return {sha256 for one in targets for sha256 in one.manifest.build.delivered}
