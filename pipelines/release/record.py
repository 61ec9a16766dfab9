"""A build → a release in the log: the next version, the difference, the descriptors, one append."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.datasets import Dataset
from pipelines.release.build import Build
from pipelines.release.descriptor import Json, package
from pipelines.release.difference import Difference, compare
from pipelines.release.version import FIRST, next_version
from pipelines.store import ReleaseRef, Store
from pipelines.store.store import document_json

STABLE = "datapackage.current.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One release as the store keeps it: what it is, and the hash of every file."""

    name: str
    version: str
    parent: str
    build: Build
    files: Mapping[str, Mapping[str, object]]
    difference: Difference | None

    @classmethod
    def read(cls, store: Store, sha256: str) -> Manifest:
        """The manifest of that hash. Raises StoreError when it is missing or damaged."""
        data = store.read_json(sha256)
        build, files, difference = data["build"], data["files"], data["difference"]
        assert isinstance(build, dict)
        assert isinstance(files, dict)
        return cls(
            name=str(data["name"]),
            version=str(data["version"]),
            parent=str(data["parent"]),
            build=Build(**build),
            files=files,
            difference=Difference(**difference) if isinstance(difference, dict) else None,
        )

    def file(self, path: str) -> str:
        """The sha256 of one of its files."""
        return str(self.files[path]["sha256"])

    @property
    def table(self) -> str:
        """The sha256 of its Parquet."""
        return self.file(f"{self.name}.parquet")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to: the release that is current now, and whether this run made it so."""

    ref: ReleaseRef
    is_new: bool


def record(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    made: Build,
    store: Store,
    run: str,
    reason: str,
    since: ReleaseRef | None,
) -> Recorded | None:
    """Make a build the current release unless it already is. Safe to repeat and to run twice at once.

    `since` is the release that was current before the build's inputs were looked at. None when another one became
    current meanwhile: that run may have seen newer inputs, and whoever asks has to look at them again.
    """
    outcome: list[Recorded | None] = []

    def decide(current: ReleaseRef | None) -> ReleaseRef | None:
        before = Manifest.read(store, current.manifest) if current else None
        if current and before and _is_same(before.build, made):
            outcome.append(Recorded(current, is_new=False))
            return None
        if current != since:
            outcome.append(None)
            return None
        ref = _release(connection, dataset, made, before, current, store)
        outcome.append(Recorded(ref, is_new=ref != current))
        return ref if ref != current else None

    store.log.record(dataset.name, decide, run, reason)
    return outcome[-1]


def _is_same(before: Build, made: Build) -> bool:
    return before.identity == made.identity


def _release(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    made: Build,
    before: Manifest | None,
    current: ReleaseRef | None,
    store: Store,
) -> ReleaseRef:
    """Put a release's last files and its manifest into the store; nothing is current until the log says so."""
    files: dict[str, Mapping[str, object]] = dict(made.files)
    difference = None
    if before and current:
        with store.workshop() as workshop:
            difference = _difference(connection, dataset, made, before, store, workshop, files)
        if difference.is_empty and _same_words(before.build, made):
            return current  # other bytes, same rows and words: a library changed, not the data
    version = next_version(before.version, before.build.table_schema, made.table_schema) if before else FIRST
    descriptors = _descriptors(dataset, made, version, files)
    for path, document in descriptors.items():
        content = document_json(document)
        files[path] = {"sha256": store.put(content), "bytes": len(content)}
    manifest = Manifest(dataset.name, version, current.manifest if current else "", made, files, difference)
    return ReleaseRef(version, made.identity, store.put_json(asdict(manifest)))


def _same_words(before: Build, made: Build) -> bool:
    return (before.contract, before.description_digest) == (made.contract, made.description_digest)


def _difference(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    made: Build,
    before: Manifest,
    store: Store,
    workshop: Path,
    files: dict[str, Mapping[str, object]],
) -> Difference:
    path = workshop / "changes.csv"
    new = store.path(str(made.files[f"{dataset.name}.parquet"]["sha256"]))
    difference = compare(connection, store.path(before.table), new, dataset.schema.primaryKey, path)
    if path.is_file():
        size = path.stat().st_size
        files["changes.csv"] = {"sha256": store.put_file(path), "bytes": size}
    return difference


def _descriptors(
    dataset: Dataset, made: Build, version: str, files: Mapping[str, Mapping[str, object]]
) -> dict[str, Json]:
    """The descriptor beside the files, and the one for the stable address, which names the versioned files."""
    here = package(made.description, dataset.schema, version, files)
    stable = package(made.description, dataset.schema, version, files, folder=f"releases/{version}/")
    return {"datapackage.json": here, STABLE: stable}
