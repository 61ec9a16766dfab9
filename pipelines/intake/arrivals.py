"""When deliveries came: noted once for each time, so that a person can name one by its day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipelines.days import TOKYO
from pipelines.intake.fetch import Delivery
from pipelines.store import Store
from pipelines.store.store import digest_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery, and when it was received, for the first time or again after another one."""

    delivery: Delivery
    moment: datetime

    @property
    def day(self) -> date:
        """The city's day."""
        return self.moment.astimezone(TOKYO).date()


def note(store: Store, name: str, delivery: Delivery, since: str) -> None:
    """Note that a dataset's delivery is there now; one that came before keeps its moment.

    `since`: the manifest of the current release if another delivery made it, else empty. What came before that one, and
    comes again, is noted once more.
    """
    key = _key(name, delivery.sha256)
    if since and store.memo(key) is not None and arrivals(store, name)[-1].delivery.sha256 != delivery.sha256:
        key = _key(name, delivery.sha256, since)
    moment = datetime.now(UTC).isoformat(timespec="microseconds")  # two may come within a second
    store.remember(key, {"arrived": moment, "dataset": name, "delivery": delivery.sha256, "file": delivery.file})


def arrival_of(store: Store, name: str, sha256: str) -> Arrival | None:
    """When a delivery of a dataset came first; None for one from before this was noted."""
    memo = store.memo(_key(name, sha256))
    return _arrival(memo) if memo else None


def arrivals(store: Store, name: str) -> list[Arrival]:
    """Every noted arrival of a dataset's deliveries whose bytes are still there, in their order."""
    found = [_arrival(memo) for memo in store.memos() if "arrived" in memo and memo["dataset"] == name]
    return sorted((one for one in found if store.has(one.delivery.sha256)), key=lambda one: one.moment)


def _arrival(memo: Mapping[str, object]) -> Arrival:
    return Arrival(Delivery(str(memo["delivery"]), str(memo["file"])), datetime.fromisoformat(str(memo["arrived"])))


def _key(name: str, *about: str) -> str:
    return digest_of(["arrival", name, *about])
