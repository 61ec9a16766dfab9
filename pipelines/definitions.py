"""The code location: every dataset, the nightly job, its schedule, resources. Start reading here.

One dataset from cell to catalogue in five files: this one → `assets` (what Dagster sees of a dataset) → `night`
(make, record, show) → `work` (receive, read, load, check, build) → `catalogue/folder` (what a reader sees).
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import dagster as dg
from dagster._core.utils import make_new_run_id

from pipelines import durable
from pipelines.assets import PLANNED, PipelineResource, announce, dataset_assets, listeners
from pipelines.datasets import load_repository
from pipelines.days import TOKYO
from pipelines.freshness import freshness_checks, key_of, report
from pipelines.night import Night, Result, known, show, show_departed, show_index, stopped_by, waiting
from pipelines.operations.closing import close_night
from pipelines.overview import plan_table, results_table
from pipelines.pipeline import Pipeline
from pipelines.plan import Plan, make_plan
from pipelines.processes import process_of
from pipelines.running.tidy import tidy_after_night
from pipelines.settings import Settings
from pipelines.steward.links import Links
from pipelines.store.burial import finish

Values: TypeAlias = "dg.MaterializeResult[None]"

NIGHT = dg.AssetKey("night")
INDEX = dg.AssetKey("index")
CLOSING = dg.AssetKey("closing")
repository = load_repository(Settings().root)


class NightConfig(dg.Config):
    """The plan that a run executes, as JSON; empty when a person started it."""

    plan: str = ""


@dg.asset(
    key=NIGHT,
    group_name="night",
    kinds={"python"},
    op_tags={"dagster/priority": "1"},  # first
    description="夜間処理の計画（データセットごとの状態と理由）\n\nThe plan of a night: each dataset's state, and why.",
)
def night(config: NightConfig, pipeline: PipelineResource) -> Values:
    """The overview of the night; with the closing, all there is of a night in which nothing changed."""
    _heard.clear()
    opened = pipeline.open()
    finish(opened.store)
    plan = Plan.from_json(config.plan) if config.plan else make_plan(opened)
    ja, en = (dg.MetadataValue.md(plan_table(plan, opened, language)) for language in ("ja", "en"))
    return dg.MaterializeResult(metadata={"計画": ja, "plan": en})


@dg.asset(
    key=INDEX,
    group_name="night",
    kinds={"file"},
    op_tags={"dagster/priority": "-1000000"},  # late; no dependency, since no dataset's fault may stop it
    description="カタログの目次とそのページ\n\nThe catalogue's index, and what is made of it.",
)
def index(pipeline: PipelineResource) -> None:
    """Bring the index up to what the datasets' steps did, after what has no step of its own any more."""
    opened = pipeline.open()
    departed = show_departed(opened)
    for result in departed:
        announce(result)
    show(opened, [])
    if faults := [finding for result in departed for finding in result.findings]:
        raise dg.Failure("\n".join(f"{f.text('ja')}\n{f.text('en')}" for f in faults), allow_retries=False)


@dg.asset(
    key=CLOSING,
    group_name="night",
    kinds={"python"},
    op_tags={"dagster/priority": "-2000000"},  # last
    description="夜間処理の結果（保留・失敗とその対応、セルへのリンク）と締め（通知と終了の記録）\n\n"
    "What the night came to, each error with its remedy and cell; then people are told, a sign of life is left.",
)
def closing(context: dg.AssetExecutionContext, config: NightConfig, pipeline: PipelineResource) -> Values:
    """Tell people what is new since they were last told, then tidy. Nothing to do when a person started this."""
    if not config.plan:
        return dg.MaterializeResult()
    opened = pipeline.open()
    night = _night_of(opened, Plan.from_json(config.plan))
    close_night(opened, night)
    report(context.instance, opened, datetime.now(TOKYO).date())
    tidy_after_night(opened, context.instance, datetime.now(UTC))
    links = Links.of(Settings())
    ja, en = (dg.MetadataValue.md(results_table(night, opened, links, language)) for language in ("ja", "en"))
    return dg.MaterializeResult(metadata={"結果": ja, "results": en})


