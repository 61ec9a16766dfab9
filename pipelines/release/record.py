"""A build → a release in the log: the next version, the difference, the descriptors, one append."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeAlias

import duckdb

from pipelines.errors import TakenDown
from pipelines.findings import Finding, Place
from pipelines.release.build import Build
from pipelines.release.descriptor import Json, key_of, package
from pipelines.release.difference import Difference, compare
from pipelines.release.guards import Pair
from pipelines.release.version import FIRST, next_version
from pipelines.store import ReleaseRef, Store
from pipelines.store.store import document_json

STABLE = "datapackage.current.json"
CHANGES = "changes.csv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One release as the store keeps it: what it is, and the hash of every file.

    `gone` has the files that were taken down since; they are no longer among `files`.
    """

    name: str
    version: str
    parent: str
    build: Build
    files: Mapping[str, Mapping[str, object]]
    difference: Difference | None
    gone: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store, sha256: str) -> Manifest:
        """The manifest of that hash. Raises StoreError when it is missing or damaged."""
        data = store.read_json(sha256)
        build, files, difference = data["build"], data["files"], data["difference"]
        assert isinstance(build, dict)
        assert isinstance(files, dict)
        gone = _gone(store, files, f"{data['name']}.csv")
        return cls(
            name=str(data["name"]),
            version=str(data["version"]),
            parent=str(data["parent"]),
            build=Build(**build),
            files={path: facts for path, facts in files.items() if path not in gone},
            difference=Difference(**difference) if isinstance(difference, dict) else None,
            gone=gone,
        )

    def as_dict(self) -> dict[str, object]:
        """JSON form, as kept in the store: as it was released, whatever was taken down since."""
        document = asdict(self)
        del document["gone"]
        return {**document, "files": self.released}

    @property
    def released(self) -> dict[str, Mapping[str, object]]:
        """Every file that it was released with."""
        return {**self.files, **self.gone}

    @property
    def is_taken(self) -> bool:
        """Whether it was taken down as a whole."""
        return f"{self.name}.csv" in self.gone

    def file(self, path: str) -> str:
        """The sha256 of one of its files. Raises TakenDown for one that was taken down."""
        if path in self.gone:
            raise TakenDown(Finding("takedown.release", Place(dataset=self.name, file=path), self.version))
        return str(self.files[path]["sha256"])

    @property
    def table(self) -> str:
        """The sha256 of its Parquet."""
        return self.file(f"{self.name}.parquet")


def _gone(store: Store, files: Mapping[str, Mapping[str, object]], table: str) -> dict[str, Mapping[str, object]]:
    """The files of a release that were taken down; with its table goes all of it, also what others have the same."""
    gone = {path: facts for path, facts in files.items() if store.is_buried(str(facts["sha256"]))}
    return dict(files) if table in gone else gone


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to: the release that is current now, and whether this run made it so."""

    ref: ReleaseRef
    is_new: bool


@dataclass(frozen=True, slots=True)
class Held:
    """That a build is no release yet, and what a steward should see of it first."""

    findings: Sequence[Finding]


# Given how a build differs from the last release, on a connection that has just compared them: what holds it back.
Guard: TypeAlias = "Callable[[duckdb.DuckDBPyConnection, Pair], Sequence[Finding]]"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why and by whom a release is recorded, and what is asked before.

    `since` is the release that was current before the inputs of the build were looked at; `let_out` the manifests of
    what was taken back and is let out by it.
    """

    run: str
    reason: str
    since: ReleaseRef | None
    author: str = "nightly"
    guard: Guard = lambda *_: ()
    let_out: Sequence[str] = ()


def record(
    connection: duckdb.DuckDBPyConnection, name: str, made: Build, store: Store, occasion: Occasion
) -> Recorded | Held | None:
    """Make a build the current release unless it already is. Safe to repeat and to run twice at once.

    None when another release than `since` became current meanwhile, or the dataset was withdrawn: that run may have
    seen newer inputs, and whoever asks has to look again.
    """
    outcome: list[Recorded | Held | None] = [None]

    def decide(current: ReleaseRef | None) -> ReleaseRef | None:
        outcome.append(_outcome(connection, name, made, store, occasion, current))
        found = outcome[-1]
        return found.ref if isinstance(found, Recorded) and found.is_new else None

    entry = store.log.record(name, decide, occasion.run, occasion.reason, occasion.author, occasion.let_out)
    return None if name in entry.withdrawn else outcome[-1]


def _outcome(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    made: Build,
    store: Store,
    occasion: Occasion,
    current: ReleaseRef | None,
) -> Recorded | Held | None:
    """What becomes of a build, given the release that is current just now."""
    if current and Manifest.read(store, current.manifest).build.identity == made.identity:
        return Recorded(current, is_new=False)
    if current != occasion.since:
        return None
    found = released(connection, name, made, current, store, occasion.guard)
    return found if isinstance(found, Held) else Recorded(found, is_new=found != current)


def released(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    made: Build,
    current: ReleaseRef | None,
    store: Store,
    guard: Guard = lambda *_: (),
) -> ReleaseRef | Held:
    """Put a release's last files and its manifest into the store; nothing is current until the log says so."""
    before = Manifest.read(store, current.manifest) if current else None
    files: dict[str, Mapping[str, object]] = dict(made.files)
    difference = None
    if before and current and not before.is_taken:
        with store.workshop() as workshop:
            pair = _compared(connection, made, before, store, workshop)
            difference = pair.difference
            if difference.is_empty and _same_words(before.build, made):
                return current  # other bytes, same rows and words: a library changed, not the data
            if findings := guard(connection, pair):
                return Held(findings)
            files |= _changes(workshop / CHANGES, store)
    version = next_version(before.version, before.build.table_schema, made.table_schema) if before else FIRST
    for path, document in _descriptors(made, version, files).items():
        content = document_json(document)
        files[path] = {"sha256": store.put(content), "bytes": len(content)}
    manifest = Manifest(name, version, current.manifest if current else "", made, files, difference)
    return ReleaseRef(version, made.identity, store.put_json(manifest.as_dict()))


def _same_words(before: Build, made: Build) -> bool:
    return (before.contract, before.description_digest) == (made.contract, made.description_digest)


def _compared(
    connection: duckdb.DuckDBPyConnection, made: Build, before: Manifest, store: Store, workshop: Path
) -> Pair:
    """A build beside the release before; their difference is written into the workshop where they can be compared."""
    old, new = store.path(before.table), store.path(str(made.files[f"{before.name}.parquet"]["sha256"]))
    difference = compare(connection, old, new, key_of(made.table_schema), workshop / CHANGES)
    return Pair(old, new, before.build.table_schema, made.table_schema, before.build.count, difference)


def _changes(path: Path, store: Store) -> dict[str, Mapping[str, object]]:
    """The written difference as a file of the release, if there is one."""
    if not path.is_file():
        return {}
    size = path.stat().st_size
    return {CHANGES: {"sha256": store.put_file(path), "bytes": size}}


def _descriptors(made: Build, version: str, files: Mapping[str, Mapping[str, object]]) -> dict[str, Json]:
    """The descriptor beside the files, and the one for the stable address, which names the versioned files."""
    here = package(made.description, made.table_schema, version, files)
    stable = package(made.description, made.table_schema, version, files, folder=f"releases/{version}/")
    return {"datapackage.json": here, STABLE: stable}
