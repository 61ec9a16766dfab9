"""Make a backup. Nights go on meanwhile: what the log named when it was read is what the backup holds at least."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines import durable
from pipelines.backup.belongings import belongings, is_database, snapshot
from pipelines.backup.history import entry_path
from pipelines.backup.vault import Contents, Vault, objects_of
from pipelines.errors import ConfigurationError, StoreError
from pipelines.findings import Finding, Place
from pipelines.release.record import Manifest
from pipelines.settings import Settings
from pipelines.store import Entry, Store
from pipelines.store.burial import lists

KEPT = 30


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole backup: its number, the last entry of its log, what it holds, and what had to be copied."""

    number: int
    head: int
    held: int
    copied: int
    size: int


def backup(settings: Settings, target: Path, now: datetime, keep: int = KEPT) -> Saved:
    """Copy what `target` does not have yet, then forget all but the last `keep` backups there.

    Raises ConfigurationError when the target holds another history or lies in the home, StoreError when something
    that the log names is nowhere.
    """
    _require_apart(settings, target)
    vault = Vault(target)
    with vault.held(), Store(settings.store).in_use():  # so nothing is tidied away before it is copied
        contents, sizes = _copied(settings, vault)
        number = vault.finish(contents, now.isoformat(timespec="seconds"))
        vault.forget_all_but(keep)
    copied = [size for size in sizes if size]
    return Saved(number, len(contents.log), len(contents.hashes()), len(copied), sum(copied))


def _copied(settings: Settings, vault: Vault) -> tuple[Contents, list[int]]:
    """Log, then memos and the rest, then objects: each names only what was there before it."""
    store = Store(settings.store)
    entries = list(store.log.entries())
    vault.require_continued([entry.sha256 for entry in entries])
    sizes = [vault.keep(entry_path(store, entry.number), entry.sha256) for entry in entries]
    files = {}
    for name, path in belongings(settings):
        if kept := _keep_unless_gone(path, vault):
            files[name], size = kept
            sizes.append(size)
    for sha256, stone in store.stones():
        vault.store.bury(sha256, stone)  # in older backups too
    objects = {path.name: path for path in objects_of(store) if not store.is_buried(path.name)}
    sizes += [_keep_object(store, sha256, vault) for sha256 in objects]
    named = _named(vault, entries)
    log = [entry.sha256 for entry in entries]
    return Contents(log, sorted(objects.keys() | named), files), sizes


def _keep_object(store: Store, sha256: str, vault: Vault) -> int:
    """Keep an object, or its stone where it was taken down after the stones were looked at."""
    try:
        return vault.keep(store.address(sha256), sha256)
    except FileNotFoundError:
        if (stone := store.stone(sha256)) is None:
            raise
        vault.store.bury(sha256, stone)
        return 0


def _keep_unless_gone(path: Path, vault: Vault) -> tuple[str, int] | None:
    """Keep a file; None for one that went since it was listed, as what Dagster keeps of an old run does."""
    try:
        return _keep_file(path, vault)
    except (FileNotFoundError, sqlite3.OperationalError):
        if path.exists():
            raise
        return None


def _keep_file(path: Path, vault: Vault) -> tuple[str, int]:
    """Keep a file that may change while it is read: what was copied counts."""
    with vault.store.workshop() as workshop:
        copy = path
        if is_database(path):
            copy = workshop / "database"
            snapshot(path, copy)
        elif not vault.store.has(sha256 := durable.sha256_of(path)):
            copy = workshop / "file"
            durable.copy(path, copy)
        else:
            return sha256, 0
        sha256 = durable.sha256_of(copy)
        return sha256, vault.keep(copy, sha256)


def _named(vault: Vault, entries: Sequence[Entry]) -> set[str]:
    """Everything that a log names, all of it kept. Raises StoreError for what neither store nor vault has.

    What was taken down is not among it: it is nowhere, and must not be.
    """
    found: set[str] = set()
    for sha256 in {ref.manifest for entry in entries for ref in entry.current.values()}:
        found |= {sha256, *_of_release(Manifest.read(vault.store, sha256))}
    found |= lists(vault.store, entries)
    found = {sha256 for sha256 in found if not vault.store.is_buried(sha256)}
    if missing := sorted(sha256 for sha256 in found if not vault.store.has(sha256)):
        raise StoreError(Finding("store.object_missing", Place(file=missing[0]), "", count=len(missing)))
    return found


def _of_release(manifest: Manifest) -> set[str]:
    """The files of a release, and the deliveries that it came from."""
    files = {str(facts["sha256"]) for facts in (*manifest.files.values(), *manifest.build.files.values())}
    return files | manifest.build.delivered


def _require_apart(settings: Settings, target: Path) -> None:
    home, place = settings.home.resolve(), target.resolve()
    if place.is_relative_to(home) or home.is_relative_to(place):
        raise ConfigurationError(Finding("backup.target", Place(file=str(target)), str(home)))
