"""Take releases down: their bytes must not be public, as with personal data.

Everything that holds them goes from store and catalogues: the files of the releases and their other forms, the archived
deliveries that they were read from, what was built of these and never released, and of the release after one that goes
the files that quote it (`changes.csv`, the zip). What stays at the addresses says when and why. Hashes stay, so that
the chain of releases can still be verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.catalogue.forms import Forms
from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.tombstone import STONE_FILE
from pipelines.errors import UnknownName
from pipelines.findings import Finding, Place
from pipelines.formats.made import every_list
from pipelines.night import show_all
from pipelines.pipeline import Pipeline
from pipelines.public import producers
from pipelines.release.record import CHANGES, Manifest
from pipelines.settings import Settings
from pipelines.steward.elsewhere import REFS, Elsewhere, delivered, elsewhere, releases
from pipelines.store import Store, Takedown
from pipelines.store.burial import finish

_KEPT = {"release.json", STONE_FILE}  # the record: hashes only, and a link of the chain; what says why files are gone


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What a takedown came to: the versions that went, and where else to look."""

    name: str
    versions: Sequence[str]
    elsewhere: Sequence[Elsewhere]


def take_down(settings: Settings, name: str, version: str | None, author: str, reason: str) -> TakenDown:
    """Take down a release, or a whole dataset with all its releases, which is then withdrawn as well.

    Releases with the very same rows go with it. Safe to repeat, also after a kill at any instant. Raises UnknownName.
    """
    found = None
    while found is None:
        found = _told(settings, name, version, author, reason)
    store = Store(settings.store)
    finish(store)
    show_all(Pipeline.open(settings), list(store.log.head().current))  # as it is now: nothing read before counts
    return found


def _told(settings: Settings, name: str, version: str | None, author: str, reason: str) -> TakenDown | None:
    """Plan a takedown and tell the log; None when another release came meanwhile, of which the plan knows nothing."""
    pipeline = Pipeline.open(settings)
    store, since = pipeline.store, pipeline.store.log.head().current.get(name)
    targets = _targets(store, name, version, pipeline)
    found = TakenDown(name, [one.ref.version for one in targets], list(elsewhere(store, targets)))
    if all(one.manifest.is_taken for one in targets) and (version is not None or name in store.log.head().withdrawn):
        return found
    plan = _Plan(pipeline, Forms(producers(settings, pipeline.repository)), targets)
    told = store.log.take_down(name, plan.takedown(author, reason), since, whole=version is None)
    return found if told else None


def _targets(store: Store, name: str, version: str | None, pipeline: Pipeline) -> list[Wanted]:
    """The releases to take down: those asked for, and those with the very same rows, whose bytes are the same."""
    every = releases(store, name)
    asked = [one for one in every if version in {None, one.ref.version}]
    if not asked:
        pipeline.repository[name]
        known = "、".join(one.ref.version for one in every) or "—"
        raise UnknownName(Finding("name.release", Place(dataset=name), version or "", {"known": known}))
    rows = {one.manifest.build.rows for one in asked}
    return [one for one in every if one.manifest.build.rows in rows]


