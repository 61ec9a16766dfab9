"""An annotated copy has its marks in the right cells, and every other part is what it was, byte for byte."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import openpyxl
import pytest

from pipelines.desk.annotate import FILLED, NOTED, annotate
from pipelines.desk.indexsheet import Cover
from pipelines.desk.made import workbook_of
from pipelines.desk.marks import Mark, area
from pipelines.desk.styles import FILLS
from pipelines.errors import DeliveryRefused
from pipelines.reading.grid import Grid
from tests.desk.macro import vba_project
from tests.desk.workbooks import OTHER, SHEET, packed, parts, rich

COVER = Cover("修正が必要です", "指摘 1種・1か所")
B6 = Mark(SHEET, ["B6"], "[L2-01] 数値でないもの", "直し方: 数字だけ", cells={"B6": "「８７０ｇ」→「870」"})
# What has to change when a cell of the first sheet is marked, and nothing else may.
NEEDED = {
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/comments1.xml",
    "xl/drawings/vmlDrawing1.vml",
}


def annotated(content: bytes, *marks: Mark) -> bytes:
    return annotate(content, marks, COVER, "ja")


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def fill(book: openpyxl.Workbook, sheet: str, cell: str) -> str:
    return str(book[sheet][cell].fill.fgColor.rgb)


def commented(book: openpyxl.Workbook, sheet: str) -> dict[str, str]:
    return {c.coordinate: c.comment.text for row in book[sheet].iter_rows() for c in row if c.comment}


def test_every_part_that_need_not_change_stays_byte_for_byte() -> None:
    """Chart, text box, picture, table, theme, texts, macro, properties and the other sheets are the same bytes."""
    before = parts(rich(macro=vba_project(sheets=3)))
    after = parts(annotated(packed(before), B6))
    assert {name for name in before if before[name] != after[name]} == NEEDED
    assert {"xl/charts/chart1.xml", "xl/drawings/drawing1.xml", "xl/vbaProject.bin", "xl/media/image1.png"} <= {*before}
    assert set(after) - set(before) == {"xl/worksheets/sheet4.xml"}
    assert list(after)[: len(before)] == list(before)


def test_a_sheet_is_changed_only_where_a_mark_is() -> None:
    """The marked cell's style index, and which sheet is shown first: not a byte besides."""
    before = parts(rich())["xl/worksheets/sheet1.xml"]
    after = parts(annotated(rich(), B6))["xl/worksheets/sheet1.xml"]
    restored = re.sub(rb'r="B6" s="\d+"', re.search(rb'r="B6" s="\d+"', before)[0], after)  # type: ignore[index]
    assert restored.replace(b'tabSelected="0"', b'tabSelected="1"') == before


def test_a_marked_cell_keeps_its_value_and_its_look() -> None:
    """Only the fill is another: number format and border are those of the department."""
    book, plain = opened(annotated(rich(), B6)), opened(rich())
    cell, was = book[SHEET]["B6"], plain[SHEET]["B6"]
    assert (cell.value, cell.number_format, cell.border.left.style) == (was.value, was.number_format, "thin")
    assert fill(book, SHEET, "B6") == FILLS["error"]
    assert fill(book, SHEET, "B7") == fill(plain, SHEET, "B7")


def test_the_comment_says_what_to_write_instead() -> None:
    """The value that can be derived stands first, then the remedy."""
    assert commented(opened(annotated(rich(), B6)), SHEET)["B6"] == (
        "[L2-01] 数値でないもの\n「８７０ｇ」→「870」\n直し方: 数字だけ\n"
    )


def test_a_comment_that_is_there_keeps_its_words() -> None:
    """Ours stand below those of the department, in the same comment."""
    said = commented(opened(annotated(rich(), Mark(SHEET, ["B4"], "題", "文"))), SHEET)
    assert list(said) == ["B4"]
    assert said["B4"].startswith("前からあるメモ\n――") and said["B4"].endswith("題\n文\n")


def test_two_findings_of_one_cell_share_a_comment_and_the_graver_colour() -> None:
    """A cell has one comment and one fill."""
    book = opened(annotated(rich(), Mark(SHEET, ["B6"], "軽い", "a", "warn"), Mark(SHEET, ["B6"], "重い", "b")))
    assert commented(book, SHEET)["B6"] == "重い\nb\n\n軽い\na\n"
    assert fill(book, SHEET, "B6") == FILLS["error"]


