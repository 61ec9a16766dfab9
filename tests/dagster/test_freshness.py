"""Freshness is told when it changes and costs a quiet night one query; lineage of columns crosses derived datasets."""

from __future__ import annotations

from datetime import date

import dagster as dg

from pipelines import definitions
from pipelines.datasets import load_repository
from pipelines.freshness import key_of, report
from pipelines.overview import plan_table, results_table
from pipelines.plan import make_plan
from pipelines.settings import REPOSITORY, Settings
from pipelines.steward.lineage import columns_read
from pipelines.steward.links import Links
from tests.kit import Town, town


def said(instance: dg.DagsterInstance, name: str) -> tuple[bool, str]:
    """What Dagster shows of one dataset's freshness."""
    key = key_of(name)
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.event and record.event.dagster_event
    evaluation = record.event.dagster_event.asset_check_evaluation_data
    return evaluation.passed, str(evaluation.description)


def test_a_yearly_figure_is_late_in_its_thirteenth_month_and_told_once(small: Town) -> None:
    """FY2020 ends on 31 March 2021. Until it is late nothing is told again, however many nights pass."""
    small.night()
    pipeline = small.open()
    with dg.DagsterInstance.ephemeral() as instance:
        assert "waste_per_capita" in report(instance, pipeline, date(2021, 4, 1))
        passed, words = said(instance, "waste_per_capita")
        assert passed and "2022-03-31" in words and "FY2014 to FY2020" in words
        assert "waste_per_capita" not in report(instance, pipeline, date(2022, 3, 31))
        assert "waste_per_capita" in report(instance, pipeline, date(2022, 4, 1))
        passed, words = said(instance, "waste_per_capita")
        assert not passed and "health.late" in words
        assert report(instance, pipeline, date(2022, 4, 2)) == []


def test_a_dataset_without_a_release_is_not_late(small: Town) -> None:
    """Nothing is due of what was never published."""
    with dg.DagsterInstance.ephemeral() as instance:
        assert set(report(instance, small.open(), date(2026, 1, 1))) == set(small.open().repository.datasets)
        assert said(instance, "waste_per_capita")[0]


def test_freshness_is_a_check_of_every_dataset_and_no_step_of_the_night() -> None:
    """A person can run it; an unchanged night does not."""
    graph = definitions.defs.resolve_asset_graph()
    for dataset in definitions.repository:
        assert not graph.get(key_of(dataset.name)).blocking
    nodes = definitions.defs.resolve_job_def("nightly").graph.node_dict
    assert "freshness" not in nodes and "night" in nodes


def test_lineage_of_columns_leads_through_a_derived_dataset() -> None:
    """Every column that the SQL reads for a value, also through names given along the way."""
    repository = load_repository(REPOSITORY)
    source = repository["kpi_progress"].source
    assert source.sql is not None
    found = columns_read(source.sql, {name: repository[name].schema.names for name in source.inputs})
    assert found["target_value"] == [("kpi_targets", "target_value")]
    assert ("waste_per_capita", "grams_per_person_day") in found["value"]
    assert ("waste_per_capita", "grams_per_person_day") in found["status"]
    assert ("kpi_targets", "baseline_value") not in found["value"]


def test_sql_that_can_not_be_taken_apart_has_no_lineage_of_columns() -> None:
    """Then only the datasets are known to hang on each other; nothing fails."""
    assert columns_read("SELEC 1", {"t": ["a"]}) == {}
    assert columns_read("SELECT a + b AS x, 1 AS y FROM t", {"t": ["a", "b"]}) == {
        "x": [("t", "a"), ("t", "b")],
        "y": [],
    }


def test_the_night_has_every_dataset_in_one_table(tmp_path) -> None:
    """With state, reason and a link, in both languages; the result leaves out what is unchanged."""
    place = town(tmp_path, ["waste_per_capita", "population_by_ward"])
    pipeline = place.open()
    for language, words in (("ja", "初めての公開"), ("en", "never published")):
        page = plan_table(make_plan(pipeline), pipeline, language)
        assert page.count(words) == 2 and page.count("](/assets/release/") == 2
    place.night()
    quiet = place.night()
    links = Links.of(Settings(_env_file=None))
    assert "/assets/release/" not in results_table(quiet, pipeline, links, "en")
    assert "unchanged 2" in results_table(quiet, pipeline, links, "en")
