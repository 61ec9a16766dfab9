"""Every page of the built site: valid, linked, small, and saying what the release says."""

from __future__ import annotations

import itertools
import json
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest

from pipelines.night import Night
from pipelines.pipeline import Pipeline
from pipelines.site.board import STATUSES
from pipelines.site.search import folded
from tests.kit import town

HTML = "{http://www.w3.org/1999/xhtml}"
INDEX = ("", "by-goal/", "by-topic/", "for-developers/", "progress-board/")


@pytest.fixture(scope="module")
def pages(catalogue: Path) -> dict[str, str]:
    """Every page by its address, in both languages."""
    names = _names(catalogue)
    paths = [f"{language}{path}" for language in ("", "en/") for path in [*INDEX, *(f"{name}/" for name in names)]]
    return {path: (catalogue / path / "index.html").read_text(encoding="utf-8") for path in paths}


def _names(catalogue: Path) -> list[str]:
    return [entry["name"] for entry in json.loads((catalogue / "catalogue.json").read_bytes())["datasets"]]


@lru_cache(maxsize=512)
def _tree(text: str):
    return html5lib.parse(text)


def test_every_page_is_valid_html(pages: dict[str, str]) -> None:
    """A strict parser of the HTML standard has nothing to say about any page."""
    for path, text in pages.items():
        try:
            html5lib.HTMLParser(strict=True).parse(text)
        except Exception as error:
            raise AssertionError(f"{path}: {error}") from error


def test_no_page_is_large(pages: dict[str, str]) -> None:
    """At most 200 kB of HTML, for every dataset."""
    assert {path: len(text.encode()) for path, text in pages.items() if len(text.encode()) > 200_000} == {}


def test_no_page_names_a_dataset_by_its_machine_name_where_it_has_a_title(
    pages: dict[str, str], catalogue: Path
) -> None:
    """What a derived dataset is made of, and the board: titles in the page's language that lead to the datasets."""
    titles = {
        entry["name"]: {"ja": entry["title@ja"], "en": entry["title@en"]}
        for entry in json.loads((catalogue / "catalogue.json").read_bytes())["datasets"]
    }
    for path, text in pages.items():
        assert "dataset kpi-" not in text, path
        language = "en" if path.startswith("en/") else "ja"
        links = [
            (str(e.get("href")), "".join(e.itertext()))
            for e in _tree(text).iter(f"{HTML}a")
            if "download" not in e.attrib
        ]
        assert [(link, said) for link, said in links if said.partition(" ")[0] in titles] == [], path
        if path.endswith(("kpi_progress/", "progress-board/")):
            assert any(said.startswith(titles["kpi_indicators"][language]) for _, said in links), path
    package = json.loads((catalogue / "kpi_progress" / "datapackage.json").read_bytes())
    assert {
        "title": titles["kpi_indicators"]["ja"],
        "title@ja": titles["kpi_indicators"]["ja"],
        "title@en": titles["kpi_indicators"]["en"],
        "path": "kpi_indicators/datapackage.json",
    } in package["sources"]


def test_no_date_lacks_its_month(pages: dict[str, str], catalogue: Path) -> None:
    """No page, picture, feed or list says the day of a year: 2019-01-01 is 2019年1月1日."""
    pictures = {path.relative_to(catalogue).as_posix(): path.read_text("utf-8") for path in catalogue.glob("*/*.svg")}
    found = {path: re.findall(r"\d{4}年\d+日", text) for path, text in (pages | pictures).items()}
    assert {path: dates for path, dates in found.items() if dates} == {}


def test_every_internal_link_leads_somewhere(pages: dict[str, str], catalogue: Path) -> None:
    """Every link, picture, style and script of every page, and every fragment."""
    ids = {path: {e.get("id") for e in _tree(text).iter() if e.get("id")} for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for element in _tree(text).iter():
            target = element.get("href") or element.get("src")
            if target is None or urlsplit(target).scheme:
                continue
            there = urlsplit(urljoin(f"http://site/{path}", target))
            address = unquote(there.path).lstrip("/")
            file = catalogue / address / "index.html" if address.endswith("/") or not address else catalogue / address
            if not file.is_file() or (there.fragment and address in ids and there.fragment not in ids[address]):
                broken.append(f"{path} → {target}")
    assert broken == []


def test_no_id_stands_twice_and_headings_have_no_gap(pages: dict[str, str]) -> None:
    """What a screen reader goes by: one id once, no heading level skipped."""
    for path, text in pages.items():
        found = [element.get("id") for element in _tree(text).iter() if element.get("id")]
        assert len(found) == len(set(found)), path
        levels = [
            int(e.tag[-1]) for e in _tree(text).iter() if isinstance(e.tag, str) and re.fullmatch(r".*}h[1-6]", e.tag)
        ]
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), path


