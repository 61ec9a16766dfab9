"""The site as people meet it: in a real browser, on a screen and a phone, by keyboard, without JavaScript."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import TITLES, watch

DATASETS = ("nambu_line_station_passengers", "waste_per_capita", "kpi_progress")
PATHS = ["", "by-goal/", "by-topic/", "for-developers/", "progress-board/", *(f"{name}/" for name in DATASETS)]
EVERY = [f"{language}{path}" for language in ("", "en/") for path in PATHS]


@pytest.mark.parametrize("path", EVERY)
def test_every_kind_of_page_opens_and_is_accessible(page: Page, site: str, path: str) -> None:
    """In both languages: no fault in console or network, no request to another host, no violation that axe knows."""
    page.goto(site + path, wait_until="networkidle")
    language = "en" if path.startswith("en/") else "ja"
    assert page.locator("html").get_attribute("lang") == language
    assert TITLES["en/" if language == "en" else ""] in page.title()
    assert page.locator("h1").count() == 1
    assert _violations(page) == []


@pytest.mark.parametrize("path", ["", "en/progress-board/", "nambu_line_station_passengers/"])
def test_a_dark_page_is_accessible(browser: Browser, site: str, path: str) -> None:
    """The dark colours have enough contrast, too."""
    page = browser.new_page(color_scheme="dark")
    page.goto(site + path, wait_until="networkidle")
    assert _violations(page) == []
    page.close()


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']} {node.get('failureSummary')}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("path", EVERY)
def test_a_phone_shows_every_page_whole(browser: Browser, site: str, path: str) -> None:
    """At 360 pixels nothing sticks out sideways but tables in their own scrolling boxes."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@pytest.mark.parametrize("language", ["", "en/"])
