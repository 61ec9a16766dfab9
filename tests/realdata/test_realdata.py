"""Real files of ministries and cities, read by declaration alone, against figures read by eye from the originals."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipelines.steward.hand import approve
from pipelines.steward.waiting import waiting
from tests.kit import Town, result
from tests.realdata.real import lay, published, real_town, row

KOBE = "realdata/hkwi__kobe-opendata/import/www.city.kobe.lg.jp/information/data/statistics/toukei/jinkou/suikeidata"


def after_a_night(folder: Path, *names: str) -> Town:
    """A town that has published these datasets, and found nothing wrong with them."""
    where = real_town(folder, *names)
    night = where.night()
    for name in names:
        assert (result(night, name).outcome, list(result(night, name).findings)) == ("published", [])
    return where


# Kawasaki's plants as the sheets show them: code, plant, tonnes a year, tonnes a day, furnaces, in use since.
PLANTS = {
    2005: [  # sheet 焼却, rows 449 to 452: one header row over another, no title
        ("14-130-01-001", "浮島処理センター", "207645.000", "900.000", "3", "1995"),
        ("14-130-01-006", "堤根処理センター", "77983.000", "600.000", "2", "1979"),
        ("14-130-01-007", "橘処理センター", "113051.000", "600.000", "3", "1974"),
        ("14-130-01-008", "王禅寺処理センター", "62756.000", "450.000", "3", "1986"),
    ],
    2009: [  # sheet 焼却施設: a title, five header rows, another order of columns
        ("14-130-01-001", "浮島処理センター", "179640.000", "900.000", "3", "1995"),
        ("14-130-01-006", "堤根処理センター", "70630.000", "600.000", "2", "1979"),
        ("14-130-01-007", "橘処理センター", "108279.000", "600.000", "3", "1974"),
        ("14-130-01-008", "王禅寺処理センター", "61970.000", "450.000", "3", "1986"),
    ],
    2019: [  # sheet 焼却 of an .xlsx, rows 397 to 399: three plants, numbered anew
        ("14-130-01-001", "浮島処理センター", "180852.000", "900.000", "3", "1995"),
        ("14-130-01-002", "堤根処理センター", "71766.000", "600.000", "2", "1978"),
        ("14-130-01-003", "王禅寺処理センター", "103085.000", "450.000", "3", "2011"),
    ],
}
PLANT = ("facility_code", "facility", "treated", "capacity", "furnaces", "in_use_since")


def test_three_layouts_of_one_series_of_a_ministry_are_read_alike(tmp_path: Path) -> None:
    """Two, five and five header rows, other sheets, orders and headers of columns: the same schema."""
    where = after_a_night(tmp_path, *(f"incineration_{year}" for year in PLANTS))
    for year, plants in PLANTS.items():
        rows = published(where, f"incineration_{year}")
        assert [tuple(one[name] for name in PLANT) for one in rows] == plants
        assert {(one["fiscal_year"], one["prefecture"], one["municipality"]) for one in rows} == {
            (str(year), "神奈川県", "川崎市")
        }


def test_tables_stacked_under_the_names_of_lines_are_one_table(tmp_path: Path) -> None:
    """The transport census: 141 tables below one another, each with its name above and a total below."""
    where = after_a_night(tmp_path, "passengers_by_section")
    rows = published(where, "passengers_by_section")
    figures = ("boarding_down", "alighting_down", "passing_down", "passing_up")

    def at(line: str, station: str) -> tuple[str, ...]:
        return tuple(row(rows, line=line, station=station)[name] for name in figures)

    assert at("南武線", "川崎") == ("112978", "0", "112978", "111413")  # row 285
    assert at("南武線", "武蔵中原") == ("13148", "26797", "165656", "164317")  # row 292
    assert at("南武線", "立川") == ("0", "61995", "0", "0")  # row 310, the last above 合計
    assert at("東海道本線", "川崎") == ("41568", "55977", "199768", "190961")  # row 10: another line, the same station
    assert len([one for one in rows if one["line"] == "南武線"]) == 26
    assert not [one for one in rows if one["station"] in {"合計", "南武線"}]
    assert (
        len({one["line"] for one in rows}) == 136
    )  # 139 names, two of them of two companies each, without the three rings


def test_code_and_name_in_one_cell_become_two_fields(tmp_path: Path) -> None:
    """The 2020 census: `14130_川崎市`; three header rows with blank rows between, and a dash for no figure."""
    where = after_a_night(tmp_path, "census_2020")
    rows = published(where, "census_2020")
    kawasaki = row(rows, area_code="14130")  # row 765
    assert list(kawasaki.values()) == ["14130", "川崎市", "Kawasaki-shi", "1538262", "63049", "4.27389", "143.01"]
    assert row(rows, area_code="14137")["population"] == "180705"  # row 772, 麻生区
    assert (row(rows, area_code="07546")["population"], row(rows, area_code="07546")["change"]) == ("", "0")  # 双葉町
    assert row(rows, area_code="47382")["change_rate"] == "-9.06131"  # row 1974, the last
    assert len(rows) == 1965


# ward: households, population, male, female, change from last month, change from last year
BEFORE = {
    "東灘区": ("97263", "213914", "101000", "112914", "187", ""),
    "北区": ("87248", "219837", "103799", "116038", "-31", ""),
    "西区": ("97188", "245878", "118725", "127153", "-17", ""),
}
AFTER = {
    "東灘区": ("97381", "213821", "100984", "112837", "187", "724"),
    "北区": ("87141", "219774", "103779", "115995", "-31", "-2002"),
    "西区": ("97352", "245765", "118691", "127074", "-17", "-1146"),
}
ESTIMATE = ("households", "population", "male", "female", "change_from_last_month", "change_from_last_year")


def estimates(where: Town) -> dict[str, tuple[str, ...]]:
    rows = published(where, "population_estimate")
    assert {one["as_of"] for one in rows} == {"2015-11-01"}  # 平成27年11月1日現在, in A6
    assert len(rows) == 9
    return {one["ward"]: tuple(one[name] for name in ESTIMATE) for one in rows}


def test_a_monthly_workbook_of_a_city_is_read_with_its_date(tmp_path: Path) -> None:
    """Kobe's estimate: the date above the table, years above the wards, parts of wards among them, notes below."""
    found = estimates(after_a_night(tmp_path, "population_estimate"))
    assert {ward: found[ward] for ward in BEFORE} == BEFORE


