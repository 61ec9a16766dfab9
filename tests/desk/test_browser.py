"""A person at the desk in Debian's Chromium: drop, read, take the copy; on a phone, without script."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.desk.conftest import NAME, Running
from tests.desk.office import program
from tests.desk.workbooks import SHEET, bomb, packed, parts, rich, save

DROP = """([data, name]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  return transfer;
}"""
WAIT = 180_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser. As root it has no sandbox of its own, and it opens nothing but this desk."""
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, desk: Running) -> Iterator[Page]:
    """The desk in a fresh window; a message in its console or a request that leaves it is a fault."""
    context = chromium.new_context(locale="ja-JP", viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: request.url.startswith(desk.address) or faults.append(request.url))
    page.goto(desk.address)
    yield page
    context.close()
    assert not faults


def drop(page: Page, name: str, content: bytes) -> None:
    """Drop a file onto the page as a hand does."""
    transfer = page.evaluate_handle(DROP, [base64.b64encode(content).decode(), name])
    page.dispatch_event("#drop", "dragover", {"dataTransfer": transfer})
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})


def seen(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look (OPENDATA_SCREENSHOTS names a folder)."""
    if folder := os.environ.get("OPENDATA_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def faults_of(page: Page) -> list[str]:
    """What axe-core finds against people who read otherwise: rules of WCAG 2.2, and best practices."""
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


def test_drop_read_and_take_the_copy(page: Page, tmp_path: Path) -> None:
    """The whole way of a department: three steps, and the copy has the marks."""
    drop(page, NAME, rich())
    page.wait_for_url("**/report/**", timeout=WAIT)
    seen(page, "report")
    assert page.inner_text("h1") == "修正が必要です"
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename == "ごみ排出量の推移_確認結果.xlsx"
    download.value.save_as(tmp_path / "copy.xlsx")
    book = openpyxl.load_workbook(tmp_path / "copy.xlsx")
    assert "確認結果" in book.sheetnames and book[SHEET]["B6"].comment is not None


def test_a_number_in_the_picture_leads_to_its_card_and_back(page: Page, checked: httpx.Response) -> None:
    """Without any script."""
    page.goto(str(checked.url))
    page.click(".sheet .pin >> nth=0")
    assert page.url.rpartition("#")[2].startswith("f")
    page.click(".card .places a >> nth=0")
    assert page.locator(":target").get_attribute("class") is not None


def test_everybody_can_use_the_pages(page: Page, desk: Running, checked: httpx.Response) -> None:
    """axe-core finds nothing on form, report and archived cell."""
    assert faults_of(page) == []
    seen(page, "form")
    page.goto(str(checked.url))
    assert faults_of(page) == []
    page.goto(f"{desk.address}cell/{desk.delivery}/{SHEET}/B6")
    seen(page, "cell")
    assert faults_of(page) == []


def test_it_works_without_script(chromium: Browser, desk: Running, tmp_path: Path) -> None:
    """A plain form and plain links."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(desk.address)
    page.set_input_files("#file", save(rich(), tmp_path / NAME))
    page.click("button.button", no_wait_after=True)
    page.wait_for_url("**/report/**", timeout=WAIT)
    assert "修正が必要です" in page.content()
    context.close()


def test_nothing_is_wider_than_a_phone(chromium: Browser, desk: Running, checked: httpx.Response) -> None:
    """Wide sheets scroll by themselves."""
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(desk.address)
    seen(page, "form-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(str(checked.url))
    seen(page, "report-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def heavy() -> bytes:
    """A workbook of 20 MB: that of the other tests with photographs that do not pack."""
    found = parts(rich())
    found["xl/media/image9.jpeg"] = os.urandom(20 << 20)
    return packed(found)


def test_a_workbook_of_20_megabytes(page: Page, tmp_path: Path) -> None:
    """Is taken, checked, and given back with its photographs."""
    page.set_input_files("#file", save(heavy(), tmp_path / NAME))
    page.click("button.button", no_wait_after=True)
    page.wait_for_url("**/report/**", timeout=WAIT)
    with page.expect_download() as download:
        page.click("a[download]")
    assert Path(download.value.path()).stat().st_size > 20 << 20


def test_a_zip_bomb_is_refused_and_the_desk_goes_on(page: Page, desk: Running, tmp_path: Path) -> None:
    """The person reads why; the next file is checked."""
    page.set_input_files("#file", save(bomb(), tmp_path / "爆弾.xlsx"))
    page.click("button.button", no_wait_after=True)
    page.wait_for_selector("main .verdict h1")
    seen(page, "bomb")
    assert "提出できます" not in page.inner_text("main")
    assert desk.send(NAME, rich()).status_code == 200