def test_without_javascript_everything_is_there(browser: Browser, site: str, language: str) -> None:
    """Lists lead to every dataset, a dataset to its figures and their cells, the board to every status."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + language)
    expect(page.locator(".card")).to_have_count(89)
    page.click("nav[aria-label] a[href$='by-goal/']")
    expect(page.locator("section.group")).to_have_count(17)
    page.click(f"a[href$='{DATASETS[0]}/'] >> nth=0")
    expect(page.locator("table.data tbody tr")).to_have_count(50)
    page.locator("details.origins summary").click()
    assert "▸B5" in page.locator("table.cells tbody tr").first.inner_text()
    page.click("nav a[href$='progress-board/']")
    expect(page.locator(".indicator")).to_have_count(25)
    expect(page.locator(".indicator .reason")).to_have_count(25)
    context.close()


def test_every_page_leads_to_itself_in_the_other_language(page: Page, site: str) -> None:
    """From a Japanese page to the English page of the same dataset, and back."""
    page.goto(f"{site}waste_per_capita/")
    page.click("a.language")
    assert page.url == f"{site}en/waste_per_capita/"
    page.click("a.language")
    assert page.url == f"{site}waste_per_capita/"


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("", "収集", "household_waste"),
        ("", "ごみ", "waste_per_capita"),
        ("", "ゴミ", "waste_per_capita"),
        ("", "ｺﾞﾐ", "waste_per_capita"),
        ("", "廃棄物", "waste_per_capita"),
        ("", "ﾅﾝﾌﾞｾﾝ", "nambu_line_congestion"),
        ("", "なんぶせん", "nambu_line_station_passengers"),
        ("", "耐震", "housing_seismic_retrofit"),
        ("", "じんこう", "population_by_ward"),
        ("", "SDG 11", "nambu_line_station_passengers"),
        ("", "ＳＤＧｓ１１．２", "nambu_line_station_passengers"),
        ("", "南武線 駅", "nambu_line_station_passengers"),
        ("en/", "congestion", "nambu_line_congestion"),
        ("en/", "garbage", "waste_per_capita"),
        ("en/", "Nanbu line", "nambu_line_congestion"),
    ],
)
def test_search_finds(page: Page, site: str, path: str, query: str, name: str) -> None:
    """Kana or kanji, full or half width, synonyms, English: the dataset is among few that are left."""
    page.goto(site + path)
    page.fill("#q", query)
    expect(page.locator(".result")).not_to_have_text("")
    shown = page.locator(".card:visible").evaluate_all("cards => cards.map(card => card.dataset.name)")
    assert name in shown
    assert len(shown) < 45
    assert str(len(shown)) in page.locator(".result").inner_text()


def test_sdg_11_finds_its_datasets_and_no_others(page: Page, site: str) -> None:
    """What the search for a goal finds is what the filter for that goal finds: no text with an 11 in it."""
    page.goto(f"{site}?q=SDG+11")
    expect(page.locator(".result")).not_to_have_text("")
    by_search = page.locator(".card:visible").evaluate_all("cards => cards.map(card => card.dataset.name)")
    page.goto(f"{site}?goal=11")
    expect(page.locator(".result")).not_to_have_text("")
    assert by_search == page.locator(".card:visible").evaluate_all("cards => cards.map(card => card.dataset.name)")


def test_what_finds_nothing_says_so(page: Page, site: str) -> None:
    """An empty result is told in words, and the reset brings everything back."""
    page.goto(site)
    page.fill("#q", "xyzzy")
    expect(page.locator(".result")).to_contain_text("見つかりません")
    assert page.locator(".card:visible").count() == 0
    page.click("button[type=reset]")
    expect(page.locator(".card:visible")).to_have_count(89)


def test_filters_narrow_the_list_and_stand_in_the_address(page: Page, site: str) -> None:
    """Department and topic together; the address can be sent to somebody."""
    page.goto(site)
    page.select_option("#department", "environment")
    page.select_option("#topic", "waste")
    expect(page.locator(".card:visible").first).to_be_visible()
    assert "department=environment&topic=waste" in page.url
    count = page.locator(".card:visible").count()
    page.goto(page.url)
    expect(page.locator(".card:visible")).to_have_count(count)
    assert 0 < count < 20


def test_a_table_is_sorted_by_its_heads(page: Page, site: str) -> None:
    """Numbers by their value, first up, then down."""
    page.goto(f"{site}nambu_line_station_passengers/")
    head = page.locator("table.data th").nth(3)
    values = (
        "rows => rows.map(row => Number(row.cells[3].dataset.value ?? row.cells[3].textContent.replaceAll(',', '')))"
    )
    head.locator("button").click()
    found = page.locator("table.data tbody tr").evaluate_all(values)
    assert found == sorted(found)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("table.data tbody tr").evaluate_all(values) == found[::-1]


def test_a_figure_tells_its_cell_on_a_click(page: Page, site: str) -> None:
    """File, sheet, cell and hash of the delivery, also after sorting; the dialog closes by Escape."""
    page.goto(f"{site}waste_per_capita/")
    page.locator("table.data th button").nth(1).click()
    page.locator("table.data tbody tr").first.locator("td button").nth(1).click()
    text = page.locator("dialog[open]").inner_text()
    for word in ("902", "ごみ排出量の推移.xlsx", "ごみ排出量", "B7"):
        assert word in text
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_derived_figure_tells_the_rows_that_it_was_made_of(page: Page, site: str) -> None:
    """Of a computed figure the dialog names datasets, versions and rows."""
    page.goto(f"{site}kpi_progress/")
    page.locator("table.data tbody tr").first.locator("td button").first.click()
    assert "green_innovation_projects@1.0.0#1" in page.locator("dialog[open]").inner_text()


def test_the_keyboard_is_enough(page: Page, site: str) -> None:
    """From the top: skip the head, search, open a dataset, ask for the origin of a figure, go back to where one was."""
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    _tab_to(page, "document.activeElement.id === 'q'")
    page.keyboard.type("混雑率")
    expect(page.locator(".result")).not_to_have_text("")
    _tab_to(page, "document.activeElement.closest('.card')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nambu_line_congestion/")
    _tab_to(page, "document.activeElement.closest('table.data td')")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('table.data td') !== null")


def _tab_to(page: Page, condition: str, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"Boolean({condition})"):
            return
    raise AssertionError(f"never reached by Tab: {condition}")


def test_the_printed_page_has_no_controls(browser: Browser, site: str) -> None:
    """On paper there are figures and words, no navigation, no buttons."""
    page = browser.new_page()
    found: list[str] = []
    watch(page, found)
    page.goto(f"{site}waste_per_capita/")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert page.locator("table.data").is_visible()
    for control in (".site-head nav", ".language", ".quick", ".contents"):
        assert not page.locator(control).is_visible()
    assert found == []
    page.close()
