"""Takedowns that the log names are carried out: every object on their list gets its stone and goes.

The log comes first, so that a process that dies in between leaves nothing undecided; whoever looks next ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pipelines.store.entry import Entry, Takedown
from pipelines.store.store import Store

_LONG_AGO: Final = timedelta(days=365)


def finish(store: Store) -> bool:
    """Bury what is not buried yet; whether there was anything to do. Costs two looks per hash."""
    left = list(_left(store))
    for sha256, stone in left:
        store.bury(sha256, stone)
    return bool(left)


def is_finished(store: Store) -> bool:
    """Whether every takedown of the log has been carried out in the store."""
    return next(_left(store), None) is None


def lists(store: Store, entries: Iterable[Entry]) -> set[str]:
    """The lists of every takedown that some entries name, but for those that are gone and no longer needed."""
    taken = (takedown for entry in entries for all_ in entry.taken.values() for takedown in all_)
    return {takedown.plan for takedown in taken if not _is_long_over(store, takedown)}


def _is_long_over(store: Store, takedown: Takedown) -> bool:
    """Whether the list is gone, and was carried out before: once, lists were tidied away when they were old.

    Every night carries out what is left. So after a year all is, where the releases have their stones.
    """
    age = datetime.now(UTC) - datetime.fromisoformat(takedown.time)
    targets = takedown.releases[: len(takedown.versions)]
    return not store.has(takedown.plan) and age > _LONG_AGO and all(map(store.is_buried, targets))


def _left(store: Store) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, takedowns in store.log.head().taken.items():
        for takedown in takedowns:
            if _is_long_over(store, takedown):
                continue
            about = {"name": name, "time": takedown.time, "author": takedown.author, "reason": takedown.reason}
            stones = store.read_json(takedown.plan)["stones"]
            assert isinstance(stones, dict)
            for sha256, more in stones.items():
                if store.has(sha256) or not store.is_buried(sha256):
                    yield sha256, {**about, **more}
