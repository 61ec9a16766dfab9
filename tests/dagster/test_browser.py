"""A steward in the Dagster UI, in Debian's Chromium: from the list of assets to the cell, with loopback alone."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    build_client_schema,
    get_introspection_query,
    get_named_type,
)
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines.settings import REPOSITORY
from pipelines.webserver import REFUSAL
from tests.desk.office import program
from tests.edits import cells
from tests.kit import Town, town

WAIT = 120_000
COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]


@dataclass(frozen=True)
class Stewards:
    """The Dagster UI and the desk of a town after two nights: one dataset changed, another was held back."""

    ui: str
    desk: str
    town: Town


@pytest.fixture(scope="module")
def stewards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stewards]:
    """A night without Dagster and one in it, the real web server, the real desk."""
    names = ["waste_per_capita", "nambu_line_station_passengers", "kpi_indicators", "kpi_targets"]
    place = town(tmp_path_factory.mktemp("steward"), names)
    place.night()
    with served(place, "desk", "--port", "0") as desk:
        cells({"B6": 940, "A8": "令和3年度", "B8": 890})(place.delivery("waste_per_capita"))
        cells({"C9": "9Ol"})(place.delivery("nambu_line_station_passengers"))
        nightly(environment_of(place) | {"OPENDATA_DESK_URL": desk})
        with served(place, "ui", "--read-only", "--port", "0") as ui:
            yield Stewards(ui, desk, place)


def environment_of(place: Town) -> dict[str, str]:
    home = str(place.home)
    return {**os.environ, "OPENDATA_ROOT": str(place.root), "OPENDATA_HOME": home, "DAGSTER_HOME": home}


def nightly(environment: dict[str, str]) -> None:
    """A night in Dagster. It holds one dataset back."""
    command = [*COMMAND, "nightly"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr


@contextmanager
def served(place: Town, *arguments: str) -> Iterator[str]:
    """A server of ours in a process of its own; its address."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=REPOSITORY,
        env=environment_of(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield address_of(process)
    finally:
        process.terminate()
        process.wait(60)


def address_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], WAIT / 1000)
    assert ready, "the server said nothing"
    return process.stdout.readline().decode().strip()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """As root it has no sandbox of its own, and it opens nothing but these pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Steward:
    """A window at the list of assets, and how often its user clicked since then."""

    page: Page
    clicks: int = 0
    hosts: set[str] = field(default_factory=set)

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def follow(self, selector: str) -> Page:
        """Click a link to the desk, which opens here or in a window of its own."""
        self.click(selector)
        while not (found := [page for page in self.page.context.pages if "/cell/" in page.url]):
            self.page.wait_for_timeout(100)
        found[0].locator("td.here").wait_for()
        return found[0]

    def seen(self, name: str, page: Page | None = None) -> None:
        """Keep a picture for whoever wants to look (OPENDATA_SCREENSHOTS names a folder)."""
        if folder := os.environ.get("OPENDATA_SCREENSHOTS"):
            (page or self.page).screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def steward(chromium: Browser, stewards: Stewards) -> Iterator[Steward]:
    """Begins at the list of assets. A request that leaves loopback is a fault."""
    context = chromium.new_context(locale="ja-JP", viewport={"width": 1400, "height": 1100})
    found = Steward(context.new_page())
    context.on("request", lambda request: found.hosts.add(urlsplit(request.url).hostname or "127.0.0.1"))
    found.page.set_default_timeout(WAIT)
    found.page.goto(f"{stewards.ui}assets")
    yield found
    context.close()
    assert found.hosts == {"127.0.0.1"}


def marked(page: Page) -> str:
    """The text of the cell that the desk's page marks."""
    return page.locator("td.here").inner_text()


def test_from_the_list_of_assets_to_the_cell_behind_a_figure(steward: Steward) -> None:
    """Three clicks: the release, its page, the figure. On the way: the chart, what changed, old and new."""
    steward.click("a:has-text('release / waste_per_capita')")
    steward.click("text=[Show Markdown]")
    dialog = steward.page.locator("[role=dialog], .bp5-dialog, .bp4-dialog").last
    dialog.locator("img").wait_for()
    steward.seen("release")
    assert dialog.locator("img").evaluate("image => image.complete && image.naturalWidth > 300")
    assert "計画の目標：2025年度 872" in dialog.inner_text()
    changes = dialog.locator("table").first.inner_text().split()
    assert {"933", "940", "2017", "890", "2021"} <= set(changes)
    cell = steward.follow("a:text-is('890') >> nth=-1")
    steward.seen("cell", cell)
    assert marked(cell) == "890" and cell.url.endswith("/B8")
    assert steward.clicks == 3


