"""`opendata new`: from a department's file to a published dataset by replacing what is marked TODO, without Python."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from pipelines.datasets import load_repository
from pipelines.errors import ConfigurationError, UnknownName
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY
from pipelines.shell import scaffold
from pipelines.steward.trace import trace
from tests.kit import Town, result, town
from tests.reading.sheets import Rows, text_file, workbook
from tests.shell.command import opendata

# Every figure in this file is made up for the tests.
WORKBOOK = [
    ["第３表　ごみの処理量の推移（試験用の架空の数字）", "", "", "", "", ""],
    ["", "", "", "", "", "（単位：千ｔ）"],
    ["年　度", "人口\n（人）", "焼却量", "", "資源化率（％）", "備考"],
    ["", "", "一般ごみ", "粗大ごみ", "", ""],
    ["平成29年度", "1,500,001", "３１０．５", 12, "28.4", ""],
    ["平成30年度", "1,510,002", 305, "－", "▲1.25", "速報"],
    ["令和元年度", "1,520,003", "298.1", 11, "27.0％", ""],
    ["令和２年度", "1,530,004", 295, 10, "…", ""],
    ["計", "", 1208.6, 33, "", ""],
    ["", "", "", "", "", ""],
    ["※ 「－」「…」は数字がないもの。", "", "", "", "", ""],
    ["資料：架空局", "", "", "", "", ""],
]
MERGED = ["A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4", "A11:F11"]
CSV_LINES = [
    "施設名,区,開設年月日,定員（人）,団体コード,利用料",
    '"第一ホール（架空）",川崎区,平成31年4月1日,"1,200",014131,500円',
    "第二ホール①（架空）,幸区,2020/5/1,80,014132,1千円",
    '"第三\r\nホール（架空）",幸区,R3.6.1,-,014132,300円',
]


class Proposed(NamedTuple):
    """Both proposed files, as trees."""

    schema: dict
    source: dict

    def field(self, name: str) -> dict:
        return next(field for field in self.schema["fields"] if field["name"] == name)


@pytest.fixture
def empty(tmp_path: Path) -> Town:
    """A town without datasets, with a folder for deliveries."""
    made = town(tmp_path, [])
    (made.root / "sources" / "deliveries" / "environment").mkdir(parents=True)
    return made


def deliver(where: Town, name: str, rows: Rows = (), merged: Sequence[str] = (), text: str = "") -> Path:
    """Put a delivery where departments put them."""
    path = where.root / "sources" / "deliveries" / "environment" / name
    return text_file(path, text, "cp932") if text else workbook(path, rows, merged)


def proposed(where: Town, delivery: Path) -> Proposed:
    """What is proposed for a delivery."""
    proposal = scaffold.propose(load_repository(where.root), delivery, "environment", None)
    load = YAML(typ="safe").load
    return Proposed(load(proposal.schema), load(proposal.source))


def decided(where: Town, name: str) -> None:
    """Replace each TODO, and nothing else, as a person would with an editor."""
    for folder in ("schemas", "sources"):
        path = where.root / folder / f"{name}.yaml"
        text = re.sub(r"TODO_(\d+)", r"decided_\1", path.read_text(encoding="utf-8"))
        path.write_text(text.replace("TODO", "decided"), encoding="utf-8")


# --- end to end


def test_a_workbook_becomes_a_dataset_by_replacing_what_is_marked(empty: Town) -> None:
    """new → replace every TODO → the night publishes → explain leads to the cell."""
    path = deliver(empty, "ごみの処理量.xlsx", WORKBOOK, MERGED)
    done = opendata(empty, "new", str(path), "--name", "waste_treated", "--department", "environment")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("TODO: ") >= 4
    decided(empty, "waste_treated")
    assert result(empty.night(), "waste_treated").outcome == "published"
    shown = opendata(empty, "explain", "waste_treated", "2019", "--json")
    values = {value["field"]: value for value in json.loads(shown.stdout)["values"]}
    assert (values["decided_3"]["value"], values["decided_3"]["origin"]["cell"]) == ("298100", "C7")
    assert values["decided_3"]["origin"]["text"] == "298.1"
    assert (values["fiscal_year"]["origin"]["text"], values["fiscal_year"]["origin"]["cell"]) == ("令和元年度", "A7")


def test_a_cp932_text_file_becomes_a_dataset_by_replacing_what_is_marked(empty: Town) -> None:
    """The same for a CSV as Excel saves it in Japan; codes, dates and texts come through as they are meant."""
    path = deliver(empty, "施設一覧.csv", text="\r\n".join(CSV_LINES))
    done = opendata(empty, "new", str(path), "--name", "halls", "--department", "environment", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == [str(empty.root / part / "halls.yaml") for part in ("schemas", "sources")]
    decided(empty, "halls")
    assert result(empty.night(), "halls").outcome == "published"
    row = trace(Pipeline.open(empty.settings), "halls", ["第二ホール①（架空）"])
    assert {v.field: (v.value, v.origin.cell) for v in row.values if v.origin} == {
        "facility": ("第二ホール①（架空）", "A3"),
        "ward": ("幸区", "B3"),
        "decided_3": ("2020-05-01", "C3"),
        "decided_4": ("80", "D3"),
        "area_code": ("014132", "E3"),
        "decided_6": ("1000", "F3"),
    }


@pytest.mark.parametrize("left", ["name: TODO_3", 'en: "TODO: ', 'ja: "TODO: '])
def test_what_is_left_open_does_not_load(empty: Town, left: str) -> None:
    """A TODO left over is named with file and line; nothing is published under it."""
    path = deliver(empty, "ごみの処理量.xlsx", WORKBOOK, MERGED)
    repository = load_repository(empty.root)
    schema, _ = scaffold.write(repository, "waste", scaffold.propose(repository, path, "environment", None))
    lines = schema.read_text(encoding="utf-8").splitlines()
    at = next(i for i, text in enumerate(lines) if left in text)
    decided(empty, "waste")
    others = schema.read_text(encoding="utf-8").splitlines()
    schema.write_text("\n".join([*others[:at], lines[at], *others[at + 1 :]]), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_repository(empty.root)
    place = caught.value.finding.place
    assert (caught.value.code, place.file, place.line) == ("config.value", "schemas/waste.yaml", at + 1)
    assert "TODO" in caught.value.finding.text("ja")


# --- what is seen in a sheet


def test_title_unit_header_totals_and_notes_of_a_workbook_are_seen(empty: Town) -> None:
    """The merged header of two rows, the title above, the notes and the total below."""
    found = proposed(empty, deliver(empty, "x.xlsx", WORKBOOK, MERGED))
    assert found.schema["title"]["ja"] == "第3表 ごみの処理量の推移(試験用の架空の数字)"
    assert found.source["header"]["rows"] == [3, 4]
    assert re.search(found.source["notes"], "※ 「－」「…」は数字がないもの。")
    assert not re.search(found.source["notes"], "平成29年度")
    assert found.source["skip"] == [{"field": "fiscal_year", "matching": "^(計)$"}]
    assert found.source["missing"] == ["…", "－"]
    assert found.schema["primaryKey"] == ["fiscal_year"]


def test_types_decimals_and_units_are_seen(empty: Town) -> None:
    """Units from the header, from the line above the table and from the cells; figures in base units."""
    found = proposed(empty, deliver(empty, "x.xlsx", WORKBOOK, MERGED))
    assert found.field("fiscal_year")["type"] == "year"
    assert (found.field("population")["type"], found.field("population")["unit"]) == ("integer", "person")
    burnt = found.field("TODO_3")
    assert (burnt["type"], burnt["unit"], burnt["title"]["ja"]) == ("integer", "t", "焼却量・一般ごみ")
    assert found.source["columns"]["TODO_3"] == {"headers": ["焼却量/一般ごみ"], "scale": 1000}
    share = found.field("TODO_5")
    assert (share["type"], share["decimals"], share["unit"]) == ("number", 2, "%")
    assert found.source["columns"]["TODO_5"] == {"headers": ["資源化率(%)"], "unit": ["%"]}
    assert found.field("remarks") == {"name": "remarks", "type": "string", "title": {"ja": "備考", "en": "Remarks"}}


def test_only_what_is_known_is_translated(empty: Town) -> None:
    """A header that the small dictionary has no doubt about has a name and an English title, any other a TODO."""
    rows = [["年", "区", "人口", "なぞの量", "Score"], [2019, "川崎区", 1, 2, 3], [2019, "幸区", 4, 5, 6]]
    found = proposed(empty, deliver(empty, "x.xlsx", rows))
    assert [field["name"] for field in found.schema["fields"]] == ["year", "ward", "population", "TODO_4", "score"]
    assert [field["title"]["en"] for field in found.schema["fields"]][2:] == ["Population", "TODO: なぞの量", "Score"]


def test_years_in_the_header_are_proposed_as_rows(empty: Town) -> None:
    """A wide table: years become a column, the unit above the table counts for their figures."""
    rows = [
        ["駅別乗車人員（架空）", "", "", ""],
        ["", "", "", "単位：人"],
        ["駅", "平成30年度", "令和元年度", "備考"],
        ["南駅", 10, "…", ""],
        ["北駅", 8, 7, "x"],
    ]
    found = proposed(empty, deliver(empty, "x.xlsx", rows))
    assert found.source["unpivot"] == {"into": "fiscal_year", "matching": "年度$", "level": 1, "value": "TODO_4"}
    assert list(found.source["columns"]) == ["station", "remarks"]
    assert found.schema["primaryKey"] == ["station", "fiscal_year"]
    assert found.field("TODO_4")["unit"] == "person"


def test_a_header_that_stands_twice_in_a_wide_table_is_left_out_by_name(empty: Town) -> None:
    """Which of two columns of one header is meant nobody can tell; the proposal says that it reads neither."""
    rows = [["駅", "R1", "R2", "備考", "備考"], ["南駅", 10, 9, "x", "y"], ["北駅", 8, 7, "", "z"]]
    path = deliver(empty, "x.xlsx", rows)
    assert proposed(empty, path).source["ignore"] == ["備考"]
    assert list(proposed(empty, path).source["columns"]) == ["station"]


def test_years_over_measures_are_proposed_as_rows(empty: Town) -> None:
    """A wide table of two levels: the level without years names the columns."""
    rows = [
        ["区", "R1", "", "R2", ""],
        ["", "件数", "人数", "件数", "人数"],
        ["川崎区", 10, 1, 9, 2],
        ["幸区", 5, 0, 4, 1],
    ]
    found = proposed(empty, deliver(empty, "x.xlsx", rows, ["A1:A2", "B1:C1", "D1:E1"]))
    assert found.source["unpivot"] == {"into": "year", "matching": r"^[MTSHR]\d+$", "level": 1}
    assert found.source["columns"] == {"ward": "区", "count": "件数", "persons": "人数"}
    assert found.schema["primaryKey"] == ["ward", "year"]


def test_a_table_on_its_side_is_proposed_as_one(empty: Town) -> None:
    """Years across and figures down: each row of the sheet becomes a column."""
    rows = [
        ["決算（架空）", "", "", ""],
        ["区　分", "", "令和元年度", "令和2年度"],
        ["収入（億円）", "市税", 1.5, 2],
        ["", "計", 3, 4.25],
        ["職員数（人）", "", 10, 12],
        ["注　架空の数字", "", "", ""],
    ]
    found = proposed(empty, deliver(empty, "x.xlsx", rows, ["A2:B2", "A3:A4", "A5:B5"]))
    assert (found.source["transpose"], found.source["header"]["rows"]) == (True, [1, 2])
    assert found.source["columns_between"] == "2:5"
    assert found.source["columns"]["TODO_2"] == {"headers": ["収入(億円)/市税"], "scale": 100_000_000}
    assert (found.field("TODO_2")["type"], found.field("TODO_4")["unit"]) == ("integer", "person")


def test_omitted_labels_are_proposed_to_be_filled(empty: Town) -> None:
    """A label that stands once for several rows is repeated, and is part of the key."""
    rows = [["区", "性別", "人口"], ["川崎区", "男", 7], ["", "女", 8], ["幸区", "男", 5], ["", "女", 6]]
    found = proposed(empty, deliver(empty, "x.xlsx", rows, ["A2:A3", "A4:A5"]))
    assert found.source["fill_down"] == ["ward"]
    assert found.schema["primaryKey"] == ["ward", "sex"]


def test_a_header_of_a_text_file_may_have_two_rows(empty: Town) -> None:
    """Without merged cells the upper level carries to the right; the lines above are no header."""
    text = "世帯と人口（架空）\n環境局,,,1月1日現在\n区,人口,,世帯数\n,男,女,\n川崎区,7,8,5\n幸区,5,6,4\n"
    found = proposed(empty, deliver(empty, "x.csv", text=text))
    assert found.source["header"]["rows"] == [3, 4]
    assert found.source["columns"] == {
        "ward": "区",
        "population_male": "人口/男",
        "population_female": "人口/女",
        "households": "世帯数",
    }


def test_a_list_without_figures_has_its_header_in_its_first_full_row(empty: Town) -> None:
    """A directory of facilities is a table, too."""
    rows = [["施設一覧（架空）"], ["施設名", "所在地", "電話番号"], ["甲館", "川崎区1-1", "044-000-0000"]]
    found = proposed(empty, deliver(empty, "x.xlsx", rows))
    assert found.source["header"]["rows"] == [2]
    assert {field["type"] for field in found.schema["fields"]} == {"string"}


# --- refusals


def test_nothing_is_overwritten(empty: Town) -> None:
    """A name that is taken is refused, and the files stay as they were."""
    path = deliver(empty, "x.xlsx", WORKBOOK, MERGED)
    arguments = ("new", str(path), "--name", "waste", "--department", "environment")
    assert opendata(empty, *arguments).returncode == 0
    decided(empty, "waste")
    before = (empty.root / "schemas" / "waste.yaml").read_bytes()
    again = opendata(empty, *arguments)
    assert (again.returncode, "new.exists" in again.stderr) == (2, True)
    assert (empty.root / "schemas" / "waste.yaml").read_bytes() == before


def test_a_delivery_outside_sources_is_refused(empty: Town, tmp_path: Path) -> None:
    """What is not below sources/ has no path that a source file could name."""
    with pytest.raises(ConfigurationError) as caught:
        proposed(empty, workbook(tmp_path / "x.xlsx", WORKBOOK))
    assert caught.value.code == "new.outside"


@pytest.mark.parametrize(("rows", "code"), [([["", ""]], "new.empty"), ([["件数", "件数"], [1, 2]], "new.no_table")])
def test_a_sheet_without_a_table_is_refused(empty: Town, rows: Rows, code: str) -> None:
    """No files are proposed that could not be read."""
    with pytest.raises(ConfigurationError) as caught:
        proposed(empty, deliver(empty, "x.xlsx", rows))
    assert caught.value.code == code


def test_an_unknown_department_is_refused_with_those_that_there_are(empty: Town) -> None:
    """The finding lists the departments of the city."""
    with pytest.raises(UnknownName) as caught:
        scaffold.propose(load_repository(empty.root), deliver(empty, "x.xlsx", WORKBOOK), "enviroment", None)
    assert caught.value.code == "name.department"
    assert "environment" in caught.value.finding.facts["known"]


@pytest.mark.parametrize("name", ["Waste", "2020_waste", "waste-2020", "ごみ", "../waste"])
def test_a_name_that_can_be_no_name_is_refused(empty: Town, name: str) -> None:
    """The stem is table, package and folder: lower case letters, digits and _."""
    repository = load_repository(empty.root)
    proposal = scaffold.propose(repository, deliver(empty, "x.xlsx", WORKBOOK, MERGED), "environment", None)
    with pytest.raises(UnknownName) as caught:
        scaffold.write(repository, name, proposal)
    assert caught.value.code == "new.name"
    assert not list((empty.root / "schemas").glob("[!_]*.yaml"))


# --- the city's own deliveries

STACKED = {  # several blocks below or beside one another: `tables` is for a person to write
    "製造業の粗付加価値額.xlsx",
    "事業所数・従業者数_公表値から再構成.xlsx",
    "世帯数・人口の推移_公表値から再構成.xls",
    "国勢調査人口の推移_公表値から再構成.xlsx",
    "南武線_駅別発着・駅間通過人員.xlsx",
    "南武線駅別乗降人員.xlsx",
}
DELIVERIES = sorted(
    path
    for path in (REPOSITORY / "sources" / "deliveries").rglob("*")
    if path.suffix in {".xlsx", ".xls", ".csv"} and path.name not in {"ORIGINS.csv", *STACKED}
)


def test_every_shipped_delivery_of_one_block_gets_descriptors_that_load(tmp_path: Path) -> None:
    """Of every delivery in the repository with one table, both files load once the TODOs are replaced."""
    where = town(tmp_path, [])
    repository = load_repository(REPOSITORY)
    for number, path in enumerate(DELIVERIES):
        proposal = scaffold.propose(repository, path, "environment", None)
        scaffold.write(replace(repository, root=where.root), f"delivery_{number}", proposal)
        decided(where, f"delivery_{number}")
    assert len(load_repository(where.root).datasets) == len(DELIVERIES) > 70
