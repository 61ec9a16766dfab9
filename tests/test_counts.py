"""How much the city publishes, and that every delivery says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.night import Night
from pipelines.pipeline import Pipeline
from tests.packages.released import Published, current
from tests.provenance.cells import cells, files
from tests.provenance.traced import delivered, fields, figure_fields, rows

Whole = tuple[Pipeline, Night]

OF_THE_PLAN = {"kpi_indicators", "kpi_targets", "kpi_placements", "kpi_progress"}
ASKED_FOR = {
    "green_space_conservation",
    "greenhouse_gas_reduction",
    "housing_seismic_retrofit",
    "nambu_line_congestion",
    "nhi_premium_collection",
    "tourist_visits",
    "waste_per_capita",
    "water_pipe_seismic_retrofit",
}
RICHER = {
    "air_toxics",
    "census_population",
    "childcare_waiting_children",
    "city_office_greenhouse_gas",
    "fires_and_ambulance",
    "foreign_residents_by_ward",
    "greenhouse_gas_emissions",
    "gross_city_product",
    "household_waste",
    "manufacturing",
    "municipal_indicators",
    "nambu_line_passengers_between_stations",
    "nambu_line_station_passengers",
    "population_by_ward",
    "population_history",
    "port_cargo",
    "railway_congestion",
    "resident_register",
    "sdgs_partners",
    "traffic_accidents",
    "waste_incineration",
    "water_use",
}


@pytest.fixture(scope="module")
def packages(city: Whole) -> dict[str, Published]:
    """What is published, by name."""
    return {package.name: package for package in current(city[0].catalogues[0].root)}


def test_at_least_45_datasets_are_published(packages: dict[str, Published]) -> None:
    """The first night publishes 45 datasets or more."""
    assert len(packages) >= 45


def test_at_least_12_departments_publish(packages: dict[str, Published]) -> None:
    """The datasets come from 12 departments or more."""
    assert len({package.package["department"] for package in packages.values()}) >= 12


def test_at_least_2500_figures_are_published(city: Whole) -> None:
    """2,500 or more numbers, keys and derived figures not counted, are published from deliveries."""
    published = delivered(city[0].catalogues[0].root)
    figures = [row[name] for package in published for row in rows(package) for name in figure_fields(package)]
    assert sum(figure is not None for figure in figures) >= 2_500


@pytest.mark.parametrize("names", [OF_THE_PLAN, ASKED_FOR, RICHER], ids=["plan", "asked for", "richer"])
def test_the_datasets_that_were_asked_for_are_there(packages: dict[str, Published], names: set[str]) -> None:
    """Every dataset that is asked for by name is published under that name."""
    assert names - packages.keys() == set()


def test_every_indicator_has_its_dataset_by_fiscal_year(packages: dict[str, Published]) -> None:
    """Each of the 25 indicators names a published dataset of its own that has the column fiscal_year."""
    named = [row["dataset"] for row in rows(packages["kpi_indicators"])]
    assert (len(named), len(set(named))) == (25, 25)
    assert [name for name in named if "fiscal_year" not in fields(packages[name])] == []


def test_incineration_has_twenty_years(packages: dict[str, Published]) -> None:
    """Tonnes by plant are published for every fiscal year from 2005 to 2024."""
    assert {row["fiscal_year"] for row in rows(packages["waste_incineration"])} == set(range(2005, 2025))


def says(name: str) -> str:
    """What a delivery says: sheet names and cells; of a text file, which may have no place for it, the name too."""
    inside = "".join(sheet + text for sheet, _, text in cells(name))
    return inside + (name if name.endswith(".csv") else "")


def test_every_delivery_says_that_it_was_put_together() -> None:
    """Each shipped delivery says 公表値から再構成 in itself."""
    assert [name for name in files() if "公表値から再構成" not in says(name)] == []


def test_every_delivery_is_used(city: Whole) -> None:
    """No file lies below sources/deliveries/ that no dataset reads."""
    sources = [dataset.source for dataset in city[0].repository]
    read = {Path(str(s.path)).relative_to("deliveries").as_posix() for s in sources if s.path}
    read |= {f"web/{Path(s.url).name}" for s in sources if s.url}
    assert set(files()) - read == set()
