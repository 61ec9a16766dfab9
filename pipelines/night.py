"""A night: look, plan, and run what the plan names. Dagster and the shell call the same functions.

For each dataset: make → record → show. What each step made is in the store before the next one begins, so a run
that was killed at any instruction is taken up by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import duckdb

from pipelines import held
from pipelines.backfill import delivered_on
from pipelines.datasets import Dataset
from pipelines.errors import ExitCode, OpenDataError, SourceUnavailable, TakenDown
from pipelines.findings import Finding, Place
from pipelines.intake import Delivery
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import Plan, Planned, look_at_departed, make_plan, same_key
from pipelines.release.record import Held, Manifest, Occasion, Recorded, record
from pipelines.store import Entry, ReleaseRef
from pipelines.store.burial import finish
from pipelines.work import Made, connect, make, remembered

logger = logging.getLogger(__name__)

Outcome = Literal["published", "unchanged", "healed", "held", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a night did with one dataset."""

    name: str
    outcome: Outcome
    findings: Sequence[Finding] = ()
    ref: ReleaseRef | None = None
    manifest: Manifest | None = None
    checks: Sequence[dict[str, object]] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """What a whole night came to, dataset by dataset."""

    plan: Plan
    results: Sequence[Result] = field(default_factory=tuple)

    @property
    def exit_code(self) -> int:
        """As in the table of exit codes: 4 when something broke, 1 when something was held back, else 0."""
        outcomes = {result.outcome for result in self.results}
        if "failed" in outcomes or self.plan.findings:
            return ExitCode.BROKEN
        return ExitCode.FINDINGS if outcomes & {"held", "waiting"} else ExitCode.WELL


def run_dataset(pipeline: Pipeline, name: str, run: str, reason: str = "nightly", day: str = "") -> Result:
    """Bring one dataset, and what catalogues show of it, up to date.

    `day`: use what the archive has of that day, not what the source holds; what nothing came of stays as it is.
    Raises StoreError, CatalogueError, ApprovalRefused; what is wrong with the delivery is in the result.
    """
    if name in pipeline.store.log.head().withdrawn:
        return _shown(pipeline, name)
    archived = None
    if day and pipeline.repository[name].source.kind != "derived":
        archived = delivered_on(pipeline, name, day)
        if archived is None:
            return _kept(pipeline, name, "unchanged", ())
    with pipeline.store.in_use():
        done = _made_and_recorded(pipeline, name, Occasion(run, reason, None), archived)
    if done is None:
        return _shown(pipeline, name)
    made, recorded = done
    if not isinstance(recorded, Recorded):
        return _held(pipeline, name, made, recorded)
    healed = show(pipeline, [name])
    outcome: Outcome = "published" if recorded.is_new else "healed" if healed else "unchanged"
    shown = manifest(pipeline.store, recorded.ref)
    return Result(name, outcome, made.findings, recorded.ref, shown, made.checks, made.delivery)


def _made_and_recorded(
    pipeline: Pipeline, name: str, occasion: Occasion, archived: Delivery | None
) -> tuple[Made, Recorded | Held | None] | None:
    """Make a dataset from what its source holds now, and its release; None for the latter when it can't be made.

    A run that stood still while another published may hold older inputs: it looks again. None at all for a dataset that
    was withdrawn meanwhile.
    """
    while name not in (head := pipeline.store.log.head()).withdrawn:
        try:
            made = make(pipeline, pipeline.repository[name], archived)
        except (SourceUnavailable, TakenDown) as refusal:
            made = Made("", None, [refusal.finding])
        if made.build is None:
            return made, None
        if recorded := _record(pipeline, made, pipeline.repository[name], head, occasion):
            return made, recorded
    return None


def _record(
    pipeline: Pipeline, made: Made, dataset: Dataset, head: Entry, occasion: Occasion
) -> Recorded | Held | None:
    """Record a build after the release that `head` has; what a steward approved goes out with her name and reason."""
    assert made.build is not None
    store, since = pipeline.store, head.current.get(dataset.name)
    candidate = held.candidate_of(made.key, since)
    if approval := held.approval_of(head, dataset.name, candidate):
        back = [one.manifest for one in held.rollbacks_of(store, head, dataset.name, made.build)]
        occasion = Occasion(occasion.run, approval.reason, since, approval.author, let_out=back)
    else:
        guard = held.guard(store, head, dataset, made.build, candidate)
        occasion = replace(occasion, since=since, guard=guard)
    with store.workshop() as workshop, connect(workshop) as connection:
        recorded = record(connection, dataset.name, made.build, store, occasion)
    if isinstance(recorded, Held):
        held.remember(store, candidate, recorded.findings)
    elif recorded and recorded.ref.identity != made.build.identity:
        store.remember(same_key(made.build.identity, recorded.ref.identity), {})
    return recorded


def show(pipeline: Pipeline, names: Sequence[str]) -> bool:
    """Bring every catalogue to what the log says of some datasets; whether anything had to be done."""
    with pipeline.store.in_use():
        done = [catalogue.publish(pipeline.wanted, names) for catalogue in pipeline.catalogues]
    return any(action.name in names for actions in done for action in actions)


def show_index(pipeline: Pipeline, plan: Plan) -> None:
    """At the end of a night: bring the index, and what is made of it, up to what the night did."""
    if plan.needs_index:
        show(pipeline, [])


