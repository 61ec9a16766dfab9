"""The interface that every catalogue has: a folder of static files, CKAN, and what comes.

A catalogue keeps no journal. Whoever publishes looks at what is there, compares it with what should be
there, and takes the least steps between the two; after a kill the next run looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pipelines.release.record import Manifest
from pipelines.store import ReleaseRef, Store, Withdrawal


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release that a catalogue should show, and where its bytes are; or, of a withdrawn dataset, its tombstone.

    `touched` has the hashes of the manifests of releases of the dataset that lost files by a takedown.
    """

    ref: ReleaseRef
    manifest: Manifest
    store: Store
    withdrawn: Withdrawal | None = None
    touched: Sequence[str] = ()

    def path(self, file: str) -> Path:
        """The local path of one of its files."""
        return self.store.path(self.manifest.file(file))

    @property
    def before(self) -> Wanted | None:
        """The release before it; None for the first."""
        return self.other(self.manifest.parent) if self.manifest.parent else None

    def other(self, sha256: str) -> Wanted:
        """The release of another manifest."""
        manifest = Manifest.read(self.store, sha256)
        return Wanted(ReleaseRef(manifest.version, manifest.build.identity, sha256), manifest, self.store)


@dataclass(frozen=True, slots=True)
class Action:
    """One step towards what should be there. `reason` is a code: absent, outdated, damaged or index."""

    name: str
    reason: Literal["absent", "outdated", "damaged", "index"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One field in which a catalogue shows something else than the log says. `shown` and `wanted` are texts."""

    name: str
    field: str
    shown: str
    wanted: str


class Catalogue(Protocol):
    """A place that readers see."""

    title: str

    def differences(self, wanted: Mapping[str, Wanted]) -> Sequence[Action]:
        """Look, and say which datasets are not as they should be. Changes nothing."""
        ...

    def drift(self, wanted: Mapping[str, Wanted]) -> Sequence[Drift]:
        """Compare all that is shown, byte by byte and row by row, with what is wanted. Changes nothing."""
        ...

    def access(self, wanted: Mapping[str, Wanted]) -> None:
        """Ask whether we may publish all that is wanted; changes nothing. Raises CatalogueError where we may not."""
        ...

    def publish(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> Sequence[Action]:
        """Bring the named datasets, and the index of all, to what is wanted; each in one step for a reader.

        `look` says what is wanted; it is asked once no other publisher can be in between, so that a slow
        one never puts an older state back.
        Returns what was done. Raises CatalogueError when the catalogue can't be read or written.
        """
        ...

    def mend(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> Sequence[Action]:
        """Publish what `drift` named: bytes and rows are compared too, also where `differences` never looks."""
        ...
