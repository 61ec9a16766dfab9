"""What reading ten reports beside the open workbooks showed to be wrong or missed; each a small sheet of that kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.checking.check import judge
from pipelines.checking.examples import Row, sheet_of
from pipelines.checking.opening import open_book
from pipelines.checking.report import Group
from pipelines.checking.sheet import Area, Book
from pipelines.errors import DeliveryRefused
from pipelines.findings import Place
from tests.kit import shared
from tests.reading.sheets import text_file


def found(*rows: Row, merged: Sequence[Area] = ()) -> dict[str, Group]:
    """The findings of a sheet by rule."""
    book = Book("xlsx", [replace(sheet_of(rows), merged=merged)])
    return {group.rule: group for group in judge(book, blocking=True)}


def places(group: Group) -> list[str]:
    return [place.range for place in group.places]


YEARS = [(2020 + i, 10 + i, 20 + i) for i in range(4)]


def test_a_unit_with_a_stroke_is_no_list() -> None:
    """`円/t` and `DVD/CD` are one datum."""
    told = found(("項目", "値"), ("1t当たり経費（円/t）", 3), ("DVD/CDドライブ", 4), ("計", 7))
    assert "L1-07" not in told


def test_a_list_with_commas_is_found() -> None:
    """What is burnt, listed in a cell, is several data, full-width comma or not."""
    told = found(
        ("施設", "対象", "量(t)"), ("A", "可燃ごみ,ごみ処理残渣", 1), ("B", "可燃ごみ、し尿", 2), ("C", "可燃ごみ", 3)
    )
    assert places(told["L1-07"]) == ["B2:B3"]


def test_the_name_of_a_union_is_no_list() -> None:
    """Names may hold commas."""
    told = found(("地方公共団体名", "量(t)"), ("大洗、鉾田、水戸環境組合", 1), ("札幌市", 2), ("川崎市", 3))
    assert "L1-07" not in told


def test_two_tables_side_by_side_are_told_once() -> None:
    """The blank column between them is no split table, and the shorter one has no blank cells below its end."""
    rows = [
        ("年度", "量(t)", None, "年度", "費用(円)"),
        *((2020 + i, i, None, *((2020 + i, 9) if i < 3 else ())) for i in range(6)),
    ]
    told = found(*rows)
    assert "L1-02" in told
    assert not {"L1-03", "L1-09"} & set(told)


def test_a_second_table_below_is_told_and_not_judged_as_rows_of_the_first() -> None:
    """Its header is told as another table, and makes no text in a column of figures."""
    second = [(None, None, None), ("年次", "転入", "転出"), *YEARS]
    told = found(("年次", "総数(人)", "男(人)"), *YEARS, *second)
    assert places(told["L1-02"]) == ["A7:C7"]
    assert not {"L1-03", "L2-01"} & set(told)


def test_a_header_with_english_below_is_all_header() -> None:
    """Names in two languages, one below the other, are a header of two rows and no data."""
    told = found(("年次", "総数", "男"), ("Year", "Total(人)", "Males(人)"), *YEARS)
    assert places(told["L2-03"]) == ["A1:C2"]
    assert "L2-01" not in told


def test_codes_across_a_merged_header_are_no_figures() -> None:
    """Numbers of prefectures above their names are a header, and no periods."""
    codes = ("分類", "コード", *(f"{i:02}" for i in range(1, 7)))
    names = (None, None, *(f"県{i}" for i in range(6)))
    data = [("M000" if i == 0 else None, f"c{i}", *range(6)) for i in range(5)]
    told = found(codes, names, *data, merged=[Area(0, 0, 1, 0), Area(0, 1, 1, 1)])
    assert places(told["L2-03"]) == ["A1:H2"]
    assert not {"L1-05", "L3-05", "L3-09", "L2-01"} & set(told)


def test_labels_left_out_below_codes_are_found_and_a_gap_among_row_numbers_is_not() -> None:
    """A code that stands once for several rows is a label; one missing number of thousands is not."""
    told = found(("コード", "名称", "量(t)"), *(("M1" if i % 4 == 0 else None, f"n{i}", i) for i in range(12)))
    assert told["L2-02"].count == 9
    numbers = found(("No", "名称", "量(t)"), *((None if i == 40 else i, f"n{i}", i * 2) for i in range(100)))
    assert "L2-02" not in numbers


def test_a_large_number_stored_as_text_is_proposed() -> None:
    """Eleven digits are proposed as they are."""
    told = found(("年度", "調定額(円)"), (2020, "24420760388"), (2021, "3589144000"), (2022, "1"))
    assert [s.proposal for s in told["L2-01"].samples] == ["24420760388", "3589144000", "1"]


def test_latitude_and_longitude_in_one_cell_are_two_data() -> None:
    """Not a number that is badly written."""
    told = found(("名称", "位置"), ("A", "34.342286,134.055021"), ("B", "34.344544,134.051111"), ("C", "34.3,134.0"))
    assert places(told["L1-07"]) == ["B2:B4"]
    assert "L2-01" not in told


def test_errors_in_cells_are_found() -> None:
    """Excel's errors are told wherever they stand."""
    sheet = sheet_of((("年度", "量(t)"), (2020, 1), (2021, "#REF!"), (2022, 3)))
    kinds = sheet.kinds.copy()
    kinds[2, 1] = 5
    groups = judge(Book("xlsx", [replace(sheet, kinds=kinds)]), blocking=True)
    assert [(group.rule, places(group)) for group in groups] == [("L2-01", ["B3"])]


def test_headings_between_rows_of_places_are_found() -> None:
    """Also where the only figures are positions."""
    rows = [
        ("番号", "施設名", "緯度", "経度"),
        (None, "都心地域", None, None),
        *((i, f"施設{i}", 34.1, 135.2) for i in range(4)),
    ]
    assert "A2:D2" in places(found(*rows)["L1-03"])


def test_names_of_groups_above_a_gap_are_part_of_the_header() -> None:
    """The census leaves a row blank between the groups and the names."""
    rows = [
        ("地域", "人口", None, "世帯"),
        (None,),
        ("名", "総数(人)", "男(人)", "総数(世帯)"),
        *(("市", 1, 2, 3) for _ in range(5)),
    ]
    told = found(*rows)
    assert places(told["L2-03"])[0] == "A1:D3"
    assert "L1-04" not in told


def test_a_saved_error_page_with_an_xml_declaration_is_told_as_a_page(tmp_path: Path) -> None:
    """The ministry's page begins with `<?xml`."""
    page = shared("realdata", "TskYmmt__mcp-jichitai-basic-info", "mynumber_card_data_detailed.xlsx")
    for path in (page, text_file(tmp_path / "x.csv", '<?xml version="1.0"?>\n<html lang="ja"><head></head></html>')):
        with pytest.raises(DeliveryRefused) as refused:
            open_book(path, Place())
        assert refused.value.code == "file.html"


def test_a_heading_in_a_column_of_numbers_is_found() -> None:
    """A subheading may stand in the column of the running numbers; a sign for no value is no heading."""
    rows = [("番号", "施設", "件数"), ("都心", None, None), (1, "A", 3), ("郊外", None, None), (2, "B", 4), (3, "C", 5)]
    assert places(found(*rows, ("…", None, None), (4, "D", 6))["L1-03"]) == ["A2:C2", "A4:C4"]