def test_pages_allow_no_code_and_no_style_but_their_own(pages: dict[str, str]) -> None:
    """A strict policy, and nothing in the page that it would stop: no inline script, style or handler."""
    for path, text in pages.items():
        policy = next(e for e in _tree(text).iter(f"{HTML}meta") if e.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in str(policy.get("content")), path
        assert "unsafe" not in str(policy.get("content")), path
        for element in _tree(text).iter():
            assert "style" not in element.attrib, path
            assert not [name for name in element.attrib if str(name).startswith("on")], path
        scripts = [e for e in _tree(text).iter(f"{HTML}script") if e.get("type") != "application/ld+json"]
        assert all(e.get("src") and not e.text for e in scripts), path
        assert not list(_tree(text).iter(f"{HTML}style")), path


def test_every_dataset_page_has_a_schema_org_dataset(pages: dict[str, str], catalogue: Path) -> None:
    """With licence, version, and downloads whose hashes are those of the descriptor."""
    for name in _names(catalogue):
        package = json.loads((catalogue / name / "releases" / "1.0.0" / "datapackage.json").read_bytes())
        for path, key in ((f"{name}/", "title@ja"), (f"en/{name}/", "title@en")):
            (document,) = [json.loads(e.text) for e in _tree(pages[path]).iter(f"{HTML}script") if e.text]
            assert (document["@type"], document["name"]) == ("Dataset", package[key])
            assert document["version"] == package["version"]
            assert document["license"] == package["licenses"][0]["path"]
            hashes = {one["sha256"] for one in document["distribution"]}
            assert {r["hash"].removeprefix("sha256:") for r in package["resources"]} <= hashes


def test_a_dataset_page_shows_the_release(pages: dict[str, str], city: tuple[Pipeline, Night]) -> None:
    """Titles, first rows and dictionary are those of the table, in every page."""
    for name, want in city[0].wanted().items():
        for path in (f"{name}/", f"en/{name}/"):
            tables = {e.get("class"): e for e in _tree(pages[path]).iter(f"{HTML}table")}
            shown = _cells(tables["data"])
            rows = _published(want.path(f"{name}.csv"))[: len(shown)]
            assert [[cell.replace(",", "") for cell in row] for row in shown] == [
                [cell.replace(",", "") for cell in row] for row in rows
            ], path
            names = [str(field["name"]) for field in want.manifest.build.table_schema["fields"]]
            assert [e.text for e in tables["dictionary"].iter(f"{HTML}code")] == names


def _cells(table) -> list[list[str]]:
    body = next(table.iter(f"{HTML}tbody"))
    return [["".join(cell.itertext()) for cell in row.iter(f"{HTML}td")] for row in body.iter(f"{HTML}tr")]


def _published(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_the_board_has_every_indicator_with_status_or_reason(
    pages: dict[str, str], city: tuple[Pipeline, Night]
) -> None:
    """Twenty-five indicators; statuses and values are those of kpi_progress in its last published year."""
    rows = _published(city[0].wanted()["kpi_progress"].path("kpi_progress.csv"))
    last = {(row[0], row[1]): row for row in sorted(rows, key=lambda row: (row[5] != "", row[2]))}
    statuses = {row[0]: row[16] for row in last.values()}
    for path in ("progress-board/", "en/progress-board/"):
        cards = [e for e in _tree(pages[path]).iter(f"{HTML}li") if "indicator" in str(e.get("class")).split()]
        assert len(cards) == 25
        shown = {str(card.get("class")).split()[1] for card in cards}
        assert shown <= set(STATUSES)
        counts = {status: sum(str(c.get("class")).endswith(f" {status}") for c in cards) for status in STATUSES}
        assert counts == {status: list(statuses.values()).count(status) for status in STATUSES}
        assert sum(1 for card in cards for _ in card.iter(f"{HTML}img")) == 24  # one has no value yet


def test_words_are_folded_as_the_script_folds_them() -> None:
    """Width, case and kana make no difference."""
    assert folded("ﾅﾝﾌﾞｾﾝ") == folded("ナンブセン") == folded("なんぶせん") == "なんぶせん"
    assert folded("ＳＤＧｓ　１１") == "sdgs 11"


def test_with_a_public_address_there_are_canonical_links_and_a_sitemap(tmp_path: Path) -> None:
    """Every page names its own address and that of the other language; the sitemap has them all."""
    made = town(tmp_path, ["waste_per_capita"])
    base = "https://data.example/"
    pipeline = Pipeline.open(made.settings.model_copy(update={"base_url": base}))
    from pipelines.night import run_night

    assert run_night(pipeline, "test").exit_code == 0
    catalogue = made.home / "catalogue"
    tree = html5lib.parse((catalogue / "en" / "waste_per_capita" / "index.html").read_text(encoding="utf-8"))
    links = {(e.get("rel"), e.get("hreflang")): e.get("href") for e in tree.iter(f"{HTML}link")}
    assert links["canonical", None] == f"{base}en/waste_per_capita/"
    assert links["alternate", "ja"] == f"{base}waste_per_capita/"
    assert links["alternate", "en"] == f"{base}en/waste_per_capita/"
    sitemap = (catalogue / "sitemap.xml").read_text(encoding="utf-8")
    listed = re.findall("<loc>(.*?)</loc>", sitemap)
    paths = [
        f"{language}{path}"
        for path in ("", "by-goal/", "by-topic/", "for-developers/", "waste_per_capita/")
        for language in ("", "en/")
    ]
    assert listed == [base + path for path in paths]
    assert not (catalogue / "progress-board").exists()  # a town without the plan has no board
    assert "progress-board" not in (catalogue / "index.html").read_text(encoding="utf-8")
