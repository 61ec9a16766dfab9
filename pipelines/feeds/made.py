"""The producer of feeds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import DatasetTurn, IndexTurn, Item, Producer, rooms_version
from pipelines.datasets import City
from pipelines.durable import sha256_of
from pipelines.feeds.atom import Removed, Told, feed, identity_of
from pipelines.feeds.history import Published, head, lines, published
from pipelines.feeds.plain import plain_index
from pipelines.release.descriptor import Json
from pipelines.settings import REPOSITORY
from pipelines.store.moments import departure
from pipelines.store.store import digest_of, document_json

FORMAT = "1"
NEWEST = 200
SCHEMA = REPOSITORY / "docs" / "json-schema" / "catalogue-1.json"


@dataclass(frozen=True, slots=True)
class _Feeds:
    """Feeds of one city's catalogue. `base` is its public address, or empty; `announced` what schemas announce."""

    base: str
    city: City
    announced: Mapping[str, Json]

    def version(self) -> str:
        """Changes with code, address, and announcements."""
        return digest_of([rooms_version(("feeds",)), sha256_of(SCHEMA), self.base, *self._said(), dict(self.announced)])

    def _said(self) -> list[Json | None]:
        return [one.model_dump() if one else None for one in (self.city.title, self.city.notice)]

    def of_dataset(self, turn: DatasetTurn) -> dict[str, Item]:
        """The feed of one dataset, also of one that is withdrawn."""
        about, name = turn.release.manifest.build.description, turn.release.manifest.name
        title = f"{about['title@ja']} / {about['title@en']}"
        here = f"{self.base}{name}/feed.atom" if self.base else "feed.atom"
        content = feed(
            title, f"urn:uuid:{about['id']}", here, _told(turn.release), self.base or "../", self.city.title.ja
        )
        return {"feed.atom": content}

    def of_index(self, turn: IndexTurn) -> dict[str, Item]:
        """The change feed, the feed of the whole catalogue and the plain index."""
        told = list(published(turn.releases, turn.withdrawn))
        found = lines(told)
        return {
            "changes.jsonl": b"".join(line + b"\n" for line in found),
            "changes.json": document_json(self._newest(found)),
            "feed.atom": self._feed(told),
            "llms.txt": plain_index(turn.releases, self.city),
            "catalogue-1.schema.json": SCHEMA.read_bytes(),
        }

    def _newest(self, found: list[bytes]) -> Json:
        newest = found[-NEWEST:]
        return {
            "format": FORMAT,
            "head": head(found),
            "all": "changes.jsonl",
            "since": json.loads(newest[0])["number"] if newest else 0,
            "announcements": [{"name": name, **announced} for name, announced in sorted(self.announced.items())],
            "changes": [json.loads(line) for line in newest],
        }

    def _feed(self, told: list[Published]) -> bytes:
        title = f"{self.city.title.ja} オープンデータ / {self.city.title.en} open data"
        entries = [_entry(one) for one in told]
        identity = identity_of(self.city.local_government_code)
        return feed(title, identity, f"{self.base}feed.atom", entries, self.base, self.city.title.ja)


def _entry(one: Published) -> Told:
    kind, reason = one.entry.kind, one.entry.reason
    if one.is_departure:
        return Told(one.release, one.entry.time, departure=departure(one.entry, one.release.manifest.name))
    if not one.is_takedown:
        return Told(one.release, one.entry.time, reason if kind == "rollback" else "")
    takedown = one.entry.taken[one.release.manifest.name][-1]
    return Told(one.release, one.entry.time, takedown=Removed(takedown.versions, reason))


def _told(release: Wanted) -> list[Told]:
    log, name = release.store.log, release.manifest.name
    moments, rollbacks = log.moments(name), log.rollbacks(name)
    found: list[Told] = []
    one: Wanted | None = release
    while one:
        found.append(Told(one, moments.get(one.ref.manifest, ""), rollbacks.get(one.ref.manifest, "")))
        one = one.before
    return [*reversed(found), *_takedowns(release), *_departures(release)]


def _takedowns(release: Wanted) -> list[Told]:
    taken = release.store.log.head().taken.get(release.manifest.name, ())
    return [Told(release, one.time, takedown=Removed(one.versions, one.reason)) for one in taken]


def _departures(release: Wanted) -> list[Told]:
    found = release.store.log.departures(release.manifest.name)
    return [Told(release.other(one.manifest), one.gone.time, departure=one) for one in found]


def feeds(base: str, city: City, announced: Mapping[str, Json]) -> Producer:
    """The producer of feeds for one catalogue."""
    made = _Feeds(base, city, announced)
    return Producer("feeds", made.version, made.of_dataset, made.of_index, of_tombstone=made.of_dataset)
