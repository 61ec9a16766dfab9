"""Layouts: which cell becomes which value of which row, with its exact address; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwt

from tests.reading.sheets import addressed, cells, refusal, source_of, text_file, workbook, workbook_of

TWO_ROWS = [
    ["ごみ排出量（公表値から再構成）"],
    ["年　度", "排出量", "", "備考"],
    ["", "家庭系\n（ｔ）", "事業系(t)", ""],
    ["平成30年度", 100, 50, ""],
    ["令和元年度", 98, 51, "速報"],
]
TWO_ROWS_MERGED = ["A1:D1", "A2:A3", "B2:C2", "D2:D3"]
TWO_ROWS_SOURCE = {
    "header": {"rows": [2, 3]},
    "columns": {"fiscal_year": "年度", "household": "排出量/家庭系(t)", "business": "排出量/事業系（t）"},
}


# --- headers


def test_a_merged_header_of_two_rows_names_its_columns(tmp_path: Path) -> None:
    """Levels are joined with a slash; width, white space and line breaks of a header don't count."""
    path = workbook(tmp_path / "x.xlsx", TWO_ROWS, TWO_ROWS_MERGED)
    assert cells(source_of(**TWO_ROWS_SOURCE), path, "fiscal_year", "household", "business") == [
        "平成30年度@A4 100@B4 50@C4",
        "令和元年度@A5 98@B5 51@C5",
    ]


def test_a_merged_header_of_an_old_workbook_reads_the_same(tmp_path: Path) -> None:
    """.xls and .xlsx of one content give the same rows at the same addresses."""
    book = xlwt.Workbook()
    page = book.add_sheet("表")
    for r, row in enumerate(TWO_ROWS):
        for c, value in enumerate(row):
            if value != "":
                page.write(r, c, value)
    for top, bottom, left, right in [(0, 0, 0, 3), (1, 2, 0, 0), (1, 1, 1, 2), (1, 2, 3, 3)]:
        page.merge(top, bottom, left, right)
    book.save(str(tmp_path / "x.xls"))
    source = source_of(**TWO_ROWS_SOURCE)
    new = workbook(tmp_path / "x.xlsx", TWO_ROWS, TWO_ROWS_MERGED)
    assert list(addressed(source, tmp_path / "x.xls")) == list(addressed(source, new))


def test_a_text_file_carries_its_upper_header_to_the_right(tmp_path: Path) -> None:
    """A CSV has no merged cells: an empty upper level is that of its left neighbour."""
    path = text_file(tmp_path / "x.csv", "年度,人口,,面積\n,男,女,\n2020,7,8,9\n")
    source = source_of(
        "csv",
        header={"rows": [1, 2]},
        columns={"year": "年度", "male": "人口/男", "female": "人口/女", "area": "面積"},
    )
    assert cells(source, path, "year", "male", "female", "area") == ["2020@A3 7@B3 8@C3 9@D3"]


@pytest.mark.parametrize("header", ["排出量", "１人１日あたり排出量", "1人1日当たり\n排出量"])
def test_every_header_ever_used_is_read(tmp_path: Path, header: str) -> None:
    """Header drift is data: each of the listed headers finds the column."""
    path = workbook(tmp_path / "x.xlsx", [["年度", header], [2020, 902]])
    known = ["排出量", "1人1日あたり排出量", "1人1日当たり排出量"]
    assert cells(source_of(columns={"year": "年度", "grams": known}), path, "year", "grams") == ["2020@A2 902@B2"]


def test_columns_that_nobody_declared_are_not_read(tmp_path: Path) -> None:
    """Remarks and computed totals stay in the delivery."""
    path = workbook(tmp_path / "x.xlsx", [["備考", "年度", "件数", "計"], ["速報", 2020, 5, 9]])
    assert cells(source_of(columns={"year": "年度", "count": "件数"}), path, "year", "count") == ["2020@B2 5@C2"]


def test_a_missing_header_is_refused_with_the_headers_that_are_there(tmp_path: Path) -> None:
    """The finding names sheet, the header's cells, the field, what was expected and what stands there."""
    path = workbook(tmp_path / "x.xlsx", [["題名"], ["年度", "排出量", "備考"], [2020, 902, ""]])
    columns = {"year": "年度", "grams": ["1人1日当たり排出量(g)", "排出量(g)"]}
    finding = refusal(source_of(header={"rows": [2]}, columns=columns), path)
    assert (finding.code, finding.place.sheet, finding.place.cell, finding.place.field) == (
        "header.missing",
        "表",
        "A2:C2",
        "grams",
    )
    assert finding.found == "年度、排出量、備考"
    assert "1人1日当たり排出量(g) | 排出量(g)" in finding.text("ja")


