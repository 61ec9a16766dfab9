"""No figure is made up: ORIGINS.csv is complete and true, from published figure to cell to where it was read."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from tests.kit import shared
from tests.packages.released import Published
from tests.provenance import grammar
from tests.provenance.cells import cell, cells, files
from tests.provenance.origins import Origin, facts, numbers_in, origins, plan_lines
from tests.provenance.traced import Traced, delivered, everything, fields, figure_fields

WARDS = {
    "kawasaki": "14131",
    "saiwai": "14132",
    "nakahara": "14133",
    "takatsu": "14134",
    "tama": "14135",
    "miyamae": "14136",
    "asao": "14137",
}
SCALES = {"億": 10**8, "万": 10**4, "千": 10**3}
UNITS = ("%", "g", "件", "ha", "円", "人", "t", "km", "戸", "m3", "局", "隻", "所", "校", "園", "世帯", "年", "年度")


@pytest.fixture(scope="module")
def packages(catalogue: Path) -> dict[str, Published]:
    """The datasets that come from a delivery."""
    return {package.name: package for package in delivered(catalogue)}


@pytest.fixture(scope="module")
def figures(catalogue: Path, packages: dict[str, Published]) -> list[Traced]:
    """Every published figure that comes from a delivery."""
    names = {name: set(figure_fields(package)) for name, package in packages.items()}
    return [t for t in everything(catalogue) if t.value is not None and t.field in names[t.dataset]]


@pytest.fixture(scope="module")
def by_place(figures: list[Traced]) -> dict[tuple[str, str, str], list[Traced]]:
    """The published figures by the cell they come from."""
    found = defaultdict(list)
    for traced in figures:
        found[traced.place].append(traced)
    return found


# Complete


def test_every_published_figure_has_its_origin(figures: list[Traced]) -> None:
    """The provenance of every published figure leads to a cell that ORIGINS.csv lists."""
    listed = {origin.place for origin in origins()}
    assert [traced for traced in figures if traced.place not in listed] == []


def test_every_cell_with_a_figure_is_listed(catalogue: Path, packages: dict[str, Published]) -> None:
    """Every cell of a delivery that reads as a number is in ORIGINS.csv or is a label, such as a year."""
    names = {name: set(figure_fields(package)) for name, package in packages.items()}
    labels = {t.place for t in everything(catalogue) if t.field not in names[t.dataset]}
    known = labels | {origin.place for origin in origins()}
    numeric = {(file, *found) for file in files() for found in numeric_cells(file)}
    assert numeric - known == set()


def numeric_cells(file: str) -> Iterator[tuple[str, str]]:
    """Sheet and address of the cells whose whole text is a number, with a unit or without."""
    for sheet, address, text in cells(file):
        try:
            grammar.figure(text, UNITS)
        except ValueError:
            continue
        yield sheet, address


# True


def test_no_cell_is_listed_twice() -> None:
    """ORIGINS.csv has one row for a cell."""
    places = [origin.place for origin in origins()]
    assert len(set(places)) == len(places)


def test_a_listed_figure_is_what_the_cell_shows() -> None:
    """The figure of every row of ORIGINS.csv is the text that a spreadsheet shows in that cell."""
    wrong = [(o, cell(*o.place)) for o in origins() if shown(o.file, cell(*o.place)) != shown(o.file, o.figure)]
    assert wrong == []


def shown(file: str, text: str) -> str:
    """Number formats of .xls can't be read here: there the separators of thousands don't count."""
    return text.replace(",", "") if file.endswith(".xls") else text


def test_every_fact_named_is_a_fact() -> None:
    """Series, period and origin of every row that comes from ../shared/facts stand there in one row."""
    assert [o for o in origins() if o.is_fact and (o.series, o.period, o.origin) not in facts()] == []


# The value of a fact counts all; how many of how many stands in its unit or its status, as printed there.
SPLIT = {"sdgs_partners_total", "sdgs_partners_second_round", "pm25_stations_meeting_standard"}


def values_of(origin: Origin) -> set[Decimal]:
    """The figures that a row of the facts states, in base units (億円 → 円)."""
    fact = facts()[origin.series, origin.period, origin.origin]
    stated = {fact.value * SCALES.get(fact.unit[:1], 1)}
    if origin.series in SPLIT:
        stated |= {Decimal(number) for number in numbers_in(fact.unit + " " + fact.status)}
    return stated


def test_a_published_figure_is_the_fact(by_place: dict[tuple[str, str, str], list[Traced]]) -> None:
    """What is published of a cell, in base units, is the value that the facts state, no digit more or less."""
    wrong = [(o, t) for o in origins() if o.is_fact for t in by_place[o.place] if t.value not in values_of(o)]
    assert wrong == []


def test_a_delivered_figure_that_is_not_published_is_the_fact(
    by_place: dict[tuple[str, str, str], list[Traced]],
) -> None:
    """A total that stands in a delivery and is skipped is the value that the facts state."""
    skipped = [o for o in origins() if o.is_fact and not by_place[o.place]]
    assert [o for o in skipped if grammar.figure(o.figure, UNITS) not in values_of(o)] == []


def periods(traced: Traced, package: Published) -> set[str]:
    """How the facts may write the time of a published row.

    A census of a year is that of 1 October. What changed until a date is of the month or year before it.
    """
    kinds = {name: field["type"] for name, field in fields(package).items()}
    times = [traced.row[name] for name in kinds if kinds[name] in {"year", "yearmonth", "date"}]
    written = {form for time in times if time is not None for form in forms(time)}
    return written | {"/".join(time for time in times if isinstance(time, str))}


def forms(time: object) -> set[str]:
    """A year, a month as text, or a day, as the facts write it."""
    if isinstance(time, dt.date):
        eve = time - dt.timedelta(days=1)
        return {time.isoformat(), f"{eve:%Y-%m}", f"{eve:%Y}"}
    return {str(time), f"FY{time}", f"{time}-10-01"}


def test_a_figure_is_published_in_its_own_period(
    by_place: dict[tuple[str, str, str], list[Traced]], packages: dict[str, Published]
) -> None:
    """Every figure stands in the row of the year, month or day that the facts state for it."""
    pairs = [(o, t) for o in origins() if o.is_fact for t in by_place[o.place]]
    assert [(o, t) for o, t in pairs if o.period not in periods(t, packages[t.dataset])] == []


def test_a_figure_is_published_for_its_own_ward(by_place: dict[tuple[str, str, str], list[Traced]]) -> None:
    """A figure of a series of one ward stands in a row of that ward, and one of the city in a row of the city."""
    pairs = [(o, t) for o in origins() if o.is_fact for t in by_place[o.place] if "area_code" in t.row]
    assert len(pairs) > 1000
    assert [(o, t) for o, t in pairs if t.row["area_code"] != WARDS.get(o.series.rsplit("_", 1)[-1], "14130")] == []


def named_lines(origin: Origin) -> str:
    """The line of the plan that a row names; a list of SDG targets runs on in the lines below it."""
    number = int(re.search(r"line (\d+)", origin.origin)[1])
    return "\n".join(plan_lines()[number - 1 : number + (6 if origin.sheet == "掲載箇所" else 0)])


def test_the_plan_has_the_figure_on_the_named_line() -> None:
    """Every figure said to be of the plan stands on the line that its row names."""
    rows = [o for o in origins() if o.series == "plan"]
    figures = [(o, re.sub(r"^\d{4}年度:|\((?:小5|中2)\)$", "", o.figure)) for o in rows]
    assert len(rows) > 100
    assert [o for o, text in figures if not set(numbers_in(text)) <= set(numbers_in(named_lines(o)))] == []


# Read out of ../shared/realdata


@cache
def municipal_row() -> list[str]:
    path = shared("realdata", "RilaKorila__data_analysis", "data", "SSDSE-A-2022.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[691]


@cache
def census_rows() -> dict[int, set[str]]:
    """The figures of every row of the ministry's table of stations."""
    path = shared("realdata", "oK020202__VBA-Excel", "work", "12_駅別発着・駅間通過人員表_首都圏.xlsx")
    (sheet,) = openpyxl.load_workbook(path, data_only=True, read_only=True).worksheets[:1]
    return {i: {str(v) for v in row if v is not None} for i, row in enumerate(sheet.iter_rows(values_only=True), 1)}


