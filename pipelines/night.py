"""A night: look, plan, and run what the plan names. Dagster and the shell call the same functions.

For each dataset: make → record → show. What each step made is in the store before the next one begins, so a run
that was killed at any instruction is taken up by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipelines.errors import SourceUnavailable
from pipelines.findings import Finding
from pipelines.intake import Delivery
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import Plan, make_plan, same_key
from pipelines.release.record import Manifest, record
from pipelines.store import ReleaseRef
from pipelines.work import Made, connect, make

Outcome = Literal["published", "unchanged", "healed", "held", "failed"]


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


def run_dataset(pipeline: Pipeline, name: str, run: str, reason: str = "nightly") -> Result:
    """Bring one dataset, and what catalogues show of it, up to date.

    Raises StoreError and CatalogueError; what is wrong with the delivery is in the result.
    """
    dataset = pipeline.repository[name]
    try:
        made = make(pipeline, dataset)
    except SourceUnavailable as silence:
        return _held(pipeline, name, Made("", None, [silence.finding]))
    if made.build is None:
        return _held(pipeline, name, made)
    ref, is_new = _record(pipeline, made, name, run, reason)
    done = show(pipeline, [name])
    outcome: Outcome = "published" if is_new else "healed" if done else "unchanged"
    shown = manifest(pipeline.store, ref)
    return Result(name, outcome, made.findings, ref, shown, made.checks, made.delivery)


def _record(pipeline: Pipeline, made: Made, name: str, run: str, reason: str) -> tuple[ReleaseRef, bool]:
    assert made.build is not None
    with pipeline.store.workshop() as workshop, connect(workshop) as connection:
        recorded = record(connection, pipeline.repository[name], made.build, pipeline.store, run, reason)
    if recorded.ref.identity != made.build.identity:
        pipeline.store.remember(same_key(made.build.identity, recorded.ref.identity), {})
    return recorded.ref, recorded.is_new


def show(pipeline: Pipeline, names: Sequence[str]) -> bool:
    """Bring every catalogue to what the log says of some datasets; whether anything had to be done."""
    done = [catalogue.publish(pipeline.wanted, names) for catalogue in pipeline.catalogues]
    return any(action.name in names for actions in done for action in actions)


def _held(pipeline: Pipeline, name: str, made: Made) -> Result:
    """The last good release stays; if a catalogue does not show it whole, that is mended."""
    show(pipeline, [name])
    ref = pipeline.store.log.head().current.get(name)
    shown = manifest(pipeline.store, ref) if ref else None
    return Result(name, "held", made.findings, ref, shown, made.checks, made.delivery)


def known(pipeline: Pipeline, plan: Plan) -> list[Result]:
    """The results of what the plan does not run, from what the store remembers."""
    head = pipeline.store.log.head()
    results = []
    for item in plan:
        if item.is_to_run:
            continue
        made = make_known(pipeline, item.key)
        ref = head.current.get(item.name)
        outcome: Outcome = "held" if item.state == "held" else "unchanged"
        shown = manifest(pipeline.store, ref) if ref else None
        results.append(Result(item.name, outcome, made, ref, shown))
    return results


def make_known(pipeline: Pipeline, key: str) -> Sequence[Finding]:
    """The findings of a run on inputs of that key."""
    from pipelines.work import remembered

    memo = pipeline.store.memo(key)
    return remembered(pipeline, key, memo, None).findings if memo else ()


def run_night(pipeline: Pipeline, run: str, heard: Callable[[Result], None] = lambda result: None) -> Night:
    """A whole night without Dagster: the plan, then everything it names, in an order that serves derived ones."""
    plan = make_plan(pipeline)
    results = known(pipeline, plan)
    for name in plan.to_run:
        result = run_dataset(pipeline, name, run)
        heard(result)
        results.append(result)
    if plan.index_is_stale:
        show(pipeline, [])
    return Night(plan, results)