def test_a_doubled_header_is_refused_with_both_cells(tmp_path: Path) -> None:
    """Which of two columns of one header is meant is not guessed."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "人口", "人　口"], [2020, 1, 2]])
    finding = refusal(source_of(columns={"year": "年度", "population": "人口"}), path)
    assert (finding.code, finding.place.field) == ("header.ambiguous", "population")
    assert "B1・C1" in finding.text("en")


def test_two_listed_headers_that_both_stand_there_are_ambiguous(tmp_path: Path) -> None:
    """An old and a new name of one column side by side are refused, too."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "人口", "総人口"], [2020, 1, 2]])
    finding = refusal(source_of(columns={"year": "年度", "population": ["人口", "総人口"]}), path)
    assert finding.code == "header.ambiguous"


def test_an_optional_column_may_be_absent(tmp_path: Path) -> None:
    """A column that old editions lack is empty, without an address."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "件数"], [2020, 5]])
    columns = {"year": "年度", "count": "件数", "note": {"headers": ["備考"], "optional": True}}
    assert cells(source_of(columns=columns), path, "year", "count") == ["2020@A2 5@B2"]


def test_two_fields_may_read_one_column(tmp_path: Path) -> None:
    """A value and its year in one cell: both fields lead to that cell."""
    path = workbook(tmp_path / "x.xlsx", [["名", "基準値"], ["K01", "902g(2020年度)"]])
    columns = {
        "id": "名",
        "value": {"headers": ["基準値"], "pattern": r"([\d,]+)g"},
        "year": {"headers": ["基準値"], "pattern": r"(\d+)年度"},
    }
    assert cells(source_of(columns=columns), path, "id", "value", "year") == [
        "K01@A2 902g(2020年度)@B2 902g(2020年度)@B2"
    ]


# --- columns that become rows

WIDE = [["駅", "2019年度", "令和２年度", "備考"], ["川崎", 10, 8, "x"], ["武蔵中原", "", 7, ""]]
WIDE_SOURCE = {
    "columns": {"station": "駅"},
    "unpivot": {"into": "year", "matching": "年度$", "value": "passengers"},
    "ignore": ["備考"],
}


def test_years_in_the_header_become_rows(tmp_path: Path) -> None:
    """Each value leads to its cell, its year to the header's cell, its label to the row's."""
    path = workbook(tmp_path / "x.xlsx", WIDE)
    assert cells(source_of(**WIDE_SOURCE), path, "station", "year", "passengers") == [
        "川崎@A2 2019年度@B1 10@B2",
        "川崎@A2 令和２年度@C1 8@C2",
        "武蔵中原@A3 2019年度@B1 @B3",
        "武蔵中原@A3 令和２年度@C1 7@C3",
    ]


def test_blank_cells_are_no_row_where_the_source_says_so(tmp_path: Path) -> None:
    """With blank_is_no_row, a station without a figure in a year has no row for it."""
    path = workbook(tmp_path / "x.xlsx", WIDE)
    unpivot = {**WIDE_SOURCE["unpivot"], "blank_is_no_row": True}
    found = cells(source_of(**{**WIDE_SOURCE, "unpivot": unpivot}), path, "station", "year", "passengers")
    assert found == ["川崎@A2 2019年度@B1 10@B2", "川崎@A2 令和２年度@C1 8@C2", "武蔵中原@A3 令和２年度@C1 7@C3"]


LEVEL_1 = [
    ["区", "2019年度", "", "2020年度", ""],
    ["", "件数", "死者", "件数", "死者"],
    ["川崎区", 10, 1, 9, ""],
    ["幸区", 5, 0, "", ""],
]
LEVEL_1_MERGED = ["A1:A2", "B1:C1", "D1:E1"]
MEASURES = {"ward": "区", "accidents": "件数", "deaths": "死者"}


def test_years_over_measures_become_rows_with_all_their_measures(tmp_path: Path) -> None:
    """unpivot at level 1: one row for each year, the level below names the measures."""
    path = workbook(tmp_path / "x.xlsx", LEVEL_1, LEVEL_1_MERGED)
    source = source_of(header={"rows": [1, 2]}, columns=MEASURES, unpivot={"into": "year", "matching": "年度$"})
    assert cells(source, path, "ward", "year", "accidents", "deaths") == [
        "川崎区@A3 2019年度@B1 10@B3 1@C3",
        "川崎区@A3 2020年度@D1 9@D3 @E3",
        "幸区@A4 2019年度@B1 5@B4 0@C4",
        "幸区@A4 2020年度@D1 @D4 @E4",
    ]


def test_only_a_group_that_is_blank_throughout_is_no_row(tmp_path: Path) -> None:
    """With blank_is_no_row a year with one measure keeps its row, a year with none has none."""
    path = workbook(tmp_path / "x.xlsx", LEVEL_1, LEVEL_1_MERGED)
    unpivot = {"into": "year", "matching": "年度$", "blank_is_no_row": True}
    source = source_of(header={"rows": [1, 2]}, columns=MEASURES, unpivot=unpivot)
    found = cells(source, path, "ward", "year", "accidents", "deaths")
    assert "川崎区@A3 2020年度@D1 9@D3 @E3" in found
    assert [row for row in found if row.startswith("幸区")] == ["幸区@A4 2019年度@B1 5@B4 0@C4"]


LEVEL_2 = [
    ["区", "件数", "", "死者", ""],
    ["", "R1", "R2", "R1", "R2"],
    ["川崎区", 10, 9, 1, ""],
]


@pytest.mark.parametrize("blank_is_no_row", [False, True])
def test_years_below_measures_become_rows_with_all_their_measures(tmp_path: Path, blank_is_no_row: bool) -> None:
    """unpivot at level 2: the measures stand above, the first cell of each year is the label's address."""
    path = workbook(tmp_path / "x.xlsx", LEVEL_2, ["A1:A2", "B1:C1", "D1:E1"])
    unpivot = {"into": "year", "matching": r"^R\d+$", "level": 2, "blank_is_no_row": blank_is_no_row}
    source = source_of(header={"rows": [1, 2]}, columns=MEASURES, unpivot=unpivot)
    assert cells(source, path, "ward", "year", "accidents", "deaths") == [
        "川崎区@A3 R1@B2 10@B3 1@D3",
        "川崎区@A3 R2@C2 9@C3 @E3",
    ]