def test_a_figure_of_ssdse_is_in_its_column() -> None:
    """Every figure said to be of SSDSE stands in Kawasaki's row of that file, in the column named."""
    rows = [o for o in origins() if "SSDSE" in o.origin and o.series == "realdata"]
    assert len(rows) == 124
    assert municipal_row()[2] == "川崎市"
    assert [o for o in rows if municipal_row()[int(o.origin.rsplit(" ", 1)[1]) - 1] != o.figure] == []


def test_a_figure_of_the_transport_census_is_in_its_row() -> None:
    """Every figure said to be of the transport census stands in the row named of the ministry's table."""
    rows = [o for o in origins() if "oK020202" in o.origin]
    numbers = {o: int(o.origin.rsplit(" ", 1)[1]) for o in rows}
    assert len(rows) > 500
    assert [o for o in rows if o.figure.replace(",", "") not in census_rows()[numbers[o]]] == []


def test_a_total_is_the_sum_of_its_cells() -> None:
    """A total of the delivery that is marked as computed is the sum of the cells that its row names."""
    rows = [o for o in origins() if o.series == "computed"]
    assert len(rows) > 10
    assert [o for o in rows if grammar.figure(o.figure) != sum_of(o)] == []


def sum_of(origin: Origin) -> Decimal:
    first, last = re.findall(r"[A-Z]+\d+", origin.origin)
    column = first.rstrip("0123456789")
    numbers = range(int(first.removeprefix(column)), int(last.removeprefix(column)) + 1)
    return sum((grammar.figure(cell(origin.file, origin.sheet, f"{column}{n}")) for n in numbers), Decimal(0))
