"""Every published value is recomputed from its cell: the delivery is opened again, with nothing of the pipeline."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from pipelines.night import Night
from pipelines.pipeline import Pipeline, manifest
from pipelines.settings import REPOSITORY
from pipelines.steward.trace import trace_row
from tests.packages.released import Published
from tests.provenance import grammar
from tests.provenance.cells import by_hash, cell, files, row_of
from tests.provenance.traced import (
    Traced,
    delivered,
    derived,
    everything,
    fields,
    figure_fields,
    origin,
    provenance,
    rows,
    source,
    traced,
)

WARDS = {
    "川崎区": "14131",
    "幸区": "14132",
    "中原区": "14133",
    "高津区": "14134",
    "多摩区": "14135",
    "宮前区": "14136",
    "麻生区": "14137",
}


# What a source reads with SQL of its own is recomputed by hand.


def by_edition(value: Traced, text: str) -> int:
    """The current edition of the emissions counts in 万トン, the older one in 千トン."""
    return int(grammar.figure(text) * (10_000 if "万" in value.sheet else 1_000))


def in_yen(value: Traced, text: str) -> Decimal:
    """Amounts in 千円 are published in 円."""
    unit = cell(value.file, value.sheet, f"E{row_of(value.address)}")
    return grammar.figure(text) * (1_000 if unit == "千円" else 1)


def yen_for_thousands(_: Traced, text: str) -> str:
    return {"千円": "円", "％": "%"}.get(text, text)


def is_repeat(_: Traced, text: str) -> bool:
    return "再掲" in text


def one_target(value: Traced, text: str) -> object:
    """One of the SDG targets in the cell; that none is missing is a test of its own."""
    return value.value if value.value in targets_in(text) else None


def its_goal(value: Traced, text: str) -> object:
    """The goal of the row's target, which is in the cell."""
    target = value.row["sdg_target"]
    return int(target.partition(".")[0]) if target in targets_in(text) else None


def targets_in(text: str) -> list[str]:
    return [re.sub(r"(\d)([a-d])$", r"\1.\2", part) for part in re.split(r"[\s,、]+", text.strip())]


BY_HAND: dict[tuple[str, str], Callable[[Traced, str], object]] = {
    ("greenhouse_gas_emissions", "greenhouse_gas"): by_edition,
    ("municipal_indicators", "indicator_value"): in_yen,
    ("municipal_indicators", "unit"): yen_for_thousands,
    ("kpi_placements", "is_repeat"): is_repeat,
    ("kpi_placements", "sdg_target"): one_target,
    ("kpi_placements", "sdg_goal"): its_goal,
}


@pytest.fixture(scope="module")
def packages(catalogue: Path) -> dict[str, Published]:
    """The datasets that come from a delivery."""
    return {package.name: package for package in delivered(catalogue)}


def recomputed(value: Traced, package: Published) -> object:
    """What the cell of a published value says, read a second time."""
    text = cell(*value.place)
    if by_hand := BY_HAND.get((value.dataset, value.field)):
        return by_hand(value, text)
    declared = source(value.dataset)
    column = declared["columns"].get(value.field, {})
    return grammar.read(text, fields(package)[value.field], column, declared.get("missing", ()))


def test_every_published_value_is_what_its_cell_says(catalogue: Path, packages: dict[str, Published]) -> None:
    """Each value of each dataset, read again from the cell that provenance names, is the published one."""
    addressed = [value for value in everything(catalogue) if value.address]
    assert len(addressed) > 10_000
    assert [v for v in addressed if recomputed(v, packages[v.dataset]) != v.value] == []


def test_every_published_figure_has_a_cell(catalogue: Path, packages: dict[str, Published]) -> None:
    """No figure comes from anywhere but a cell of a shipped delivery."""
    names = {name: set(figure_fields(package)) for name, package in packages.items()}
    figures = [v for v in everything(catalogue) if v.field in names[v.dataset] and v.value is not None]
    assert len(figures) > 2_500
    assert [v for v in figures if not v.address] == []


@cache
def constants(dataset: str) -> dict[str, dict[str, set[str]]]:
    """The constants that a source file declares, by sheet and field; '' for those of every sheet."""
    declared = source(dataset)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for layout in (declared, *declared.get("tables", ())):
        for name, value in layout.get("constants", {}).items():
            found[layout.get("sheet", "")][name].add(str(value))
    return found


def declared_constant(value: Traced) -> bool:
    sheets = constants(value.dataset)
    return any(str(value.value) in sheets[sheet][value.field] for sheet in (value.sheet, ""))


def day_of_row(value: Traced) -> dt.date:
    """The date of a row whose era and year, and month and day, stand in two cells; the year only on the first row."""
    above = (cell(value.file, value.sheet, f"A{line}") for line in range(value.line, 0, -1))
    year = next(text for text in above if re.match("平成|令和", text))
    return dt.date(*grammar.numbers(year + cell(value.file, value.sheet, f"B{value.line}")))


def ward_of_row(value: Traced) -> str:
    return WARDS[value.row["area_name"]]


MADE = {("population_by_sex", "date"): day_of_row, ("households_by_ward", "area_code"): ward_of_row}


def test_what_stands_in_no_cell_is_declared(catalogue: Path) -> None:
    """A value without a cell of its own is blank, a constant of the source file, or made of cells of its row."""
    without = [v for v in everything(catalogue) if not v.address and v.value is not None]
    made = [v for v in without if (v.dataset, v.field) in MADE]
    assert len(made) > 250
    assert [v for v in made if MADE[v.dataset, v.field](v) != v.value] == []
    assert [v for v in without if v not in made and not declared_constant(v)] == []