def test_a_label_merged_over_both_rows_keeps_its_text_and_address(tmp_path: Path) -> None:
    """Years that are merged downwards are read where their text stands, at either level."""
    rows = [["区", "2019年度", "2020年度"], ["", "", ""], ["川崎区", 10, 9]]
    path = workbook(tmp_path / "x.xlsx", rows, ["A1:A2", "B1:B2", "C1:C2"])
    for level in (1, 2):
        unpivot = {"into": "year", "matching": "年度$", "level": level, "value": "count"}
        source = source_of(header={"rows": [1, 2]}, columns={"ward": "区"}, unpivot=unpivot)
        assert cells(source, path, "ward", "year", "count") == [
            "川崎区@A3 2019年度@B1 10@B3",
            "川崎区@A3 2020年度@C1 9@C3",
        ]


def test_a_text_file_unpivots_two_levels(tmp_path: Path) -> None:
    """Without merged cells, the label's address is the cell that has its text."""
    path = text_file(tmp_path / "x.csv", "区,2019年度,,2020年度,\n,件数,死者,件数,死者\n川崎区,10,1,9,2\n")
    source = source_of("csv", header={"rows": [1, 2]}, columns=MEASURES, unpivot={"into": "year", "matching": "年度$"})
    assert cells(source, path, "ward", "year", "accidents", "deaths") == [
        "川崎区@A3 2019年度@B1 10@B3 1@C3",
        "川崎区@A3 2020年度@D1 9@D3 2@E3",
    ]


def test_a_table_without_any_unpivoted_header_is_refused(tmp_path: Path) -> None:
    """When no header matches, the finding names the pattern, the field and the header's cells."""
    path = workbook(tmp_path / "x.xlsx", [["駅", "2019", "2020"], ["川崎", 10, 8]])
    finding = refusal(source_of(**WIDE_SOURCE), path)
    assert (finding.code, finding.place.field, finding.place.cell) == ("header.missing", "year", "A1:C1")
    assert finding.facts["header"] == "年度$"