def test_cells_that_are_not_there_are_put_in_their_place() -> None:
    """In a gap of a row, at its end, in a row between others, below the last: always in order."""
    book = annotated(rich(), Mark(SHEET, ["D5", "F2", "B30"], "空", "値を書いてください"))
    sheet = parts(book)["xl/worksheets/sheet1.xml"].decode()
    rows = [int(n) for n in re.findall(r'<row r="(\d+)"', sheet)]
    assert rows == sorted(rows) and {2, 30} <= set(rows)
    assert re.search(r'r="C5".*?</c><c r="D5" s="\d+"/></row>', sheet)
    assert {fill(opened(book), SHEET, cell) for cell in ("D5", "F2", "B30")} == {FILLS["error"]}


def test_a_mark_inside_a_merged_range_is_shown_at_its_first_cell() -> None:
    """Nobody sees a comment in the covered part of a merged range."""
    assert "A1" in commented(opened(annotated(rich(), Mark(SHEET, ["B1:C1"], "結合", "解除"))), SHEET)


def test_the_index_lists_every_finding_with_a_link_to_its_place() -> None:
    """The last sheet, shown first when the workbook opens; quotes in names are doubled."""
    marks = [B6, Mark(OTHER, ["A1", "B4:B5"], "別", "文", "warn"), Mark("", [], "ファイル", "全体")]
    book = opened(annotated(rich(), *marks))
    index = book["確認結果"]
    assert book.sheetnames[-1] == "確認結果" and book.active.title == "確認結果"
    rows = [[cell.value for cell in row] for row in index.iter_rows(min_row=6)]
    assert [row[2:6] for row in rows] == [
        [SHEET, "B6", "1", "[L2-01] 数値でないもの"],
        [OTHER, "A1、B4:B5", "1", "別"],
        ["", "ファイル全体", "1", "ファイル"],
    ]
    links = {link.ref: link.location for link in (cell.hyperlink for (cell,) in index["D6:D8"]) if link}
    assert links == {"D6": f"'{SHEET}'!B6", "D7": "'It''s 別表'!A1"}


def test_only_one_sheet_is_selected_when_the_copy_opens() -> None:
    """Two selected sheets would be edited together."""
    book = opened(annotated(rich(), Mark(OTHER, ["A1"], "別", "文")))
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["確認結果"]


def test_names_and_their_sheets_stay_as_they_were() -> None:
    """The index stands at the end, so that no name changes its sheet."""
    book = opened(annotated(rich(), B6))
    assert set(book.defined_names) == {"合計"} and set(book[OTHER].defined_names) == {"ここ"}


def test_a_name_that_is_taken_gets_a_number() -> None:
    """An annotated copy that is annotated again has two index sheets."""
    twice = opened(annotated(annotated(rich(), B6), B6))
    assert twice.sheetnames[-2:] == ["確認結果", "確認結果 (2)"]


def test_a_large_range_has_a_stated_limit() -> None:
    """So many cells are coloured and so many places commented, and the index says so."""
    places = [f"A{n}" for n in range(3, 3 + NOTED + 5)]
    marks = [Mark(SHEET, ["H1:H20000"], "広い", "文"), Mark(SHEET, places, "多い", "文", "warn")]
    content = annotated(rich(), *marks)
    book = opened(content)
    assert sum(fill(book, SHEET, f"H{n}") == FILLS["error"] for n in range(1, FILLED + 3)) == FILLED
    assert len(commented(book, SHEET)) == 1 + NOTED + 1  # with the one that was there
    assert "5,000" in str(book["確認結果"]["G6"].value)


def test_whole_columns_and_rows_are_marked_as_far_as_the_sheet_goes() -> None:
    """`B:B` of a sheet of seven rows is seven cells."""
    book = opened(annotated(rich(), Mark(SHEET, ["B:B", "7:7"], "列", "文", "warn")))
    assert [fill(book, SHEET, f"B{n}") == FILLS["warn"] for n in (2, 7, 8)] == [True, True, False]


