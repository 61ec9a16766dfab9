"""What programs follow: the index by its schema, feeds by a feed reader, and the change feed from a number."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import feedparser
import openpyxl
import pytest
from jsonschema import Draft202012Validator

from pipelines.feeds.atom import Told, feed
from pipelines.settings import REPOSITORY
from tests.kit import Town, town

WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The catalogue after a first night, and after one in which a figure was corrected and a change announced."""
    made = town(tmp_path_factory.mktemp("feeds"), [WASTE, PARK])
    made.night()
    before = Path(shutil.copytree(made.home / "catalogue", made.home / "before", symlinks=True))
    _change(made)
    schema = made.root / "schemas" / f"{PARK}.yaml"
    announced = "\nannounce: {date: 2027-04-01, ja: 項目名を改めます。, en: A field gets another name.}\n"
    schema.write_text(schema.read_text("utf-8") + announced, "utf-8")
    made.night()
    return before, made.home / "catalogue"


def _change(made: Town) -> None:
    path = made.delivery(WASTE)
    book = openpyxl.load_workbook(path)
    cell = next(c for row in book.worksheets[0].iter_rows(min_row=5) for c in row if str(c.value).startswith("9"))
    cell.value = str(cell.value).replace("9", "8", 1)
    book.save(path)


def changes(catalogue: Path) -> dict[str, object]:
    return json.loads((catalogue / "changes.json").read_bytes())


def test_the_index_keeps_its_schema(nights: tuple[Path, Path]) -> None:
    """catalogue.json is what docs/json-schema/catalogue-1.json says."""
    schema = json.loads((REPOSITORY / "docs" / "json-schema" / "catalogue-1.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    for catalogue in nights:
        index = json.loads((catalogue / "catalogue.json").read_bytes())
        assert list(Draft202012Validator(schema).iter_errors(index)) == []


def test_the_schema_refuses_a_path_that_climbs_out(nights: tuple[Path, Path]) -> None:
    """And an entry without its record."""
    schema = json.loads((REPOSITORY / "docs" / "json-schema" / "catalogue-1.json").read_bytes())
    index = json.loads((nights[0] / "catalogue.json").read_bytes())
    index["datasets"][0]["release"] = "a/../../x"
    del index["datasets"][1]["record"]
    assert len(list(Draft202012Validator(schema).iter_errors(index))) == 2


def test_a_feed_reader_reads_every_feed(nights: tuple[Path, Path]) -> None:
    """feedparser finds no fault, the newest release comes first, and its entry says what changed in both languages."""
    catalogue = nights[1]
    for path, count in (("feed.atom", 4), (f"{WASTE}/feed.atom", 2), (f"{PARK}/feed.atom", 2)):
        feed = feedparser.parse((catalogue / path).read_bytes())
        assert not feed.bozo, path
        assert len(feed.entries) == count
        assert len({entry.id for entry in feed.entries}) == count
        assert [e.updated for e in feed.entries] == sorted((e.updated for e in feed.entries), reverse=True)
    newest = feedparser.parse((catalogue / WASTE / "feed.atom").read_bytes()).entries[0]
    assert newest.title.endswith(" 1.0.1")
    assert "変更1値" in newest.summary
    assert "1 value changed" in newest.summary


def test_ids_and_times_of_older_entries_stay(nights: tuple[Path, Path]) -> None:
    """An entry that a reader has seen is the same in every later feed."""
    first, second = (feedparser.parse((c / "feed.atom").read_bytes()).entries for c in nights)
    assert {(e.id, e.updated) for e in first} < {(e.id, e.updated) for e in second}


def test_of_two_releases_in_one_second_the_later_comes_first(tmp_path: Path) -> None:
    """In a feed the order of the log decides where the time does not."""
    made = town(tmp_path, [WASTE])
    made.night()
    _change(made)
    made.night()
    later = made.open().wanted()[WASTE]
    earlier = later.before
    assert earlier is not None
    told = [Told(one, "2026-12-01T17:00:05+00:00") for one in (earlier, later)]
    entries = feedparser.parse(feed("川崎市", "urn:x", "feed.atom", told, "", "川崎市")).entries
    assert [entry.title.rpartition(" ")[2] for entry in entries] == ["1.0.1", "1.0.0"]


def test_a_client_follows_from_a_number(nights: tuple[Path, Path]) -> None:
    """Whoever remembers the last number gets exactly what came after it."""
    before, after = (changes(catalogue) for catalogue in nights)
    cursor = before["changes"][-1]["number"]
    news = [(c["name"], c["version"], c["change"]) for c in after["changes"] if c["number"] > cursor]
    assert sorted(news) == [(PARK, "1.0.1", "patch"), (WASTE, "1.0.1", "patch")]


def test_the_history_only_grows_and_is_chained(nights: tuple[Path, Path]) -> None:
    """Each line names the hash of the one before; the head is the hash of the last."""
    before, after = ((catalogue / "changes.jsonl").read_bytes() for catalogue in nights)
    assert after.startswith(before)
    lines = after.splitlines()
    parents = [json.loads(line)["parent"] for line in lines]
    digests = [hashlib.sha256(line).hexdigest() for line in lines]
    assert parents == ["", *digests[:-1]]
    assert changes(nights[1])["head"] == f"{len(lines)}:{digests[-1]}"


def test_a_breaking_change_is_announced_with_its_date(nights: tuple[Path, Path]) -> None:
    """In the change feed and in the package, in both languages; the contract stays as it is."""
    announced = {"date": "2027-04-01", "ja": "項目名を改めます。", "en": "A field gets another name."}
    assert changes(nights[0])["announcements"] == []
    assert changes(nights[1])["announcements"] == [{"name": PARK, **announced}]
    package = json.loads((nights[1] / PARK / "datapackage.json").read_bytes())
    assert package["announcement"] == announced


def test_the_plain_index_names_every_dataset(nights: tuple[Path, Path]) -> None:
    """llms.txt has a line for each, with a link that leads somewhere."""
    text = (nights[1] / "llms.txt").read_text("utf-8")
    for name in (WASTE, PARK):
        assert f"({name}/datapackage.json)" in text