def test_a_doubled_year_is_refused(tmp_path: Path) -> None:
    """Two columns of one year over the same measure: neither is dropped in silence."""
    path = workbook(tmp_path / "x.xlsx", [["駅", "2019年度", "2019年度"], ["川崎", 10, 8]])
    finding = refusal(source_of(**WIDE_SOURCE), path)
    assert finding.code == "header.ambiguous"
    assert "B1・C1" in finding.text("ja")


def test_a_measure_missing_below_one_year_is_refused(tmp_path: Path) -> None:
    """Each year has every measure, or the delivery is refused with the year's cells."""
    rows = [["区", "2019年度", "", "2020年度"], ["", "件数", "死者", "件数"], ["川崎区", 10, 1, 9]]
    path = workbook(tmp_path / "x.xlsx", rows, ["A1:A2", "B1:C1"])
    source = source_of(header={"rows": [1, 2]}, columns=MEASURES, unpivot={"into": "year", "matching": "年度$"})
    assert (refusal(source, path).code, refusal(source, path).place.field) == ("header.missing", "deaths")


# --- tables on their side, anchors, several tables


def test_a_table_on_its_side_keeps_the_sheets_addresses(tmp_path: Path) -> None:
    """Years as columns and measures as rows: addresses are those of the sheet, not of the turned table."""
    rows = [["題名"], ["", "令和元年度", "令和2年度", "令和3年度"], ["件数", 10, 9, 8], ["死者", 1, "", 0]]
    path = workbook(tmp_path / "x.xlsx", rows)
    source = source_of(
        transpose=True,
        columns_between="2:4",
        columns={"year": {"headers": ["年度"], "optional": True}, "accidents": "件数", "deaths": "死者"},
    )
    assert cells(source, path, "accidents", "deaths") == ["10@B3 1@B4", "9@C3 @C4", "8@D3 0@D4"]


def test_a_table_on_its_side_reads_its_merged_labels(tmp_path: Path) -> None:
    """Two columns of labels, merged downwards, are a header of two levels; columns A and B are numbers 1 and 2."""
    rows = [["年度", "年度", "R1", "R2"], ["人口", "男", 7, 6], ["", "女", 8, 9]]
    path = workbook(tmp_path / "x.xlsx", rows, ["A1:B1", "A2:A3"])
    source = source_of(
        transpose=True,
        header={"rows": [1, 2]},
        columns={"year": "年度", "male": "人口/男", "female": "人口/女"},
    )
    assert cells(source, path, "year", "male", "female") == ["R1@C1 7@C2 8@C3", "R2@D1 6@D2 9@D3"]


WARDS = [
    ["区別件数（公表値から再構成）", "", ""],
    ["川崎区", "", ""],
    ["年度", "件数", ""],
    [2019, 10, ""],
    [2020, 9, ""],
    ["", "", ""],
    ["幸　区", "", ""],
    ["年度", "件数", ""],
    [2019, 5, ""],
    [2020, 4, ""],
]


def test_blocks_below_one_another_are_found_by_their_anchors(tmp_path: Path) -> None:
    """Row numbers count from below the anchor; each block has its own constants and its true addresses."""
    path = workbook(tmp_path / "x.xlsx", WARDS)
    tables = [
        {"anchor": "川崎区", "header": {"rows": [1]}, "rows": {"to": 3}, "constants": {"area_code": "14131"}},
        {"anchor": "幸区", "header": {"rows": [1]}, "constants": {"area_code": "14132"}},
    ]
    source = source_of(tables=tables, columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "area_code", "year", "count") == [
        "14131 2019@A4 10@B4",
        "14131 2020@A5 9@B5",
        "14132 2019@A9 5@B9",
        "14132 2020@A10 4@B10",
    ]


def test_blocks_below_one_another_may_be_given_by_row_numbers(tmp_path: Path) -> None:
    """rows.from and rows.to are the spreadsheet's row numbers."""
    path = workbook(tmp_path / "x.xlsx", WARDS)
    tables = [
        {"header": {"rows": [3]}, "rows": {"from": 5, "to": 5}, "constants": {"area_code": "14131"}},
        {"header": {"rows": [8]}, "rows": {"from": 10}, "constants": {"area_code": "14132"}},
    ]
    source = source_of(tables=tables, columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "area_code", "year", "count") == ["14131 2020@A5 9@B5", "14132 2020@A10 4@B10"]


