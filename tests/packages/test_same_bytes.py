"""The same input gives the same bytes: in any folder, time zone and language, on any day, with any threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines.night import Night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY
from tests.kit import Town, deliveries, town
from tests.packages.synthetic import NAMES, synthetic_town

# One of every kind: .xlsx, .xls, cp932, with a merged header, lying on its side, several sheets, side by side, with
# SQL of its own, eras, units, corrections of the unit, times, monthly, wide, and what is derived from published tables.
SLICE = (
    "air_toxics",
    "equality_diversity_perception",
    "foreign_residents",
    "greenhouse_gas_emissions",
    "household_waste",
    "kpi_indicators",
    "kpi_placements",
    "kpi_targets",
    "municipal_indicators",
    "nambu_line_passengers_between_stations",
    "population_by_sex",
    "population_by_ward",
    "population_history",
    "port_cargo",
    "tourist_visits",
)
FAR_AWAY = {"TZ": "America/New_York", "LANG": "ja_JP.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4"}


def another_day() -> dict[str, str]:
    """A clock that is 400 days ahead, for every library of a process (Debian's libfaketime); a must in CI."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    assert library or not os.environ.get("CI"), "faketime is not installed: .ci/run installs it"
    return {"LD_PRELOAD": str(library), "FAKETIME": "+400d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"} if library else {}


FAR_AWAY |= another_day()
AT_HOME = {"TZ": "Asia/Tokyo", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "11"}


def night_elsewhere(place: Town, threads: int, environment: dict[str, str]) -> None:
    """A night in a process of its own, with other settings of the machine."""
    command = [sys.executable, "-m", "tests.packages.elsewhere", place.root, place.home, str(threads)]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def released(home: Path, name: str) -> dict[str, bytes]:
    """Every file of every release of a dataset."""
    folder = home / "catalogue" / name / "releases"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differing(first: Path, second: Path, names: list[str] | tuple[str, ...]) -> list[str]:
    """The datasets whose releases are not the same in both homes, or are not there."""
    return [name for name in names if not (found := released(first, name)) or found != released(second, name)]


def home_of(pipeline: Pipeline) -> Path:
    return pipeline.catalogues[0].root.parent


def test_releases_are_the_same_on_another_machine(city: tuple[Pipeline, Night], tmp_path: Path) -> None:
    """A slice of the city has its bytes in another folder, time zone and language, on another day, with one thread."""
    other = town(tmp_path, SLICE)
    night_elsewhere(other, 1, FAR_AWAY)
    assert differing(home_of(city[0]), other.home, SLICE) == []


def everything(home: Path) -> dict[str, bytes]:
    """Every file of a catalogue, as a reader finds it."""
    root = home / "catalogue"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_lost_catalogue_is_made_again_on_another_day_byte_for_byte(tmp_path: Path) -> None:
    """Of the same store: pages, feeds, DCAT, workbooks and zips too have no clock but that of the log."""
    made, public = town(tmp_path, ["waste_per_capita"]), {"OPENDATA_BASE_URL": "https://data.example.invalid/"}
    night_elsewhere(made, 2, AT_HOME | public)
    before = everything(made.home)
    shutil.rmtree(made.home / "catalogue")
    night_elsewhere(made, 1, FAR_AWAY | public)
    again = everything(made.home)
    assert {name for name in before | again if before.get(name) != again.get(name)} == set()
    assert {"feed.atom", "catalogue.ttl", "index.html", "waste_per_capita/waste_per_capita.zip"} <= set(before)


@pytest.mark.long
def test_the_whole_city_is_the_same_on_another_machine(city: tuple[Pipeline, Night], tmp_path: Path) -> None:
    """Every dataset of the city, with one thread and elsewhere, has the same bytes, the index too."""
    root = tmp_path / "elsewhere"
    for part in ("schemas", "sources"):
        shutil.copytree(REPOSITORY / part, root / part)
    with deliveries():
        night_elsewhere(Town(root, tmp_path / "home"), 1, FAR_AWAY)
    assert differing(home_of(city[0]), tmp_path / "home", [*city[0].repository.datasets]) == []
    index = [home / "catalogue" / "catalogue.json" for home in (home_of(city[0]), tmp_path / "home")]
    assert index[0].read_bytes() == index[1].read_bytes()


def write_long_delivery(rows: int, path: Path) -> None:
    """A regular delivery of many rows, in no order; synthetic."""
    columns = {
        "code": "'c' || lpad((hash(i) % 100000000)::VARCHAR, 8, '0') || '-' || i",
        "text": "CASE WHEN i % 7 <> 0 THEN 'text ' || hash(i) % 1000 END",
        "amount": "(hash(i * 3) % 1000000000)::DECIMAL(18, 4) / 10000",
        "whole": "CASE WHEN i % 11 <> 0 THEN hash(i + 1) % 100000 END",
        "flag": "i % 2 = 0",
        "year": "1900 + i % 200",
        "month": "strftime(DATE '1950-01-01' + (i % 50000)::INTEGER, '%Y-%m')",
        "day": "DATE '1950-01-01' + (i % 50000)::INTEGER",
        "moment": "strftime(TIMESTAMP '2000-01-01' + to_seconds(i), '%Y-%m-%dT%H:%M:%S')",
    }
    amount = f"printf('%.4f', {columns['amount']})"
    listed = ", ".join(f"{amount if name == 'amount' else columns[name]} AS {name}" for name in NAMES)
    duckdb.sql(f"COPY (SELECT {listed} FROM range({rows}) t(i)) TO '{path}' (FORMAT csv, HEADER true)")


@pytest.mark.parametrize("rows", [300_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_long_table_has_the_same_bytes_with_one_thread_and_two(tmp_path: Path, rows: int) -> None:
    """A table of many row groups comes out byte for byte the same, and every tool opens all of it."""
    homes = []
    for threads, environment in ((1, FAR_AWAY), (2, AT_HOME)):
        place = synthetic_town(tmp_path / str(threads), "")
        write_long_delivery(rows, place.root / "sources" / "deliveries" / "synthetic.csv")
        night_elsewhere(place, threads, environment)
        homes.append(place.home)
    assert differing(homes[0], homes[1], ["synthetic"]) == []
    folder = homes[0] / "catalogue" / "synthetic"
    assert pq.ParquetFile(folder / "synthetic.parquet").num_row_groups > 1
    assert heights(folder / "synthetic.csv") == [rows, rows, rows]


def heights(path: Path) -> list[int]:
    """How many rows each tool finds without an option."""
    [(counted,)] = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall()
    return [len(pd.read_csv(path)), counted, pl.read_csv(path).height]