class _Plan:
    """Everything that a takedown buries."""

    def __init__(self, pipeline: Pipeline, forms: Forms, targets: Sequence[Wanted]) -> None:
        self._store, self._forms, self._targets = pipeline.store, forms, targets
        self._name = targets[0].manifest.name
        self._gone = {one.ref.manifest for one in targets}
        self._rows = {one.manifest.build.rows for one in targets}
        self._deliveries = delivered(targets)
        self._listed: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for found in every_list(pipeline.store):
            self._listed.setdefault((found.name, found.version), []).extend(found.files.items())

    def takedown(self, author: str, reason: str) -> Takedown:
        """The entry of the log, and the list that it names; the list is in the store from now on."""
        quoting = list(self._quoting())
        stones = self._stones(quoting)
        touched = [one.ref.manifest for one in [*self._targets, *quoting]]
        versions = tuple(one.ref.version for one in self._targets)
        return Takedown("", author, reason, versions, tuple(touched), self._store.put_json({"stones": stones}))

    def _quoting(self) -> Iterator[Wanted]:
        """The releases that stay and quote one that goes: each that follows one."""
        for before, after in pairwise(releases(self._store, self._name)):
            if before.ref.manifest in self._gone and after.ref.manifest not in self._gone:
                yield after

    def _stones(self, quoting: Sequence[Wanted]) -> dict[str, dict[str, object]]:
        """Every hash to bury, with what its stone adds: the version, and of a manifest what is read instead."""
        found: dict[str, dict[str, object]] = {}
        for one in self._targets:
            version: dict[str, object] = {"version": one.ref.version}
            kept = _KEPT | _of_shape_only(self._store, one.manifest.build.deliveries, one.manifest.released)
            hashes = [sha256 for path, sha256 in self._files(one) if path not in kept]
            found |= dict.fromkeys([*hashes, *sorted(one.manifest.build.delivered)], version)
            found[one.ref.manifest] = {**version, "instead": _without_words(one.manifest)}
        for one in quoting:
            found |= {sha256: {"version": one.ref.version} for sha256 in self._quotes(one)}
        found |= {sha256: {"version": ""} for sha256 in self._built()}
        needed = self._needed(quoting)
        return {sha256: stone for sha256, stone in found.items() if sha256 not in needed}

    def _quotes(self, one: Wanted) -> list[str]:
        return [sha256 for path, sha256 in self._files(one) if path in {CHANGES, f"{self._name}.zip"}]

    def _files(self, one: Wanted) -> list[tuple[str, str]]:
        """Path and hash of all that a release was released with and, in every edition, of its other forms."""
        forms = {} if one.manifest.is_taken else self._forms.known(one) or {}  # what says that it was taken stays
        files = {**one.manifest.released, **forms}
        listed = self._listed.get((one.manifest.name, one.ref.version), [])
        return [*((path, str(facts["sha256"])) for path, facts in files.items()), *listed]

    def _built(self) -> Iterator[str]:
        """What was built of the same deliveries or has the same rows, and was never released; and what tells of it."""
        for memo in self._store.memos():
            sha256 = str(memo.get("build", ""))
            if not sha256 or not self._store.has(sha256):
                continue
            build = self._store.read_json(sha256)
            deliveries, files = build["deliveries"], build["files"]
            assert isinstance(deliveries, list)
            assert isinstance(files, dict)
            if build["rows"] in self._rows or {one["sha256"] for one in deliveries} & self._deliveries:
                kept = _of_shape_only(self._store, deliveries, files)
                yield from [sha256, *(str(facts["sha256"]) for path, facts in files.items() if path not in kept)]

    def _needed(self, quoting: Sequence[Wanted]) -> set[str]:
        """Hashes of files of releases that stay: nothing of theirs goes but what quotes a release that goes."""
        head = self._store.log.head()
        stay = [
            one for name in head.current for one in releases(self._store, name) if one.ref.manifest not in self._gone
        ]
        quoted = {sha256 for one in quoting for sha256 in self._quotes(one)}
        present = (one for one in stay if not one.manifest.is_taken)
        return {sha256 for one in present for _, sha256 in self._files(one)} - quoted - self._rows


def _of_shape_only(store: Store, deliveries: Sequence[object], files: Mapping[str, Mapping[str, object]]) -> set[str]:
    """The files that quote nothing of the rows, and which a mended delivery of the same shape has the very same.

    Of a table that was read those are the addresses of its cells; of a derived one, how it is computed. Addresses of a
    derived one are keys of other rows.
    """
    if deliveries:
        return {REFS}
    origin = str(files["provenance.json"]["sha256"]) if "provenance.json" in files else ""
    return {"provenance.json"} if store.has(origin) and not store.read_json(origin)["corrections"] else set()


def _without_words(manifest: Manifest) -> dict[str, object]:
    """A manifest without what findings quote from cells."""
    return replace(manifest, build=replace(manifest.build, warnings=[])).as_dict()