@pytest.mark.parametrize(("anchor", "found"), [("中原区", "0"), ("年度", "2")])
def test_an_anchor_that_does_not_stand_in_one_place_is_refused(tmp_path: Path, anchor: str, found: str) -> None:
    """A heading that is gone or stands twice leaves open where the table is."""
    path = workbook(tmp_path / "x.xlsx", WARDS)
    source = source_of(anchor=anchor, header={"rows": [1]}, columns={"year": "年度", "count": "件数"})
    finding = refusal(source, path)
    assert (finding.code, finding.found, finding.place.sheet) == ("sheet.anchor", found, "表")


def test_tables_side_by_side_are_told_apart_by_their_columns(tmp_path: Path) -> None:
    """columns_between keeps each table to its columns, though both have the same headers."""
    rows = [["年度", "件数", "", "年度", "件数"], [2017, 12, "", 2019, 10], [2018, 11, "", "", ""]]
    path = workbook(tmp_path / "x.xlsx", rows)
    tables = [{"columns_between": "A:B"}, {"columns_between": "D:E"}]
    source = source_of(header={"rows": [1]}, tables=tables, columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "year", "count") == ["2017@A2 12@B2", "2018@A3 11@B3", "2019@D2 10@E2"]


def test_an_anchor_is_looked_for_in_its_tables_columns_only(tmp_path: Path) -> None:
    """The same heading beside the table does not make it ambiguous."""
    rows = [["件数の部", "", "件数の部", ""], ["年度", "件数", "年度", "件数"], [2017, 12, 2019, 10]]
    path = workbook(tmp_path / "x.xlsx", rows)
    source = source_of(
        anchor="件数の部", columns_between="C:D", header={"rows": [1]}, columns={"year": "年度", "count": "件数"}
    )
    assert cells(source, path, "year", "count") == ["2019@C3 10@D3"]


def test_each_sheet_is_a_table_of_its_own(tmp_path: Path) -> None:
    """Several sheets are read one after the other; keys at the top hold for all of them."""
    sheets = {"川崎区": [["年度", "件数"], [2019, 10]], "幸区": [["年度", "件数"], [2019, 5], ["計", 5]]}
    path = workbook_of(tmp_path / "x.xlsx", sheets)
    tables = [
        {"sheet": "川崎区", "constants": {"area_code": "14131"}},
        {"sheet": "幸区", "constants": {"area_code": "14132"}},
    ]
    source = source_of(
        tables=tables, skip=[{"field": "year", "matching": "^計$"}], columns={"year": "年度", "count": "件数"}
    )
    assert cells(source, path, "area_code", "year", "count") == [
        "14131 2019@川崎区!A2 10@川崎区!B2",
        "14132 2019@幸区!A2 5@幸区!B2",
    ]


def test_a_missing_sheet_is_refused_with_the_sheets_that_are_there(tmp_path: Path) -> None:
    """The finding names the sheet that was expected and those that were found."""
    path = workbook_of(tmp_path / "x.xlsx", {"Sheet1": [["年度"]], "メモ": [["x"]]})
    finding = refusal(source_of(sheet="排出量", columns={"year": "年度"}), path)
    assert (finding.code, finding.found) == ("sheet.missing", "Sheet1、メモ")
    assert "排出量" in finding.text("ja")


def test_of_several_sheets_none_is_chosen_by_itself(tmp_path: Path) -> None:
    """A source without a sheet reads a workbook of one sheet only."""
    path = workbook_of(tmp_path / "x.xlsx", {"表": [["年度"], [2020]], "メモ": [["x"]]})
    assert refusal(source_of(columns={"year": "年度"}), path).code == "sheet.missing"


# --- rows


def test_omitted_labels_are_filled_down_with_the_address_of_the_label(tmp_path: Path) -> None:
    """A merged or omitted label counts for the rows below it; its address is where it stands."""
    rows = [["区", "性別", "人口"], ["川崎区", "男", 7], ["", "女", 8], ["幸区", "男", 5], ["", "女", 6]]
    path = workbook(tmp_path / "x.xlsx", rows, ["A2:A3"])
    source = source_of(fill_down=["ward"], columns={"ward": "区", "sex": "性別", "population": "人口"})
    assert cells(source, path, "ward", "sex", "population") == [
        "川崎区@A2 男@B2 7@C2",
        "川崎区@A2 女@B3 8@C3",
        "幸区@A4 男@B4 5@C4",
        "幸区@A4 女@B5 6@C5",
    ]


