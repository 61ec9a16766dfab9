"""The cell behind a row of another release, by which a derived row is known: `dataset@version#row`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast

from pipelines.release.record import Manifest
from pipelines.steward.cells import Places, places_of
from pipelines.steward.links import Spot
from pipelines.store import Store


def spots_of(store: Store, refs: Iterable[str]) -> dict[str, Spot]:
    """Of each row the cell of its first value that is no key; none where it was derived itself, or taken down."""
    rows: defaultdict[str, defaultdict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for ref in refs:
        name, _, rest = ref.partition("@")
        version, _, number = rest.partition("#")
        rows[name][version][int(number)] = ref
    found = ((release, rows[name][release.version]) for name in rows for release in _releases(store, name, rows[name]))
    return {ref: spot for release, wanted in found for ref, spot in _spots(store, release, wanted)}


def _releases(store: Store, name: str, versions: Iterable[str]) -> Iterable[Manifest]:
    known = store.log.versions(name)
    return [Manifest.read(store, known[version]) for version in versions if version in known]


def _spots(store: Store, release: Manifest, wanted: Mapping[int, str]) -> Iterable[tuple[str, Spot]]:
    if release.is_taken:
        return
    for number, places in places_of(store, release.build, wanted).items():
        if spot := _figure(release, places):
            yield wanted[number], spot


def _figure(release: Manifest, places: Places) -> Spot | None:
    """The cell of the first field outside the key; of a row that is all key, its last cell."""
    key = cast("list[str]", release.build.table_schema["primaryKey"])
    figures = [spot for name, spot in places.cells.items() if name not in key]
    return next(iter(figures or list(places.cells.values())[::-1]), None)