def show_departed(pipeline: Pipeline) -> list[Result]:
    """Bring catalogues to what the log says of datasets without descriptors. Comes before the index."""
    return [_apart(name, partial(_shown, pipeline, name)) for name in look_at_departed(pipeline)]


def _shown(pipeline: Pipeline, name: str) -> Result:
    return _kept(pipeline, name, "healed" if show(pipeline, [name]) else "unchanged", ())


def show_all(pipeline: Pipeline, names: Sequence[str]) -> None:
    """Bring every catalogue, and what is made of the index, to what the log says of some datasets."""
    show(pipeline, names)
    show(pipeline, [])


def _held(pipeline: Pipeline, name: str, made: Made, stopped: Held | None) -> Result:
    """The last good release stays; if a catalogue does not show it whole, that is mended."""
    show(pipeline, [name])
    kept = _kept(pipeline, name, "held", [*(stopped.findings if stopped else ()), *made.findings])
    return replace(kept, checks=made.checks, delivery=made.delivery)


def known(pipeline: Pipeline, plan: Plan) -> list[Result]:
    """The results of what the plan does not run, from what the store remembers."""
    return [_known(pipeline, item, plan) for item in plan if not item.is_to_run]


def _known(pipeline: Pipeline, item: Planned, plan: Plan) -> Result:
    if item.state == "waiting":
        inputs = pipeline.repository[item.name].inputs
        return waiting(pipeline, item.name, [i for i in inputs if plan.items[i].state in {"held", "waiting"}])
    if item.why == "taken_down":
        return _kept(pipeline, item.name, "held", [_taken_down(pipeline, item)])
    memo = pipeline.store.memo(item.key) if item.key else None
    made = remembered(pipeline, item.key, memo, None) if memo else Made(item.key, None)
    findings = list(made.findings)
    if made.build and item.candidate:
        head = pipeline.store.log.head()
        findings = [*held.known(pipeline.store, head, item.name, made.build, item.candidate), *findings]
    kept = _kept(pipeline, item.name, "held" if item.state == "held" else "unchanged", findings)
    return replace(kept, delivery=made.delivery)


def _taken_down(pipeline: Pipeline, item: Planned) -> Finding:
    """That what a dataset would be made of was taken down."""
    try:
        pipeline.store.raise_if_buried(item.candidate)
    except TakenDown as gone:
        return gone.finding
    return Finding("takedown.release", Place(dataset=item.name))


def waiting(pipeline: Pipeline, name: str, stopped: Sequence[str]) -> Result:
    """The result of a dataset that is derived from some that are held back."""
    facts = {"inputs": ", ".join(stopped)}
    return _kept(pipeline, name, "waiting", [Finding("input.held", Place(dataset=name), "", facts)])


def stopped_by(pipeline: Pipeline, plan: Plan, name: str, results: Mapping[str, Result]) -> list[str]:
    """The inputs that keep a derived dataset waiting. One that waits for a steward only is as good as released."""
    inputs = [i for i in pipeline.repository[name].inputs if not plan.items[i].waits_for_steward]
    return [i for i in inputs if results[i].outcome in {"held", "waiting", "failed"}]


def _kept(pipeline: Pipeline, name: str, outcome: Outcome, findings: Sequence[Finding]) -> Result:
    ref = pipeline.store.log.head().current.get(name)
    return Result(name, outcome, findings, ref, manifest(pipeline.store, ref) if ref else None)


def fault(name: str, error: Exception) -> Finding:
    """What to tell of an error that is none of ours: a full disk by its name, anything else as a bug.

    DuckDB's OperationalError is want of disk, or of memory with nowhere to spill what does not fit.
    """
    code = "store.unwritable" if isinstance(error, OSError | duckdb.OperationalError) else "bug"
    return Finding(code, Place(dataset=name), f"{type(error).__name__}: {error}".splitlines()[0])


def _run_apart(pipeline: Pipeline, name: str, run: str, stopped: Sequence[str]) -> Result:
    """One dataset, whose fault is no other's. One that has to wait is only kept as it was released."""

    def work() -> Result:
        if stopped:
            show(pipeline, [name])
            return waiting(pipeline, name, stopped)
        return run_dataset(pipeline, name, run)

    return _apart(name, work)


def _apart(name: str, work: Callable[[], Result]) -> Result:
    """The result of what is done for one dataset, or of its fault, which is no other's."""
    try:
        return work()
    except OpenDataError as error:
        return Result(name, "failed", [error.finding])
    except Exception as error:
        logger.exception("dataset %s", name)
        return Result(name, "failed", [fault(name, error)])


def run_night(pipeline: Pipeline, run: str, heard: Callable[[Result], None] = lambda _: None) -> Night:
    """A whole night without Dagster: the plan, then everything it names, in an order that serves derived ones."""
    finish(pipeline.store)
    plan = make_plan(pipeline)
    results = {result.name: result for result in known(pipeline, plan)}
    for name in plan.to_run:
        results[name] = _run_apart(pipeline, name, run, stopped_by(pipeline, plan, name, results))
        heard(results[name])
    departed = show_departed(pipeline)
    show_index(pipeline, plan)
    return Night(plan, [*results.values(), *departed])