def test_without_fill_down_an_omitted_label_is_blank(tmp_path: Path) -> None:
    """Nothing is filled in that the source does not declare."""
    path = workbook(tmp_path / "x.xlsx", [["区", "人口"], ["川崎区", 7], ["", 8]])
    source = source_of(columns={"ward": "区", "population": "人口"})
    assert cells(source, path, "ward", "population") == ["川崎区@A2 7@B2", "@A3 8@B3"]


def test_labels_are_not_filled_from_one_table_into_the_next(tmp_path: Path) -> None:
    """The first row of a table without a label has none."""
    rows = [["区", "人口"], ["川崎区", 7], ["区", "人口"], ["", 8]]
    path = workbook(tmp_path / "x.xlsx", rows)
    tables = [{"header": {"rows": [1]}, "rows": {"to": 2}}, {"header": {"rows": [3]}}]
    source = source_of(fill_down=["ward"], tables=tables, columns={"ward": "区", "population": "人口"})
    assert cells(source, path, "ward", "population") == ["川崎区@A2 7@B2", "@A4 8@B4"]


def test_totals_are_skipped_by_their_label(tmp_path: Path) -> None:
    """skip compares the tidied text: white space and width don't matter, parts of words do."""
    rows = [["区", "人口"], ["合　計", 12], ["川崎区", 7], ["総合計画区", 1], ["計", 12], ["幸区", 5]]
    path = workbook(tmp_path / "x.xlsx", rows)
    source = source_of(
        skip=[{"field": "ward", "matching": "^(合 ?計|計)$"}], columns={"ward": "区", "population": "人口"}
    )
    assert cells(source, path, "ward", "population") == ["川崎区@A3 7@B3", "総合計画区@A4 1@B4", "幸区@A6 5@B6"]


def test_the_notes_end_the_table(tmp_path: Path) -> None:
    """From the first row whose first text matches, nothing is data; a note in a later column ends nothing."""
    rows = [["年度", "件数"], [2019, "※ 速報"], ["", ""], [2020, 9], ["", "※ 速報値を含む"], [2021, 8]]
    path = workbook(tmp_path / "x.xlsx", rows)
    source = source_of(notes="^※", columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "year", "count") == ["2019@A2 ※ 速報@B2", "2020@A4 9@B4"]


def test_rows_that_are_blank_throughout_are_passed_over(tmp_path: Path) -> None:
    """Spacing rows, also of ideographic spaces only, make no row and shift no address."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "件数"], ["", ""], ["　", " "], [2019, 10], ["", ""], [2020, 9]])
    source = source_of(columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "year", "count") == ["2019@A4 10@B4", "2020@A6 9@B6"]


def test_constants_hold_for_every_row_and_have_no_cell(tmp_path: Path) -> None:
    """What stands nowhere in the table has no address, and stays a text."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "件数"], [2019, 10]])
    source = source_of(constants={"area_code": "014131"}, columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "area_code", "year", "count") == ["014131 2019@A2 10@B2"]


def test_a_sheet_that_begins_further_in_keeps_its_addresses(tmp_path: Path) -> None:
    """Empty rows and columns before the table count as a spreadsheet counts them."""
    path = workbook(tmp_path / "x.xlsx", [[], [], ["", "", "年度", "件数"], ["", "", 2019, 10]])
    source = source_of(header={"rows": [3]}, columns={"year": "年度", "count": "件数"})
    assert cells(source, path, "year", "count") == ["2019@C4 10@D4"]


def test_columns_beyond_z_have_two_letters(tmp_path: Path) -> None:
    """The 27th column is AA."""
    header = ["区", *(f"{1990 + i}年度" for i in range(30))]
    path = workbook(tmp_path / "x.xlsx", [header, ["川崎区", *range(30)]])
    unpivot = {"into": "year", "matching": "年度$", "value": "count"}
    found = cells(source_of(columns={"ward": "区"}, unpivot=unpivot), path, "year", "count")
    assert found[24:27] == ["2014年度@Z1 24@Z2", "2015年度@AA1 25@AA2", "2016年度@AB1 26@AB2"]
