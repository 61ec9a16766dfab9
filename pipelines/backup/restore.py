"""Put a backup back, the log first.

A night that starts on a half-restored home then finds that something is missing and stops, where one that found no log
would begin a new history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.backup.belongings import place
from pipelines.backup.history import entry_path, require_same
from pipelines.backup.vault import Contents, Vault
from pipelines.errors import StoreError
from pipelines.findings import Finding, Place
from pipelines.settings import Settings
from pipelines.store import Store


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back: its number, its time, its last entry of the log, how many files were written."""

    number: int
    time: str
    head: int
    written: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A backup that was read: its number, when it was made, its last entry of the log, how many files it holds."""

    number: int
    time: str
    head: int
    held: int


def restore(settings: Settings, source: Path, number: int | None = None) -> Restored:
    """Put a backup back, by default the newest; whole, or an error says what is missing.

    A home that goes on from the backup's history, or that the backup goes on from, keeps what it has, and gets what it
    lacks or what is damaged. Any other home is refused with ConfigurationError before it is touched.
    """
    vault = Vault(source)
    chosen = vault.chosen(number)
    contents = vault.contents(chosen)
    _require_all(vault, contents)
    require_same(Store(settings.store), contents.log)
    durable.make_folder(settings.home)
    with durable.held(settings.home):
        written = sum(_steps(settings, vault, contents))
    return Restored(chosen, vault.time(chosen), len(contents.log), written)


def rehearse(source: Path, number: int | None = None) -> Rehearsed:
    """Read a whole backup and compare each hash. Writes nothing. Raises StoreError."""
    vault = Vault(source)
    chosen = vault.chosen(number)
    contents = vault.contents(chosen)
    _require_all(vault, contents)
    for sha256 in _held(vault, contents):
        if durable.sha256_of(vault.store.address(sha256)) != sha256:
            raise _damaged(vault, sha256)
    return Rehearsed(chosen, vault.time(chosen), len(contents.log), len(contents.hashes()))


def _require_all(vault: Vault, contents: Contents) -> None:
    """Raise StoreError where a backup lacks something, before anything is touched."""
    for sha256 in _held(vault, contents):
        if not vault.store.has(sha256):
            raise _damaged(vault, sha256)


def _held(vault: Vault, contents: Contents) -> list[str]:
    """What a backup still holds: what was taken down since is gone from it too."""
    return sorted(sha256 for sha256 in contents.hashes() if not vault.store.is_buried(sha256))


def _damaged(vault: Vault, sha256: str) -> StoreError:
    return StoreError(Finding("backup.damaged", Place(file=str(vault.store.address(sha256))), sha256))


def _steps(settings: Settings, vault: Vault, contents: Contents) -> Iterator[bool]:
    """Each file that is put back, True where it had to be written: log, memos and the rest, objects.

    What was taken down since comes before all: it is not put back, and taken away where it is.
    The log's last entry comes first: until the first one is there too, the log counts as broken, and no night begins.
    Objects come last: what a night makes is made of them, and by memos that say what was made of them before.
    """
    store = Store(settings.store)
    aside = store.root / "workshop"
    for sha256, stone in vault.store.stones():
        yield not store.is_buried(sha256)
        store.bury(sha256, stone)
    for number, sha256 in reversed(list(enumerate(contents.log, 1))):
        yield _put(vault, sha256, entry_path(store, number), aside, heals=True)
    for path, sha256 in contents.files.items():
        root, target = place(settings, path)
        yield _put(vault, sha256, target, root / "workshop", heals=False)
    for sha256 in (one for one in contents.objects if not store.is_buried(one)):
        yield _put(vault, sha256, store.address(sha256), aside, heals=True)
    for _ in store.log.entries():  # raises where its chain is broken
        pass


def _put(vault: Vault, sha256: str, target: Path, aside: Path, *, heals: bool) -> bool:
    """Copy a file to its place. What stands there stays, unless its name says what it should be and it is damaged."""
    if target.is_file() and not (heals and durable.sha256_of(target) != sha256):
        return False
    durable.make_folder(target.parent)
    with durable.workshop(aside) as workshop:
        if durable.copy(vault.store.address(sha256), workshop / "copy") != sha256:
            raise _damaged(vault, sha256)
        durable.replace(workshop / "copy", target)
    return True
