"""What single entries of the log did to datasets. An entry never changes, so each is read once for this."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipelines.errors import StoreError
from pipelines.findings import Finding, Place
from pipelines.store.entry import Entry, Withdrawal, decode


class Made(NamedTuple):
    """That a release of a dataset became current; `rollback` is the reason where it brought older content back."""

    name: str
    version: str
    manifest: str
    time: str
    rollback: str


class Departure(NamedTuple):
    """That a dataset was withdrawn, or with `is_return` offered again; `gone` has when and why."""

    name: str
    manifest: str
    gone: Withdrawal
    is_return: bool


class Moments(NamedTuple):
    """What one entry made current, and what it withdrew or offered again."""

    made: tuple[Made, ...] = ()
    departures: tuple[Departure, ...] = ()


@lru_cache(maxsize=1 << 17)
def moments_in(path: Path) -> Moments:
    """What one entry says."""
    entry = read_entry(path)
    if entry.makes_releases:
        return Moments(made=tuple(_made(entry, name) for name in entry.changed))
    if entry.kind in {"withdrawal", "return"}:
        return Moments(departures=tuple(departure(entry, name) for name in entry.changed))
    return Moments()


def _made(entry: Entry, name: str) -> Made:
    ref = entry.current[name]
    return Made(name, ref.version, ref.manifest, entry.time, entry.reason if entry.kind == "rollback" else "")


def departure(entry: Entry, name: str) -> Departure:
    """What an entry that withdraws a dataset, or offers it again, says of it."""
    is_return = entry.kind == "return"
    gone = Withdrawal(entry.time, entry.author, entry.reason) if is_return else entry.withdrawn[name]
    return Departure(name, entry.current[name].manifest, gone, is_return)


def read_entry(path: Path) -> Entry:
    """The entry in a file. Raises StoreError where there is none."""
    try:
        return decode(path.read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(Finding("store.log_broken", Place(file=str(path)), str(error))) from error
