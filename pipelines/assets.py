"""The factory: one dataset in, its Dagster assets and checks out. Wiring only; the work is in `night`.

A dataset is four assets in one step: delivery → table → release → catalogue. One step, because a night costs
by its number of events (see docs/decisions/0002-one-step-per-dataset.md). The checks of the table block:
when one fails, release and catalogue are not touched and what is derived from it does not run.
"""

from collections.abc import Callable, Iterator

import dagster as dg

from pipelines.datasets import Dataset, Repository
from pipelines.errors import OpenDataError
from pipelines.night import Result, fault, run_dataset, show
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings
from pipelines.steward import awaited, checked, materialised, pages
from pipelines.steward.links import Links

listeners: list[Callable[[Result], None]] = []

PLANNED = "opendata/plan"  # the tag of a run that executes a plan
DELIVERED = "opendata/delivered"  # the tag of a backfill: the day whose deliveries it takes from the archive

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


class PipelineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The pipeline of this process; its descriptors are read once, when the code location loads."""

    def open(self) -> Pipeline:
        """The pipeline of the settings in the environment."""
        return Pipeline.open()


def dataset_assets(dataset: Dataset, repository: Repository) -> dg.AssetsDefinition:
    """The assets and checks of one dataset."""

    @dg.multi_asset(
        name=dataset.name,
        specs=[*_specs(dataset, repository)],
        check_specs=[*_checks(dataset)],
        # A foreign key is no dependency that may hold a dataset back, but its target should be there first.
        op_tags={"dagster/priority": str(-list(repository.datasets).index(dataset.name))},
        description=pages.description(dataset, repository),
    )
    def run(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> Iterator[Event]:
        opened = pipeline.open()
        result = _run(context, opened, dataset.name)
        announce(result)
        yield from _events(opened, Links.of(Settings()), result)

    return run


def _run(context: dg.AssetExecutionContext, pipeline: Pipeline, name: str) -> Result:
    """The result of one dataset. A fault of store, catalogue or program fails this step and no other."""
    try:
        return _run_and_show(context, pipeline, name)
    except OpenDataError as error:
        announce(Result(name, "failed", [error.finding]))
        text = f"{error.finding.text('ja')}\n{error.finding.text('en')}"
        raise dg.Failure(text, metadata={"code": error.code}, allow_retries=False) from error
    except Exception as error:
        announce(Result(name, "failed", [fault(name, error)]))
        raise


def _run_and_show(context: dg.AssetExecutionContext, pipeline: Pipeline, name: str) -> Result:
    """Run one dataset; what is made of the index follows at the end of a night, or here when a person started this."""
    day = context.run.tags.get(DELIVERED, "")
    result = run_dataset(pipeline, name, context.run_id, "backfill" if day else "nightly", day)
    if PLANNED not in context.run.tags:
        show(pipeline, [])
    return result


def announce(result: Result) -> None:
    """Tell whoever listens in this process of what was done with one dataset."""
    for heard in listeners:
        heard(result)


def _specs(dataset: Dataset, repository: Repository) -> Iterator[dg.AssetSpec]:
    """A delivery → table → release → catalogue; a derived dataset has other releases in place of a delivery."""
    inputs = [dg.AssetKey(["release", name]) for name in dataset.inputs]
    stages = [stage for stage in pages.STAGES if stage != "delivery" or dataset.source.kind != "derived"]
    for before, stage in zip([None, *stages], stages, strict=False):
        own = [dg.AssetKey([before, dataset.name])] if before else []
        yield dg.AssetSpec(
            dg.AssetKey([stage, dataset.name]),
            deps=[*own, *inputs] if stage == "table" else own,
            group_name=dataset.schema.department,
            owners=[f"team:{dataset.schema.department}"],
            kinds=pages.kinds(dataset, stage),
            tags=pages.tags(dataset),
            description=pages.stage_description(dataset, repository, stage),
            metadata=pages.definition_metadata(dataset, stage),
            skippable=True,
        )


def _checks(dataset: Dataset) -> Iterator[dg.AssetCheckSpec]:
    for check in pages.CHECKS:
        yield dg.AssetCheckSpec(
            check.name,
            asset=dg.AssetKey(["table", dataset.name]),
            blocking=check.blocking,
            description=f"{check.title.ja}\n\n{check.title.en}",
        )


def _events(pipeline: Pipeline, links: Links, result: Result) -> Iterator[Event]:
    """What Dagster is told: a held dataset stops at its checks."""
    for stage in pages.STAGES:
        if stage == "table":
            yield from _verdicts(pipeline, links, result)
        if materialised.is_reached(result, stage):
            metadata = materialised.metadata(pipeline, links, result, stage)
            key = dg.AssetKey([stage, result.name])
            yield dg.MaterializeResult(key, metadata=metadata, data_version=_version(result, stage))


def _version(result: Result, stage: str) -> dg.DataVersion | None:
    text = materialised.data_version(result, stage)
    return dg.DataVersion(text) if text else None


def _verdicts(pipeline: Pipeline, links: Links, result: Result) -> Iterator[dg.AssetCheckResult]:
    for check in pages.CHECKS:
        findings = [f for f in result.findings if check.covers(f)]
        waits = awaited.metadata(pipeline, links, result, findings) if check.name == "unsurprising" else {}
        yield dg.AssetCheckResult(
            passed=not findings,
            asset_key=dg.AssetKey(["table", result.name]),
            check_name=check.name,
            severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
            metadata={**checked.metadata(links, result, findings), **waits},
            description="\n".join(finding.text("ja") for finding in findings[:20]) or None,
        )
