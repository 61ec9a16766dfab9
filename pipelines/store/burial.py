"""Takedowns that the log names are carried out: every object on their list gets its stone and goes.

The log comes first, so that a process that dies in between leaves nothing undecided; whoever looks next ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.store.store import Store


def finish(store: Store) -> bool:
    """Bury what is not buried yet; whether there was anything to do. Costs two looks per hash."""
    left = list(_left(store))
    for sha256, stone in left:
        store.bury(sha256, stone)
    return bool(left)


def is_finished(store: Store) -> bool:
    """Whether every takedown of the log has been carried out in the store."""
    return next(_left(store), None) is None


def _left(store: Store) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, takedowns in store.log.head().taken.items():
        for takedown in takedowns:
            about = {"name": name, "time": takedown.time, "author": takedown.author, "reason": takedown.reason}
            stones = store.read_json(takedown.plan)["stones"]
            assert isinstance(stones, dict)
            for sha256, more in stones.items():
                if store.has(sha256) or not store.is_buried(sha256):
                    yield sha256, {**about, **more}