def test_from_the_list_of_assets_to_a_failing_cell(steward: Steward) -> None:
    """Two clicks: the delivery that was held back names its cells; the check's page has the table with the remedy."""
    steward.click("a:has-text('delivery / na')")
    cell = steward.follow("a[href$='/C9']")
    assert marked(cell) == "9Ol"
    assert steward.clicks == 2


def test_a_failed_check_shows_its_rows_with_cell_and_remedy(steward: Steward, stewards: Stewards) -> None:
    """In Japanese first; the description of the check is in both languages."""
    address = "assets/table/nambu_line_station_passengers?view=checks&checkDetail=readable"
    steward.page.goto(f"{stewards.ui}{address}")
    steward.page.locator("text=every cell can be read").first.wait_for()
    assert steward.page.locator("text=すべてのセルを読み取れる").count()
    steward.page.locator("tr:has-text('指摘の一覧') >> text=[Show Markdown]").click()
    table = steward.page.locator("table:has(a[href$='/C9'])").last
    table.wait_for()
    steward.seen("check")
    assert "9Ol" in table.inner_text() and "数字だけを入力してください" in table.inner_text()


def test_the_night_leads_to_what_was_held_back(steward: Steward) -> None:
    """The closing of the night: a line for every dataset that is not unchanged, with its remedy and its cell."""
    steward.click("a[href$='/assets/closing']")
    steward.click("tr:has-text('結果') >> text=[Show Markdown]")
    steward.page.locator("a[href$='/assets/release/waste_per_capita']").last.wait_for()
    steward.seen("night")
    assert marked(steward.follow("a[href$='/C9']")) == "9Ol"
    assert steward.clicks == 3


def value_of(kind: GraphQLInputType, name: str) -> object:
    """A value of a type: names of what there is, so that nothing is refused for its words alone."""
    if isinstance(kind, GraphQLNonNull):
        return value_of(kind.of_type, name)
    if isinstance(kind, GraphQLList):
        return [value_of(kind.of_type, name)]
    if isinstance(kind, GraphQLInputObjectType):
        return {n: value_of(f.type, n) for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    known = {"repositoryLocationName": "opendata", "scheduleName": "every_night", "repositoryName": "__repository__"}
    plain = {"Int": 1, "Float": 1.0, "Boolean": True}
    return plain.get(get_named_type(kind).name, known.get(name, "x"))


def test_every_mutation_is_refused(stewards: Stewards) -> None:
    """All that the schema has, whatever a later version brings: the same answer, and nothing is executed."""
    address = f"{stewards.ui}graphql"
    answer = httpx.post(address, json={"query": get_introspection_query()}, timeout=60).json()
    mutations = build_client_schema(answer["data"]).mutation_type
    assert mutations is not None
    dangerous = {"launchRun", "terminateRun", "deleteRun", "wipeAssets", "startSchedule", "stopRunningSchedule"}
    assert dangerous | {"reloadWorkspace", "shutdownRepositoryLocation", "setNuxSeen"} <= set(mutations.fields)
    for name, mutation in mutations.fields.items():
        needed = {n: a.type for n, a in mutation.args.items() if isinstance(a.type, GraphQLNonNull)}
        declared = ", ".join(f"${n}: {kind}" for n, kind in needed.items())
        used = ", ".join(f"{n}: ${n}" for n in needed)
        body = f"{name}{f'({used})' if used else ''}"
        fields = "" if get_named_type(mutation.type).name == "Boolean" else " { __typename }"
        query = f"mutation Change{f'({declared})' if declared else ''} {{ {body}{fields} }}"
        variables = {n: value_of(kind, n) for n, kind in needed.items()}
        refused = httpx.post(address, json={"query": query, "variables": variables}, timeout=60)
        shown = refused.json()
        assert refused.status_code == 400 and "data" not in {k for k, v in shown.items() if v}, (query, shown)
        assert [error["message"] for error in shown["errors"]] == [REFUSAL], (query, shown)


def test_no_event_can_be_reported_and_a_look_is_answered(stewards: Stewards) -> None:
    """Dagster's addresses for outside events are not there; questions are answered as ever."""
    for what in ("report_asset_materialization", "report_asset_check", "report_asset_observation"):
        answer = httpx.post(f"{stewards.ui}{what}/night", json={"check_name": "x", "passed": True}, timeout=60)
        assert answer.status_code == 405, what
    question = {"query": "{ runsOrError { ... on Runs { results { status } } } }"}
    answer = httpx.post(f"{stewards.ui}graphql", json=question, timeout=60)
    assert [run["status"] for run in answer.json()["data"]["runsOrError"]["results"]] == ["FAILURE"]
