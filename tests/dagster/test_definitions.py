"""What Dagster sees: four assets and three blocking checks a dataset, one nightly job, one schedule."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines import definitions
from pipelines.datasets import Dataset

graph = definitions.defs.resolve_asset_graph()


@pytest.mark.parametrize("dataset", list(definitions.repository), ids=lambda d: d.name)
def test_every_dataset_has_its_chain_of_assets(dataset: Dataset) -> None:
    """delivery → table → release → catalogue, of one department; a derived one begins at its table."""
    chain = ["delivery", "table", "release", "catalogue"][dataset.source.kind == "derived" :]
    for before, stage in zip([None, *chain], chain, strict=False):
        node = graph.get(dg.AssetKey([stage, dataset.name]))
        assert node.group_name == dataset.schema.department
        assert node.owners == [f"team:{dataset.schema.department}"]
        if before:
            assert dg.AssetKey([before, dataset.name]) in node.parent_keys


def test_derived_datasets_hang_on_the_releases_of_their_inputs() -> None:
    """Lineage crosses datasets."""
    parents = graph.get(dg.AssetKey(["table", "kpi_progress"])).parent_keys
    assert dg.AssetKey(["release", "kpi_targets"]) in parents
    assert len(parents) == len(definitions.repository["kpi_progress"].inputs)


@pytest.mark.parametrize("check", ["readable", "contract"])
def test_checks_of_a_table_block(check: str) -> None:
    """A failed check stops what is downstream."""
    for dataset in definitions.repository:
        node = graph.get(dg.AssetCheckKey(dg.AssetKey(["table", dataset.name]), check))
        assert node.blocking


def test_column_schema_has_titles_units_and_constraints() -> None:
    """The table's page shows the contract."""
    metadata = graph.get(dg.AssetKey(["table", "waste_per_capita"])).metadata
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    grams = columns["grams_per_person_day"]
    assert "1人1日あたりのごみ排出量" in str(grams.description)
    assert "g/(person.day)" in str(grams.description)
    assert "← 「" in str(grams.description)  # the header that it is read from
    assert not grams.constraints.nullable


def test_column_lineage_leads_to_the_departments_headers() -> None:
    """From a published column to the header of the workbook."""
    metadata = graph.get(dg.AssetKey(["table", "waste_per_capita"])).metadata
    deps = metadata["dagster/column_lineage"].deps_by_column["grams_per_person_day"]
    assert dg.AssetKey(["delivery", "waste_per_capita"]) in {dep.asset_key for dep in deps}


def test_the_night_is_scheduled_at_two_in_tokyo() -> None:
    """Every night at 02:00 Asia/Tokyo, on by default."""
    schedule = definitions.defs.resolve_schedule_def("every_night")
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Asia/Tokyo"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_the_schedule_asks_for_what_the_plan_names(tmp_path, monkeypatch) -> None:
    """The schedule looks first and selects only the assets of datasets that are to run, with the frozen plan."""
    monkeypatch.setenv("OPENDATA_HOME", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        at = datetime(2026, 11, 25, 2, tzinfo=ZoneInfo("Asia/Tokyo"))
        context = dg.build_schedule_context(instance, scheduled_execution_time=at)
        (request,) = definitions.every_night.evaluate_tick(context).run_requests
    assert definitions.NIGHT in request.asset_selection
    assert dg.AssetKey(["release", "waste_per_capita"]) in request.asset_selection
    assert "plan" in request.run_config["ops"]["night"]["config"]
