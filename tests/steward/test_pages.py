"""What the pages of the Dagster UI show of a release: chart, changes, rows, each figure with its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import unquote

import duckdb
import pytest

from pipelines.charts import NoChart, chart_of
from pipelines.night import Night
from pipelines.pipeline import Pipeline, manifest
from pipelines.settings import Settings
from pipelines.sqltext import literal
from pipelines.steward import checked, markdown, materialised
from pipelines.steward.changes import changes_of
from pipelines.steward.glance import glances
from pipelines.steward.goal import goal_of
from pipelines.steward.links import Links, Spot
from pipelines.steward.rows import Shelf
from pipelines.steward.takedown import take_down
from pipelines.steward.trace import cell_text
from tests.edits import cells
from tests.kit import Town, result
from tests.night.towns import add_derived

LINKS = Links.of(Settings(_env_file=None))
CELL = re.compile(r"\[([^\]]+)\]\(http://127\.0\.0\.1:8600/cell/([0-9a-f]{64})/([^/]+)/([A-Z]+[0-9]+)\)")
MOST_BYTES = 100_000  # of one event: Dagster keeps it for years


def text_at(pipeline: Pipeline, sha256: str, sheet: str, cell: str) -> str:
    """What stands in the cell of a delivery in the store."""
    return cell_text(pipeline.store, {"sha256": sha256, "file": "", "sheet": unquote(sheet).removeprefix("-")}, cell)


def test_a_change_is_shown_by_key_and_field_with_both_cells(small: Town) -> None:
    """Old and new value, each where it stands in its own delivery."""
    small.night()
    cells({"B6": 940, "A8": "令和3年度", "B8": 890})(small.delivery("waste_per_capita"))
    small.night()
    pipeline = small.open()
    ref = pipeline.store.log.head().current["waste_per_capita"]
    release = manifest(pipeline.store, ref)
    added, changed = changes_of(pipeline.store, release)
    assert (added.kind, added.key, added.old, added.new) == ("added", ["2021"], "", "890")
    assert (changed.kind, changed.key, changed.old, changed.new) == ("changed", ["2017"], "933", "940")
    assert changed.old_spot and changed.new_spot and changed.old_spot.sha256 != changed.new_spot.sha256
    table = glances(Shelf(pipeline.store, LINKS), release, None)["en"].partition("### First and last rows")[0]
    found = [(value, text_at(pipeline, *where)) for value, *where in CELL.findall(table)]
    assert ("933", "933") in found and ("940", "940") in found and ("890", "890") in found


def test_a_row_that_went_is_shown_with_the_cell_where_it_stood(small: Town) -> None:
    """Of the release before."""
    small.night()
    cells({"A5": None, "B5": None})(small.delivery("waste_per_capita"))
    small.night()
    pipeline = small.open()
    release = manifest(pipeline.store, pipeline.store.log.head().current["waste_per_capita"])
    (removed,) = changes_of(pipeline.store, release)
    assert (removed.kind, removed.old, removed.new, removed.new_spot) == ("removed", "998", "", None)
    assert removed.old_spot and removed.old_spot.cell == "B5"


def test_a_derived_row_leads_to_the_figures_that_it_came_from(small: Town) -> None:
    """By each row of another release that it names."""
    add_derived(small)
    small.night()
    pipeline = small.open()
    release = manifest(pipeline.store, pipeline.store.log.head().current["waste_change"])
    found = CELL.findall(glances(Shelf(pipeline.store, LINKS), release, None)["en"])
    source = manifest(pipeline.store, pipeline.store.log.head().current["waste_per_capita"])
    rows = duckdb.sql(f"FROM read_parquet({literal(str(pipeline.store.path(source.table)))})").fetchall()
    shown = {int(label.strip("` ").partition("#")[2]): text_at(pipeline, *where) for label, *where in found}
    assert shown.keys() == set(range(1, len(rows) + 1))
    assert [unicodedata.normalize("NFKC", shown[number]) for number in sorted(shown)] == [str(row[1]) for row in rows]


@pytest.mark.parametrize("stage", ["table", "release"])
def test_each_column_says_where_it_comes_from(small: Town, stage: str) -> None:
    """The UI shows no `dagster/column_lineage`, so the description of a column has it."""
    add_derived(small)
    night = small.night()
    for name, column, origin in (
        ("waste_per_capita", "grams_per_person_day", "← 「"),
        ("waste_change", "change", "← waste_per_capita.fiscal_year, waste_per_capita.grams_per_person_day"),
    ):
        shown = materialised.metadata(small.open(), LINKS, result(night, name), stage)["dagster/column_schema"].value
        (found,) = (one for one in shown.columns if one.name == column)
        assert origin in found.description


SOME = ("railway_congestion", "air_toxics", "kpi_progress", "households_by_ward", "waste_per_capita", "sdgs_partners")


@pytest.mark.parametrize("names", [SOME, pytest.param((), marks=pytest.mark.long)], ids=["some", "all"])
def test_every_page_fits_in_an_event_and_leads_to_cells_that_say_so(
    city: tuple[Pipeline, Night], names: Sequence[str]
) -> None:
    """Both languages together stay small, and a picture is there where there is a chart."""
    pipeline, night = city
    shelf = Shelf(pipeline.store, LINKS)
    for shown in night.results:
        if names and shown.name not in names:
            continue
        assert shown.manifest is not None
        pages = glances(shelf, shown.manifest, goal_of(pipeline, shown.name))
        assert sum(len(page.encode()) for page in pages.values()) < MOST_BYTES, shown.name
        has_picture = "](data:image/svg+xml;base64," in pages["ja"]
        assert has_picture or isinstance(chart_of(shown.manifest, pipeline.store), NoChart), shown.name
        value, *where = next(iter(CELL.findall(pages["ja"])), ("", "", "", ""))
        assert value or pipeline.repository[shown.name].source.kind == "derived", shown.name
        if value:
            assert text_at(pipeline, *where), (shown.name, where)


def test_the_goal_belongs_to_the_line_that_is_drawn(city: tuple[Pipeline, Night]) -> None:
    """Values, baseline and target of each indicator are those that `kpi_progress` has."""
    pipeline, night = city
    progress = result(night, "kpi_progress").manifest
    indicators = result(night, "kpi_indicators").manifest
    assert progress and indicators
    tables = [literal(str(pipeline.store.path(one.table))) for one in (progress, indicators)]
    rows = duckdb.sql(
        f"SELECT dataset, fiscal_year, value, target_value FROM read_parquet({tables[0]}) "
        f"JOIN read_parquet({tables[1]}) USING (indicator_id) WHERE target_value IS NOT NULL AND value IS NOT NULL"
    ).fetchall()
    charts = {}
    for name in {row[0] for row in rows}:
        found = result(night, name).manifest
        assert found is not None
        charts[name] = chart_of(found, pipeline.store, goal_of(pipeline, name))
    for name, year, value, target in rows:
        chart = charts[name]
        assert not isinstance(chart, NoChart) and chart.goal, name
        assert chart.goal.target[1] == target
        assert Decimal(dict(chart.series[0].points)[str(year)]) == value, (name, year)
    assert len(charts) > 20


@pytest.mark.parametrize(
    "text",
    ["a|b", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "`a` ``b``", "http://evil.example/|x", "1\n2"],
)
def test_texts_of_deliveries_are_shown_and_not_obeyed(text: str) -> None:
    """A table keeps its columns; markup and addresses stay texts."""
    shown = markdown.text(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[<\[]", shown.replace("`", "")) or shown.startswith("`")
    assert not re.search(r"(?<!\\)\|", shown)
    if "://" in text:
        assert shown.startswith("`")


def test_a_finding_leads_to_its_cell(small: Town) -> None:
    """The delivery's own page has it as a link, with the remedy beside it in both languages."""
    cells({"B6": "9Ol"})(small.delivery("waste_per_capita"))
    held = result(small.night(), "waste_per_capita")
    assert held.outcome == "held" and held.delivery
    shown = materialised.metadata(small.open(), LINKS, held, "delivery")
    sheet = held.findings[0].place.sheet
    assert shown["セル / cell B6"].value == LINKS.cell(Spot(held.delivery.sha256, "", sheet, "B6"))
    for language in ("ja", "en"):
        table = checked.findings_table(LINKS, held, held.findings, language)
        assert (
            "9Ol" in table
            and markdown.text(held.findings[0].rule.remedy.fill(language, held.findings[0].facts)) in table
        )


def test_a_held_dataset_is_known_with_its_delivery_on_the_next_night(small: Town) -> None:
    """So that the overview of a night in which nothing ran still leads to the cell."""
    cells({"B6": "9Ol"})(small.delivery("waste_per_capita"))
    first, second = small.night(), small.night()
    assert result(second, "waste_per_capita").delivery == result(first, "waste_per_capita").delivery
    assert not second.plan.to_run


def test_nothing_of_a_release_that_was_taken_down_is_shown_again(small: Town) -> None:
    """Neither on its own page nor on that of the release after it."""
    small.night()
    cells({"B6": 940})(small.delivery("waste_per_capita"))
    small.night()
    take_down(small.settings, "waste_per_capita", "1.0.0", "a steward", "a test")
    pipeline = small.open()
    after = manifest(pipeline.store, pipeline.store.log.head().current["waste_per_capita"])
    page = glances(Shelf(pipeline.store, LINKS), after, None)["ja"]
    assert "940" in page and "933" not in page
