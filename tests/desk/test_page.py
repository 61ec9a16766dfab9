"""The page of a report: everything said, nothing from outside, every text of the file harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipelines.checking.report import Range, Report, Sample
from pipelines.desk.grids import grids_of
from pipelines.desk.made import workbook_of
from pipelines.desk.marks import area
from pipelines.desk.page import page
from pipelines.desk.picture import Picture, Spot, crop, overview, rows_needed, sheet_view
from pipelines.reading.grid import Grid
from tests.checking.example import example

ROWS = [["ごみ排出量の推移"], ["", "（単位：g）"], ["ごみ排出量", "", "備考"], ["年度", "排出量"]]
GRID = Grid("ごみ排出量", ROWS + [[f"令和{n}年度", str(900 + n)] for n in range(1, 60)], [((2, 0), (2, 1))])
CLEAN = Report("きれい.xlsx", "0" * 64, 10, "xlsx", "ready", 100)


class Tags(HTMLParser):
    """Every start tag with its attributes, and what is open at the end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def attributes(html: str, name: str) -> list[str]:
    return [value for _, attrs in Tags(html).found if (value := attrs.get(name))]


def test_every_finding_is_said_with_what_to_do() -> None:
    """Title, places, found, expected, remedy and proposals of each group stand in its card."""
    html = page(example(), [GRID], "ja")
    for group in example().groups:
        for text in (group.title, group.found, group.expected, group.remedy):
            assert text.ja in html
    assert all(proposal in html for proposal in ("<ins>998</ins>", "<ins>902</ins>"))
    assert "修正が必要です" in html and "11か所" in html


def test_the_page_is_in_the_language_of_its_reader() -> None:
    """The words around are English then; the file's own stay."""
    html = page(example(), [GRID], "en")
    assert "Needs mending" in html and "write digits only" in html and '<html lang="en">' in html


def test_nothing_comes_from_outside_and_nothing_runs() -> None:
    """No script, no address but anchors, and a policy that forbids the rest."""
    html = page(example(), [GRID], "ja")
    assert "<script" not in html and not attributes(html, "src")
    assert all(link.startswith("#") for link in attributes(html, "href"))
    assert "default-src 'none'" in attributes(html, "content")[0]


def test_every_link_leads_somewhere() -> None:
    """Numbers lead to cards, places to cells of the picture."""
    html = page(example(), [GRID], "ja")
    ids = attributes(html, "id")
    assert {link[1:] for link in attributes(html, "href")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_texts_of_a_file_are_texts() -> None:
    """Markup in a name, a cell or a sample is shown and does nothing."""
    nasty = "<img src=x onerror=alert(1)>\"'&"
    group = replace(example().groups[0], places=(Range(nasty, "A1"),), samples=(Sample(nasty, "A1", nasty, nasty),))
    html = page(replace(example(), file=nasty, groups=(group,)), [Grid(nasty, [[nasty]])], "ja")
    assert "<img" not in html and html.count("&lt;img") >= 5


def test_a_clean_file_is_praised_in_words() -> None:
    """0件・合格."""
    html = page(CLEAN, [], "ja")
    assert "0件・合格" in html and "このまま提出できます" in html


def test_a_file_that_can_not_be_read_has_no_score() -> None:
    """The reason stands as a finding about the whole file."""
    report = replace(example(), verdict="unreadable", score=None, groups=(replace(example().groups[0], places=()),))
    html = page(report, [], "ja")
    assert "ファイルを読めません" in html and 'class="ring"' not in html


def test_the_same_report_gives_the_same_page() -> None:
    """No time, no chance."""
    assert page(example(), [GRID], "ja") == page(example(), [GRID], "ja")


def shape(picture: Picture) -> list[list[tuple[str, int, int]]]:
    return [[(cell.address, cell.rows, cell.columns) for cell in line.cells] for line in picture.lines]


def test_a_merged_range_is_one_cell_of_the_picture() -> None:
    """It spans what is shown of it."""
    grid = Grid("s", [["a", "", "b"], ["", "", "c"]], [((0, 0), (1, 1))])
    assert shape(sheet_view(grid, range(2), range(3))) == [[("A1", 2, 2), ("C1", 1, 1)], [("C2", 1, 1)]]


def test_a_merged_range_that_begins_outside_is_shown_by_its_first_cell() -> None:
    """Its text and address are those of the cell that holds the value."""
    grid = Grid("s", [["a"], [""], [""], ["b"]], [((0, 0), (2, 0))])
    line = sheet_view(grid, range(1, 4), range(1)).lines[0]
    assert [(cell.address, cell.text, cell.rows) for cell in line.cells] == [("A1", "a", 2)]


def test_a_picture_says_what_it_leaves_out() -> None:
    """Rows between those that are shown, and below."""
    picture = overview(GRID, [Spot(area("B40"), 1)])
    gaps = {line.number: line.left_out for line in picture.lines if line.left_out}
    assert gaps == {39: 26} and picture.more == len(GRID.rows) - picture.lines[-1].number


def test_a_mark_on_a_whole_column_marks_what_is_shown_of_it() -> None:
    """And costs no more than that."""
    picture = overview(GRID, [Spot(area("B:B"), 3)])
    assert all(cell.numbers == ([3] if cell.address.startswith("B") else []) for cell in picture.lines[0].cells)


@pytest.mark.parametrize("place", ["A1", "XFD1048576", "C:C", "1:1"])
def test_any_place_can_be_cropped(place: str) -> None:
    """Also far outside of what the sheet uses."""
    spot = Spot(area(place), 1)
    picture = crop(GRID, [spot], spot)
    assert 1 <= len(picture.lines) <= 6 and any(cell.numbers for line in picture.lines for cell in line.cells)


def test_the_style_is_admitted_by_its_hash() -> None:
    """A style that an attacker brings in is not."""
    html = page(example(), [GRID], "ja")
    assert re.search(r"style-src &#39;sha256-[A-Za-z0-9+/=]{44}&#39;", html)
    assert not attributes(html, "style")


def test_rows_that_no_picture_shows_are_not_turned_into_texts() -> None:
    """And what is shown is the same with and without the others."""
    rows = [["", f"{n}"] for n in range(50)]
    content = workbook_of([Grid("s", rows, [((3, 1), (3, 2))])])
    spots = [Spot(area("B30"), 1)]
    (some,) = grids_of(content, {"s": rows_needed(spots)})
    (every,) = grids_of(content)
    assert every.rows[20] == ["", "20"] and some.rows[20] == []
    assert overview(some, spots) == overview(every, spots)
    assert crop(some, spots, spots[0]) == crop(every, spots, spots[0])
