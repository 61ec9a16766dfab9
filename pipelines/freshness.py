"""Freshness as an asset check of every dataset, without a step for each.

A night that changes nothing looks at the dates itself and tells Dagster only of what became late, or is late no
longer: see `report`. A person can run the checks from the UI: one step for all that are chosen.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

import dagster as dg
from dagster import AssetCheckEvaluation

from pipelines.assets import PipelineResource
from pipelines.datasets import Repository
from pipelines.days import TOKYO
from pipelines.pipeline import Pipeline, manifest
from pipelines.steward.fresh import freshness
from pipelines.store import ReleaseRef

if TYPE_CHECKING:
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

NAME = "fresh"
_DESCRIPTION = (
    "データの期間と更新頻度から、次の期間のデータが遅れていないかを見る（実行した日にはよらない）\n\n"
    "Whether the data of the next period are late, by the period covered and the dataset's own frequency; "
    "when it last ran does not matter."
)


def key_of(name: str) -> dg.AssetCheckKey:
    """The check of one dataset."""
    return dg.AssetCheckKey(dg.AssetKey(["release", name]), NAME)


def freshness_checks(repository: Repository) -> dg.AssetChecksDefinition:
    """The checks of all datasets, in one step."""
    specs = [
        dg.AssetCheckSpec(NAME, asset=dg.AssetKey(["release", name]), description=_DESCRIPTION)
        for name in repository.datasets
    ]

    @dg.multi_asset_check(name="freshness", specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> Iterator[dg.AssetCheckResult]:
        opened, today = pipeline.open(), datetime.now(TOKYO).date()
        current = opened.store.log.head().current
        for key in context.selected_asset_check_keys:
            name = key.asset_key.path[-1]
            found = _evaluation(opened, name, current.get(name), today)
            yield dg.AssetCheckResult(
                passed=found.passed,
                asset_key=key.asset_key,
                check_name=NAME,
                severity=found.severity,
                description=found.description,
            )

    return check


def report(instance: dg.DagsterInstance, pipeline: Pipeline, today: date) -> list[str]:
    """Tell Dagster of every dataset whose freshness is not what it last heard; their names. Else it is one query."""
    keys = {name: key_of(name) for name in pipeline.repository.datasets}
    heard = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys.values()))
    current = pipeline.store.log.head().current
    told = []
    for name, key in keys.items():
        found = _evaluation(pipeline, name, current.get(name), today)
        if _said(heard.get(key)) != (found.passed, found.description):
            instance.report_runless_asset_event(found)
            told.append(name)
    return told


def _said(record: "AssetCheckExecutionRecord | None") -> tuple[bool, str | None] | None:
    """What Dagster last heard; None when that was nothing, or a run that has not come to an end."""
    event = record.event.dagster_event if record and record.event else None
    if event is None or event.event_type_value != "ASSET_CHECK_EVALUATION":
        return None
    evaluation = event.asset_check_evaluation_data
    return evaluation.passed, evaluation.description


def _evaluation(pipeline: Pipeline, name: str, ref: ReleaseRef | None, today: date) -> AssetCheckEvaluation:
    found = freshness(name, manifest(pipeline.store, ref) if ref else None, today)
    return AssetCheckEvaluation(
        asset_key=dg.AssetKey(["release", name]),
        check_name=NAME,
        passed=found.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{found.text.ja}\n\n{found.text.en}",
    )