def test_no_sdg_target_of_a_cell_is_missing(catalogue: Path) -> None:
    """Of a cell with several SDG targets every one is published, once."""
    found = defaultdict(list)
    for value in everything(catalogue):
        if (value.dataset, value.field) == ("kpi_placements", "sdg_target"):
            found[value.place].append(value.value)
    assert len(found) == 34
    assert {place: sorted(targets) for place, targets in found.items()} == {
        place: sorted(targets_in(cell(*place))) for place in found
    }


def test_every_row_leads_to_a_shipped_delivery(catalogue: Path) -> None:
    """The sha256 in every provenance is that of a file below sources/deliveries/, of the name that is given with it."""
    parts = [part for package in delivered(catalogue) for part in origin(package)["parts"]]
    assert len(parts) > 80
    assert [part for part in parts if Path(by_hash()[part["sha256"]]).name != part["file"]] == []


# Derived datasets


def rows_of(catalogue: Path) -> dict[tuple[str, str], list[dict[str, object]]]:
    """Every released table by name and version."""
    folders = sorted(catalogue.glob("*/releases/*"))
    found = {(f.parents[1].name, f.name): Published(f.parents[1].name, f / "datapackage.json") for f in folders}
    return {key: rows(package) for key, package in found.items()}


def referred(released: dict[tuple[str, str], list[dict[str, object]]], ref: str) -> dict[str, object]:
    """The row that a reference `dataset@version#row` names."""
    name, version, number = re.fullmatch(r"(\w+)@([\d.]+)#(\d+)", ref).groups()
    assert int(number) >= 1
    return released[name, version][int(number) - 1]


def test_every_derived_row_refers_to_released_rows(catalogue: Path) -> None:
    """Each reference of each derived row names a row of a release that is in the catalogue."""
    released = rows_of(catalogue)
    refs = [where["refs"] for package in derived(catalogue) for where in provenance(package)]
    assert refs
    assert all(refs)
    assert all(referred(released, ref) for found in refs for ref in found)


def test_a_derived_value_stands_in_the_rows_referred_to(catalogue: Path) -> None:
    """Value, baseline and target of every row of kpi_progress are figures of the rows that it refers to."""
    released = rows_of(catalogue)
    (package,) = derived(catalogue)
    for row, where in zip(rows(package), provenance(package), strict=True):
        known = {value for ref in where["refs"] for value in referred(released, ref).values()}
        taken = [row[name] for name in ("value", "baseline_value", "target_value", "fiscal_year", "indicator_id")]
        assert {value for value in taken if value is not None} <= known


# opendata explain


def explain(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own, in a narrow terminal."""
    run = "from pipelines.cli import main; main()"
    environment = {**os.environ, "OPENDATA_HOME": str(home), "COLUMNS": "80"}
    command = [sys.executable, "-c", run, *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_explain_leads_from_902_to_the_cell(catalogue: Path) -> None:
    """`opendata explain waste_per_capita 2020` names delivery, sheet, cell and hash, and there the file shows 902."""
    done = explain(catalogue.parent, "explain", "waste_per_capita", "2020")
    (sha256,) = re.findall(r"sha256:([0-9a-f]{64})\s+ごみ排出量の推移\.xlsx", done.stdout)
    assert done.returncode == 0
    row = r"902 .*９０２ .*ごみ排出量の推移\.xlsx.*\n(.*\n)?.*\(grams_per_person_day\)"
    assert re.search(row, done.stdout)
    (address,) = re.findall(r"ごみ排出量 ▸ (B\d+)", done.stdout)
    book = openpyxl.load_workbook(files()[by_hash()[sha256]], data_only=True)
    assert grammar.figure(str(book["ごみ排出量"][address].value)) == 902


def test_explain_tells_machines_the_same(catalogue: Path) -> None:
    """With --json the same row comes with every value, hash, file, sheet, cell and text."""
    found = json.loads(explain(catalogue.parent, "explain", "waste_per_capita", "2020", "--json").stdout)
    value = next(value for value in found["values"] if value["field"] == "grams_per_person_day")
    place = value["origin"]
    assert value["value"] == "902"
    assert (place["file"], place["sheet"]) == ("ごみ排出量の推移.xlsx", "ごみ排出量")
    assert cell(by_hash()[place["sha256"]], place["sheet"], place["cell"]) == place["text"]


def test_explain_without_such_a_row_is_wrong_usage(catalogue: Path) -> None:
    """A key that no row has ends with exit code 3 and says what the key is."""
    done = explain(catalogue.parent, "explain", "waste_per_capita", "1900")
    assert (done.returncode, "fiscal_year" in done.stderr) == (3, True)


def test_explain_names_the_cells_of_provenance(city: tuple[Pipeline, Night], catalogue: Path) -> None:
    """For the last row of every dataset, what explain says is what the published provenance files say."""
    store = city[0].store
    for package in delivered(catalogue):
        last = len(rows(package))
        explained = trace_row(store, manifest(store, store.log.head().current[package.name]), last)
        expected = list(traced(package))[-len(explained.values) :]
        assert [(v.field, v.origin.cell, v.origin.sheet) for v in explained.values] == [
            (v.field, v.address, v.sheet) for v in expected
        ]
        assert [v.origin.text.replace(",", "") for v in explained.values if v.origin.cell] == [
            cell(*v.place).replace(",", "") for v in expected if v.address
        ]
