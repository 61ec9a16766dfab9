"""One dataset from its source to a build: receive → read → load → check → build.

Plain functions without Dagster. What is wrong with the data comes back as findings; what makes the delivery
unreadable is raised as DeliveryRefused by the step that meets it and becomes a finding here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from pipelines import intake
from pipelines.contract.check import check
from pipelines.contract.derived import Input, derive
from pipelines.contract.load import Loaded, load
from pipelines.contract.suite import warm_up
from pipelines.contract.typed import Typed
from pipelines.datasets import Dataset
from pipelines.errors import ConfigurationError, DeliveryRefused, TakenDown
from pipelines.findings import Finding, Place
from pipelines.intake import Delivery
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import build_of, input_key
from pipelines.reading.read import (
    Delivered,
    Part,
    Raw,
    corrected,
    explain_bulk_failure,
    read,
    require_typed_texts,
    reshaped,
)
from pipelines.release.build import Build, Checked, build
from pipelines.store import Entry
from pipelines.store.store import document_json

MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class Made:
    """What a dataset's inputs came to: a build, or the findings that hold it back."""

    key: str
    build: Build | None
    findings: Sequence[Finding] = ()
    checks: Sequence[dict[str, object]] = ()
    delivery: Delivery | None = None


@dataclass(slots=True)
class _Desk:
    """Where one dataset is worked on: its own DuckDB in memory and a private folder."""

    pipeline: Pipeline
    dataset: Dataset
    connection: duckdb.DuckDBPyConnection
    workshop: Path
    place: Place
    parts: Sequence[Part] = field(default_factory=tuple)


def make(pipeline: Pipeline, dataset: Dataset, archived: Delivery | None = None) -> Made:
    """Bring one dataset's table up to date, or remember why not. Raises SourceUnavailable, StoreError, TakenDown.

    `archived`: a delivery that was received before, in place of what the source holds now.
    """
    delivery = archived or _receive(pipeline, dataset)
    head = pipeline.store.log.head()
    key = input_key(pipeline, dataset, delivery.sha256 if delivery else "", head)
    if (known := pipeline.store.memo(key)) is not None:
        return remembered(pipeline, key, known, delivery)
    if missing := [name for name in dataset.upstream if name not in head.current]:
        place = Place(dataset=dataset.name)
        return Made(key, None, [Finding("input.missing", place, "、".join(missing), {"inputs": ", ".join(missing)})])
    made = _work(pipeline, dataset, delivery, head, key)
    _remember(pipeline, made)
    return made


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a night would make of a file: findings, and the typed table where there is one to look at."""

    findings: Sequence[Finding]
    connection: duckdb.DuckDBPyConnection
    workshop: Path
    typed: Typed | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the night would publish it."""
        return not any(finding.severity == "error" for finding in self.findings)


@contextmanager
def rehearse(pipeline: Pipeline, dataset: Dataset, delivered: Delivered) -> Iterator[Rehearsed]:
    """Read, load and check a file as the night would; nothing is archived, recorded or remembered."""
    place = Place(dataset=dataset.name, file=delivered.file)
    head = pipeline.store.log.head()
    with tempfile.TemporaryDirectory(prefix="opendata-check-") as folder, connect(Path(folder)) as connection:
        desk = _Desk(pipeline, dataset, connection, Path(folder), place)
        if missing := [name for name in dataset.upstream if name not in head.current]:
            found = Finding("input.missing", place, "、".join(missing), {"inputs": ", ".join(missing)})
            yield Rehearsed([found], connection, desk.workshop)
            return
        warm_up()
        try:
            loaded = _load(desk, delivered, head)
        except (DeliveryRefused, ConfigurationError) as refusal:
            yield Rehearsed([refusal.finding], connection, desk.workshop)
            return
        verdict = check(connection, loaded.typed, dataset, _references(desk, head), desk.parts, place)
        yield Rehearsed([*loaded.findings, *verdict.findings], connection, desk.workshop, loaded.typed)