def test_texts_of_findings_are_texts_whatever_they_hold() -> None:
    """Markup, formulas and control characters in a delivery's name or value do no harm in the copy."""
    nasty = '=HYPERLINK("x") <b>&\x00\x0b"\'\ud800'
    book = opened(annotated(rich(), Mark(SHEET, ["B6"], nasty, nasty)))
    assert book["確認結果"]["F6"].value == '=HYPERLINK("x") <b>&��"\'�'
    assert book["確認結果"]["F6"].data_type != "f"


def test_an_unknown_sheet_is_listed_without_a_link() -> None:
    """Nothing that was found is lost."""
    book = opened(annotated(rich(), Mark("ない", ["A1"], "題", "文")))
    assert (book["確認結果"]["F6"].value, book["確認結果"]["D6"].hyperlink) == ("題", None)


def with_thread(content: bytes) -> bytes:
    """The workbook with the stand-in that Excel writes for a comment thread."""
    found = parts(content)
    comments = found["xl/comments1.xml"]
    found["xl/comments1.xml"] = re.sub(rb"<author>.*?</author>|<author/>", b"<author>tc={1-2}</author>", comments)
    return packed(found)


def test_a_thread_is_left_alone() -> None:
    """The finding is coloured and listed; the conversation of the department is not touched."""
    content = with_thread(rich())
    after = annotated(content, Mark(SHEET, ["B4"], "題", "文"))
    assert parts(after)["xl/comments1.xml"] == parts(content)["xl/comments1.xml"]
    assert "会話" in str(opened(after)["確認結果"]["G6"].value)


def prefixed(content: bytes) -> bytes:
    """The workbook as programs write it that give the main vocabulary a prefix."""
    found = parts(content)
    for name in ("xl/worksheets/sheet3.xml", "xl/styles.xml"):
        text = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", found[name])
        found[name] = text.replace(b'xmlns="', b'xmlns:x="')
    return packed(found)


def test_another_prefix_of_the_vocabulary_is_kept() -> None:
    """What is added carries the prefix of the part."""
    book = opened(annotated(prefixed(rich()), Mark("触らない", ["A1", "C3"], "題", "文")))
    assert {fill(book, "触らない", cell) for cell in ("A1", "C3")} == {FILLS["error"]}
    assert list(commented(book, "触らない")) == ["A1", "C3"]


def test_the_same_input_gives_the_same_bytes() -> None:
    """No time, no chance."""
    content = rich()
    assert annotated(content, B6) == annotated(content, B6)


@pytest.mark.parametrize(
    "declaration",
    [b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'],
)
def test_a_part_with_a_document_type_is_refused(declaration: bytes) -> None:
    """No part of a workbook may have one; entity bombs begin with it."""
    found = parts(rich())
    sheet = found["xl/worksheets/sheet1.xml"]
    found["xl/worksheets/sheet1.xml"] = sheet.replace(b"<worksheet", declaration + b"<worksheet")
    with pytest.raises(DeliveryRefused, match="DOCTYPE"):
        annotated(packed(found), B6)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no workbook", packed({"a": b""})])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    """With a coded refusal."""
    with pytest.raises(DeliveryRefused):
        annotated(content, B6)


def test_a_workbook_made_of_a_csv_has_texts_only() -> None:
    """Leading zeros stay, and `=1+1` is no formula; the made copy is then annotated like any other."""
    grid = Grid("", [["町", "番号"], ["=1+1", "007"], ["", "1,234"]], merged=[((0, 0), (0, 1))])
    book = opened(annotated(workbook_of([grid]), Mark("CSV", ["B3"], "題", "文")))
    assert [[c.value for c in row] for row in book["CSV"].iter_rows()] == [
        ["町", None],
        ["=1+1", "007"],
        [None, "1,234"],
    ]
    assert book["CSV"]["A2"].data_type != "f" and fill(book, "CSV", "B3") == FILLS["error"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("B6", (5, 1, 5, 1)), ("c9:B6", (5, 1, 8, 2)), ("$B$6", (5, 1, 5, 1)), ("3:4", (2, 0, 3, 16383))],
)
def test_addresses_are_read_as_a_spreadsheet_shows_them(text: str, expected: Sequence[int]) -> None:
    """Corners in any order, with or without $."""
    assert tuple(area(text)) == expected


@pytest.mark.parametrize("text", ["", "ZZZZ1", "XFE1", "A1048577", "A0", "B6:", "見出し"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nothing off the sheet, nothing that is no address."""
    with pytest.raises(ValueError, match=r"address|off the sheet"):
        area(text)
