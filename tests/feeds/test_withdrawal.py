"""Withdrawn: the dataset's addresses stay in both languages, feeds tell of it, and undone it is a return."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import feedparser
import html5lib
import pytest
from jsonschema import Draft202012Validator

from pipelines.night import show_all
from pipelines.plan import make_plan
from pipelines.settings import REPOSITORY
from pipelines.verify import verify
from tests.kit import Town, town
from tests.night.towns import copied, files, outcomes, touched

WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"
WHY, WHY_EN, BACK = "定義が変わったため", "Its definition changed", "誤って終了したため"
HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two datasets after their first night."""
    made = town(tmp_path_factory.mktemp("withdrawal"), [WASTE, PARK])
    assert set(outcomes(made.night()).values()) == {"published"}
    return made


@pytest.fixture(scope="module")
def gone(before: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The same after one of them was withdrawn; the other is named instead."""
    made = copied(before, tmp_path_factory.mktemp("gone"))
    pipeline = made.open()
    pipeline.store.log.withdraw(WASTE, "a-steward", WHY, PARK, WHY_EN)
    show_all(pipeline, [WASTE])
    return made


@pytest.fixture(scope="module")
def back(gone: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The same after that was undone."""
    made = copied(gone, tmp_path_factory.mktemp("back"))
    pipeline = made.open()
    pipeline.store.log.give_back(WASTE, "a-steward", BACK)
    show_all(pipeline, [WASTE])
    return made


def catalogue(made: Town) -> Path:
    return made.home / "catalogue"


def lines(made: Town) -> list[dict[str, object]]:
    return [json.loads(line) for line in (catalogue(made) / "changes.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_address_of_either_language_has_a_page_of_the_site(gone: Town, language: str) -> None:
    """With style and navigation; every link leads somewhere; when, why, last version and what to use instead."""
    address = f"{'' if language == 'ja' else 'en/'}{WASTE}/"
    text = (catalogue(gone) / address / "index.html").read_text("utf-8")
    tree = html5lib.HTMLParser(strict=True).parse(text)
    assert tree.get("lang") == language
    assert "site-assets/site.css" in text
    assert list(tree.iter(f"{HTML}nav"))
    assert (WHY if language == "ja" else WHY_EN) in text
    assert "1.0.0" in text
    links = {element.get("href"): "".join(element.itertext()) for element in tree.iter(f"{HTML}a")}
    title = {"ja": "住宅の耐震", "en": "arthquake"}[language]
    assert title in links[f"../{PARK}/"]
    assert PARK in text
    assert PARK.replace("_", "-") not in text
    for link in [element.get("href") for element in tree.iter() if element.get("href")]:
        there = urlsplit(urljoin(f"http://site/{address}", link))
        if there.netloc == "site":
            file = catalogue(gone) / there.path.lstrip("/")
            assert (file / "index.html" if there.path.endswith("/") else file).is_file(), link


def test_every_address_of_a_page_or_feed_stays(before: Town, gone: Town) -> None:
    """What people have a link to: pages in both languages, the feed, the package, every released file."""
    for address in (f"{WASTE}/index.html", f"en/{WASTE}/index.html", f"{WASTE}/feed.atom", f"{WASTE}/datapackage.json"):
        assert (catalogue(before) / address).is_file()
        assert (catalogue(gone) / address).is_file(), address
    releases = files(catalogue(before) / WASTE / "releases")
    assert {path: one.content for path, one in files(catalogue(gone) / WASTE / "releases").items()} == {
        path: one.content for path, one in releases.items()
    }


def test_the_change_feed_tells_of_withdrawal_and_return(before: Town, gone: Town, back: Town) -> None:
    """A line for each, with when, why and what instead; the old lines stay byte for byte, and the chain holds."""
    contents = [(catalogue(made) / "changes.jsonl").read_bytes() for made in (before, gone, back)]
    assert contents[1].startswith(contents[0])
    assert contents[2].startswith(contents[1])
    assert len(contents[2].splitlines()) == len(contents[0].splitlines()) + 2
    withdrawal, returned = lines(back)[-2:]
    assert (withdrawal["name"], withdrawal["change"], withdrawal["version"]) == (WASTE, "withdrawal", "1.0.0")
    assert (withdrawal["reason"], withdrawal["reason@en"], withdrawal["replacement"]) == (WHY, WHY_EN, PARK)
    assert (returned["name"], returned["change"], returned["reason"]) == (WASTE, "return", BACK)
    assert returned["version"] == "1.0.0"
    record = (catalogue(gone) / str(withdrawal["record"])).read_bytes()
    assert withdrawal["sha256"] == returned["sha256"] == hashlib.sha256(record).hexdigest()


def test_who_verifies_sees_a_whole_chain(before: Town, gone: Town, back: Town) -> None:
    """Also one who remembers an earlier head."""
    head = verify(str(catalogue(before))).head
    for made in (gone, back):
        report = verify(str(catalogue(made)), since=head)
        assert ([f.text("en") for f in report.findings], report.is_rolled_back) == ([], False)
        head = report.head


@pytest.mark.parametrize("path", ["feed.atom", f"{WASTE}/feed.atom"])
def test_people_are_told_in_the_feeds(before: Town, gone: Town, back: Town, path: str) -> None:
    """The newest entry says when, why and what instead, in both languages; older entries stay as they were."""
    feeds = [feedparser.parse((catalogue(made) / path).read_bytes()) for made in (before, gone, back)]
    assert not any(one.bozo for one in feeds)
    known = [{(e.id, e.title, e.updated, e.summary) for e in one.entries} for one in feeds]
    assert [len(later - earlier) for earlier, later in ((known[0], known[1]), (known[1], known[2]))] == [1, 1]
    assert known[0] < known[1] < known[2]
    (entry,) = (e for e in feeds[1].entries if (e.id, e.title, e.updated, e.summary) not in known[0])
    for word in (WHY, WHY_EN, PARK):
        assert word in entry.summary
    assert "公開を終了" in entry.title
    assert "withdrawn" in entry.title
    assert any(BACK in e.summary and "returned" in e.title for e in feeds[2].entries)


def test_no_public_file_names_the_author(gone: Town, back: Town) -> None:
    """Who did it stands in the log; the public learns when and why."""
    for made in (gone, back):
        for path in (p for p in catalogue(made).rglob("*") if p.is_file()):
            assert b"a-steward" not in path.read_bytes(), path
        assert made.open().store.log.head().author == "a-steward"


def test_the_index_keeps_its_schema(gone: Town) -> None:
    """A withdrawn dataset's entry, too, is what docs/json-schema/catalogue-1.json says."""
    schema = json.loads((REPOSITORY / "docs" / "json-schema" / "catalogue-1.json").read_bytes())
    index = json.loads((catalogue(gone) / "catalogue.json").read_bytes())
    assert list(Draft202012Validator(schema).iter_errors(index)) == []
    index["datasets"] = [{**one, "withdrawn": {}} if "withdrawn" in one else one for one in index["datasets"]]
    assert list(Draft202012Validator(schema).iter_errors(index)) != []


def test_the_next_night_has_nothing_to_do(gone: Town, tmp_path: Path) -> None:
    """A tombstone is as it should be; a damaged page of it is mended; another title of what to use instead is shown."""
    made = copied(gone, tmp_path)
    shown = files(catalogue(made))
    plan = make_plan(made.open())
    assert (plan.to_run, plan.index_is_stale) == ([], False)
    made.night()
    assert touched(shown, files(catalogue(made))) == []
    (catalogue(made) / WASTE / "en" / "index.html").unlink()
    made.night()
    assert {path: one.content for path, one in files(catalogue(made)).items()} == {
        path: one.content for path, one in shown.items()
    }


def test_lines_of_a_time_that_did_not_tell_stay(before: Town, tmp_path: Path) -> None:
    """A withdrawal that older code wrote into the log gets no line in between: the chain after it would be another."""
    made = copied(before, tmp_path)
    pipeline = made.open()
    pipeline.store.log.withdraw(WASTE, "a-steward", WHY, PARK)
    entry = max((made.home / "store" / "log").glob("*.json"))
    document = json.loads(entry.read_bytes())
    del document["told"]
    entry.chmod(0o644)
    entry.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    show_all(made.open(), [WASTE])
    assert [one["change"] for one in lines(made)] == ["first", "first"]
    assert WHY in (catalogue(made) / WASTE / "feed.atom").read_text("utf-8")
    assert (catalogue(made) / "en" / WASTE / "index.html").is_file()


def test_where_all_are_withdrawn_the_history_stays(gone: Town, tmp_path: Path) -> None:
    """The lines are those of before and one more: it does not end with the last dataset that is offered."""
    made = copied(gone, tmp_path)
    pipeline = made.open()
    pipeline.store.log.withdraw(PARK, "a-steward", WHY, "")
    show_all(pipeline, [PARK])
    content = (catalogue(made) / "changes.jsonl").read_bytes()
    assert content.startswith((catalogue(gone) / "changes.jsonl").read_bytes())
    assert [one["change"] for one in lines(made)] == ["first", "first", "withdrawal", "withdrawal"]