def connect(workshop: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own: in memory, spilling into a private folder, the same order on every run."""
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute(f"SET temp_directory = '{workshop / 'spill'}'")
    connection.execute("SET preserve_insertion_order = true")
    return connection


def _receive(pipeline: Pipeline, dataset: Dataset) -> Delivery | None:
    if dataset.source.kind == "derived":
        return None
    if intake.is_long(dataset, pipeline.repository.deliveries):
        warm_up()  # while the delivery is copied
    delivery = intake.fetch(dataset, pipeline.repository.deliveries, pipeline.store)
    intake.note(pipeline.store, dataset.name, delivery, _of_another(pipeline, dataset.name, delivery))
    return delivery


def _of_another(pipeline: Pipeline, name: str, delivery: Delivery) -> str:
    """The manifest of the current release if it was made of another delivery, else empty."""
    ref = pipeline.store.log.head().current.get(name)
    if ref is None or delivery.sha256 in manifest(pipeline.store, ref).build.delivered:
        return ""
    return ref.manifest


def _work(pipeline: Pipeline, dataset: Dataset, delivery: Delivery | None, head: Entry, key: str) -> Made:
    warm_up().join()  # beside DuckDB it would take twice as long: DuckDB asks Python for leave all the time
    place = intake.place_of(dataset) if delivery else Place(dataset=dataset.name)
    with pipeline.store.workshop() as workshop, connect(workshop) as connection:
        desk = _Desk(pipeline, dataset, connection, workshop, place)
        try:
            loaded = _load(desk, _delivered(pipeline, delivery), head)
        except (DeliveryRefused, ConfigurationError) as refusal:
            return Made(key, None, [refusal.finding], delivery=delivery)
        verdict = check(connection, loaded.typed, dataset, _references(desk, head), desk.parts, place)
        findings = [*loaded.findings, *verdict.findings]
        if any(finding.severity == "error" for finding in findings):
            return Made(key, None, findings, verdict.verdicts, delivery)
        try:
            made = _build(desk, loaded, findings, verdict.verdicts)
        except TakenDown as refusal:  # another delivery of the very rows
            return Made(key, None, [refusal.finding], verdict.verdicts, delivery)
        return Made(key, made, findings, verdict.verdicts, delivery)


def _delivered(pipeline: Pipeline, delivery: Delivery | None) -> Delivered | None:
    return Delivered(pipeline.store.path(delivery.sha256), delivery.file, delivery.sha256) if delivery else None


def _load(desk: _Desk, delivered: Delivered | None, head: Entry) -> Loaded:
    if delivered is None:
        return derive(desk.connection, desk.dataset, _inputs(desk, head), desk.place, desk.workshop)
    try:
        raw = _read(desk, delivered)
        desk.parts = raw.parts
        return load(desk.connection, raw, desk.dataset, desk.place, desk.workshop)
    except duckdb.InvalidInputException as error:
        raise explain_bulk_failure(desk.dataset.source, delivered, desk.place, error) from error


def _read(desk: _Desk, delivered: Delivered) -> Raw:
    source = desk.dataset.source
    raw = read(desk.connection, source, delivered, desk.place, desk.workshop)
    strings = [field.name for field in desk.dataset.schema.fields if field.type == "string"]
    require_typed_texts(raw, strings, source.columns, desk.place)
    raw = corrected(desk.connection, raw, source, desk.place)
    return reshaped(desk.connection, raw, source, desk.place)


def _inputs(desk: _Desk, head: Entry) -> dict[str, Input]:
    store = desk.pipeline.store
    refs = {name: head.current[name] for name in desk.dataset.source.inputs}
    return {name: Input(store.path(manifest(store, ref).table), ref.version) for name, ref in refs.items()}


def _references(desk: _Desk, head: Entry) -> dict[str, Path]:
    """The published tables that foreign keys refer to; of the dataset itself the one that is being made counts."""
    store = desk.pipeline.store
    return {name: store.path(manifest(store, head.current[name]).table) for name in desk.dataset.references}


def _build(desk: _Desk, loaded: Loaded, findings: Sequence[Finding], verdicts: Sequence[dict[str, object]]) -> Build:
    corrections = [c.model_dump(mode="json") for c in desk.dataset.source.corrections]
    checked = Checked(loaded.typed, desk.parts, corrections, [f.as_dict() for f in findings], verdicts)
    repository = desk.pipeline.repository
    return build(desk.connection, checked, desk.dataset, repository, desk.pipeline.store, desk.workshop)


def _remember(pipeline: Pipeline, made: Made) -> None:
    """Keep what these inputs came to; the objects first, then the memo that names them."""
    store = pipeline.store
    if made.build is not None:
        # Keys in their own order: a release that is recorded after a kill comes from here, with the same bytes.
        sha256 = store.put(document_json(made.build.as_dict()))
        store.remember(made.key, {"outcome": "valid", "identity": made.build.identity, "build": sha256})
    else:
        found = {"findings": [f.as_dict() for f in made.findings], "checks": list(made.checks)}
        memo: dict[str, object] = {"outcome": "held", "findings": store.put_json(found)}
        store.remember(made.key, memo | ({"delivery": asdict(made.delivery)} if made.delivery else {}))


def remembered(pipeline: Pipeline, key: str, memo: dict[str, object], delivery: Delivery | None) -> Made:
    """What the store remembers of a run on the same inputs."""
    if memo["outcome"] == "valid":
        build_ = build_of(pipeline.store, memo)
        return Made(key, build_, [Finding.from_dict(w) for w in build_.warnings], build_.checks, delivery)
    found = pipeline.store.read_json(str(memo["findings"]))
    findings, checks = found["findings"], found["checks"]
    assert isinstance(findings, list)
    assert isinstance(checks, list)
    if delivery is None and isinstance(told := memo.get("delivery"), dict):
        delivery = Delivery(**told)
    return Made(key, None, [Finding.from_dict(f) for f in findings], checks, delivery)