_heard: dict[str, Result] = {}
listeners.append(lambda result: _heard.update({result.name: result}))


def _night_of(pipeline: Pipeline, plan: Plan) -> Night:
    """What the night of this process came to. A dataset that nothing was heard of waits for one that is held back."""
    results = {result.name: result for result in known(pipeline, plan)} | _heard
    for name in plan.to_run:  # each after what it is derived from
        if name not in results:
            results[name] = waiting(pipeline, name, stopped_by(pipeline, plan, name, results))
    departed = [result for name, result in results.items() if name not in plan.items]
    return Night(plan, [*(results[item.name] for item in plan), *departed])


def selection_of(plan: Plan) -> list[dg.AssetKey]:
    """The assets that a plan names: the overview, those of every dataset to run, and then the index."""
    index = [INDEX] if plan.needs_index else []
    return [NIGHT, *(key for name in plan.to_run for key in _keys[name]), *index, CLOSING]


def run_config_of(plan: Plan) -> dict[str, object]:
    """The configuration that hands a frozen plan to the run."""
    frozen = {"config": {"plan": plan.as_json()}}
    return {"ops": {"night": frozen, "closing": frozen}}


_assets = {dataset.name: dataset_assets(dataset, repository) for dataset in repository}
_keys = {name: sorted(definition.keys) for name, definition in _assets.items()}

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all() - dg.AssetSelection.checks(*map(key_of, repository.datasets)),
    executor_def=dg.in_process_executor,  # many small steps: see docs/decisions/0002-one-step-per-dataset.md
    tags={"dagster/retry_strategy": "ALL_STEPS"},  # what is done already costs a look
    description="毎晩の公開処理 / The night: look, then run what the plan names.",
)


@dg.schedule(
    job=nightly,
    cron_schedule="0 2 * * *",
    execution_timezone=TOKYO.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def every_night(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """At 02:00 in Tokyo: look first, then ask for a run of just what the plan names."""
    pipeline = Pipeline.open()
    finish(pipeline.store)  # what a killed takedown left would look as if it were well
    plan = make_plan(pipeline)
    yield dg.RunRequest(
        run_key=context.scheduled_execution_time.isoformat(),
        asset_selection=selection_of(plan),
        run_config=run_config_of(plan),
        tags={PLANNED: plan.digest[:12]},
    )


defs = dg.Definitions(
    assets=[night, index, closing, *_assets.values()],
    asset_checks=[freshness_checks(repository)],
    jobs=[nightly],
    schedules=[every_night],
    resources={"pipeline": PipelineResource()},
    executor=dg.in_process_executor,
)


def execute_night(heard: Callable[[Result, int], None]) -> Night:
    """Look, then run in Dagster, in this process, what the plan names.

    `heard` is told of each dataset when it is done, and how many there are to do.
    """
    pipeline = Pipeline.open()
    finish(pipeline.store)
    plan = make_plan(pipeline)

    def collect(result: Result) -> None:
        heard(result, len(plan.to_run) + len(plan.departed))

    listeners.append(collect)
    try:
        _execute(plan)
    finally:
        listeners.remove(collect)
    show_index(pipeline, plan)
    return _night_of(pipeline, plan)


def open_records() -> dg.DagsterInstance:
    """Dagster's own records. Two nights that begin in a fresh home take turns: each would make the tables."""
    home = Settings().home
    durable.make_folder(home)
    with durable.held(home):
        return dg.DagsterInstance.get()


def _execute(plan: Plan) -> None:
    run = make_new_run_id()
    with open_records() as instance, process_of(Path(os.environ["DAGSTER_HOME"]), run).this():
        defs.resolve_job_def("nightly").execute_in_process(
            instance=instance,
            run_id=run,
            asset_selection=selection_of(plan),
            run_config={**run_config_of(plan), "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={PLANNED: plan.digest[:12]},
            raise_on_error=False,
        )
