"""What every step works with: the descriptors, the store, the catalogues; and what should be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import SecretStr

from pipelines.catalogue import Catalogue, FolderCatalogue, Wanted
from pipelines.datasets import Repository, load_repository
from pipelines.public import producers, said_of_all
from pipelines.release.record import CHANGES, Manifest
from pipelines.settings import Settings
from pipelines.store import Entry, ReleaseRef, Store, Withdrawal

if TYPE_CHECKING:
    from pipelines.catalogue.ckan import Patience


@dataclass(frozen=True)
class Pipeline:
    """What a night works with."""

    repository: Repository
    store: Store
    catalogues: Sequence[Catalogue]

    @classmethod
    def open(cls, settings: Settings | None = None) -> Pipeline:
        """The pipeline of a folder. Raises ConfigurationError when its descriptors can't be used."""
        settings = settings or Settings()
        repository = load_repository(settings.root)
        return cls(repository, Store(settings.store), catalogues(settings, repository))

    def wanted(self, entry: Entry | None = None) -> dict[str, Wanted]:
        """What catalogues should show: every release that is current in the log."""
        entry = entry or self.store.log.head()
        return {name: self._wanted(entry, name, ref) for name, ref in entry.current.items()}

    def _wanted(self, entry: Entry, name: str, ref: ReleaseRef) -> Wanted:
        """A release, or a tombstone where it was withdrawn or taken down.

        The store's stones count for the latter, not the log: they are still there where an older log was restored.
        """
        shown = manifest(self.store, ref)
        touched = tuple(release for takedown in entry.taken.get(name, ()) for release in takedown.releases)
        gone = entry.withdrawn.get(name)
        if gone is None and shown.is_taken and (stone := self.store.stone(str(shown.gone[f"{name}.csv"]["sha256"]))):
            gone = Withdrawal(str(stone["time"]), str(stone["author"]), str(stone["reason"]))
        return Wanted(ref, shown, self.store, gone, touched)


def catalogues(settings: Settings, repository: Repository) -> list[Catalogue]:
    """The folder, and the CKAN that the environment names."""
    found: list[Catalogue] = [
        FolderCatalogue(settings.catalogue, producers(settings, repository), said_of_all(repository.city))
    ]
    if settings.ckan_url and settings.ckan_api_token:
        found.append(_ckan(settings.ckan_url, settings.ckan_api_token, settings.ckan_requests_per_second))
    return found


def _ckan(address: str, token: SecretStr, per_second: float) -> Catalogue:
    from pipelines.catalogue.ckan import CkanCatalogue

    return CkanCatalogue(address, token, per_second, _patience(address))


@lru_cache(maxsize=8)
def _patience(address: str) -> Patience:  # noqa: ARG001 (one for each address)
    """One for all steps of a process: what one learns of a CKAN that hangs, the next need not learn."""
    from pipelines.catalogue.ckan import Patience

    return Patience()


def manifest(store: Store, ref: ReleaseRef) -> Manifest:
    """The manifest of a release; read once, since it never changes, and again when something of it was taken down."""
    found = _manifest(store, ref.manifest)
    quoting = (str(found.files[path]["sha256"]) for path in (f"{found.name}.csv", CHANGES) if path in found.files)
    if not any(map(store.is_buried, quoting)):
        return found
    _manifest.cache_clear()
    return _manifest(store, ref.manifest)


@lru_cache(maxsize=1024)
def _manifest(store: Store, sha256: str) -> Manifest:
    return Manifest.read(store, sha256)