def test_a_revised_workbook_changes_what_it_revises_and_nothing_else(tmp_path: Path) -> None:
    """The same month after the census's final count: a steward is asked, then every change is told with old and new."""
    where = after_a_night(tmp_path, "population_estimate")
    lay(where, f"{KOBE}/syuuseijinkou2711.xls", f"{KOBE}/jinkou2711.xls")
    (asked,) = result(where.night(), "population_estimate").findings
    assert asked.code == "guard.changed"
    waits = waiting(where.open(), "population_estimate").candidate
    approve(where.open(), "population_estimate", waits, "steward", "国勢調査の確定値による改訂")
    assert result(where.night(), "population_estimate").outcome == "published"
    found = estimates(where)
    assert {ward: found[ward] for ward in AFTER} == AFTER
    changes = changed(where)
    assert changes["東灘区", "population"] == ("213914", "213821")
    assert changes["中央区", "change_from_last_year"] == ("", "1575")
    assert not [field for _, field in changes if field == "change_from_last_month"]
    assert len(changes) == 9 * 5  # every ward but for the one field that was not revised


def changed(where: Town) -> dict[tuple[str, str], tuple[str, str]]:
    content = where.published("population_estimate")["changes.csv"].decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert {one["change"] for one in rows} == {"changed"}
    return {(one["ward"], one["field"]): (one["old"], one["new"]) for one in rows}


@pytest.mark.parametrize("name", ["passengers_by_section", "population_estimate"])
def test_every_value_of_a_real_file_leads_back_to_its_cell(tmp_path: Path, name: str) -> None:
    """Headings of sections and the date above the table have addresses like any other cell."""
    from pipelines.steward.trace import trace

    where = after_a_night(tmp_path, name)
    key = ["南武線", "武蔵中原"] if name == "passengers_by_section" else ["2015-11-01", "北区"]
    found = {
        value.field: (value.origin.cell, value.origin.text)
        for value in trace(where.open(), name, key).values
        if value.origin
    }
    if name == "passengers_by_section":
        assert (found["line"], found["station"]) == (("A284", "南武線"), ("A292", "武蔵中原"))
        assert found["passing_up"] == ("S292", "164317")
    else:
        assert found["as_of"] == ("A6", "平成27年11月1日現在")
        assert found["population"] == ("F20", "219837")
