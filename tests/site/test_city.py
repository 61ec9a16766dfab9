"""What a city says of all its data, whom to ask, and where programs begin."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import html5lib
import pytest
from jsonschema import Draft202012Validator

from pipelines.errors import ConfigurationError
from pipelines.night import run_night, show_all
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY
from tests.kit import Town, town
from tests.night.towns import copied, outcomes

WASTE = "waste_per_capita"
HTML = "{http://www.w3.org/1999/xhtml}"
NOTICE = {
    "ja": "掲載データは公表資料の値から再構成したもので、所管局の原本ではありません。",
    "en": "The data were put together from published figures; they are not the bureaus' originals.",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town with the repository's own notice."""
    made = town(tmp_path_factory.mktemp("notice"), [WASTE])
    assert set(outcomes(made.night()).values()) == {"published"}
    return made


def pages(made: Town) -> dict[str, str]:
    root = made.home / "catalogue"
    paths = [*(root / ".current").rglob("*.html"), *(root / WASTE / "current").rglob("*.html")]
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


def index(made: Town) -> dict[str, object]:
    return json.loads((made.home / "catalogue" / "catalogue.json").read_bytes())  # type: ignore[no-any-return]


def with_city(made: Town, folder: Path, change: tuple[str, str]) -> Town:
    """A copy whose city file has something else in one place, after a night."""
    copy = copied(made, folder)
    path = copy.root / "schemas" / "_city.yaml"
    text = path.read_text("utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), "utf-8")
    assert set(outcomes(copy.night()).values()) <= {"healed", "unchanged"}
    return copy


def test_every_page_says_where_the_figures_are_from(made: Town) -> None:
    """In its own language, also the page of what is withdrawn; catalogue.json and llms.txt say it too."""
    pipeline = made.open()
    for undo in (False, True):
        if undo:
            pipeline.store.log.give_back(WASTE, "x", "x")
        else:
            pipeline.store.log.withdraw(WASTE, "x", "x", "")
        show_all(pipeline, [WASTE])
        assert len(pages(made)) >= 8
        for path, text in pages(made).items():
            language = "en" if 'lang="en"' in text.partition("<head>")[0] else "ja"
            assert text.count(NOTICE[language].replace("'", "&#39;")) == 1, path
        assert (index(made)["notice@ja"], index(made)["notice@en"]) == (NOTICE["ja"], NOTICE["en"])
        assert NOTICE["en"] in (made.home / "catalogue" / "llms.txt").read_text("utf-8")
    schema = json.loads((REPOSITORY / "docs" / "json-schema" / "catalogue-1.json").read_bytes())
    assert list(Draft202012Validator(schema).iter_errors(index(made))) == []


def test_without_a_notice_there_is_none(made: Town, tmp_path: Path) -> None:
    """The key is optional; pages and index follow it in the next night, and no release is made for it."""
    text = (made.root / "schemas" / "_city.yaml").read_text("utf-8")
    block = text[text.index("notice:") : text.index("departments:")]
    copy = with_city(made, tmp_path, (block, ""))
    assert "notice@ja" not in index(copy)
    for path, page in pages(copy).items():
        assert NOTICE["ja"] not in page, path
        assert 'class="notice' not in page, path


def links(page: str) -> list[tuple[str, str, str]]:
    """The alternates of a page that are no translations: type, address, title."""
    found = html5lib.parse(page).iter(f"{HTML}link")
    return [
        (str(e.get("type")), str(e.get("href")), str(e.get("title")))
        for e in found
        if e.get("rel") == "alternate" and not e.get("hreflang")
    ]


def test_pages_lead_feed_readers_and_programs_on(made: Town) -> None:
    """As alternates: feeds on every page, the dataset's first; the index of all, or the package, in JSON."""
    for language, up in (("", "./"), ("en/", "../")):
        every = links(pages(made)[f".current/{language}index.html"])
        assert [(kind, address) for kind, address, _ in every] == [
            ("application/json", f"{up}catalogue.json"),
            ("application/atom+xml", f"{up}feed.atom"),
        ]
        own = links(pages(made)[f"{WASTE}/current/{language}index.html"])
        root = "../../" if language else "../"
        assert [(kind, address) for kind, address, _ in own] == [
            ("application/atom+xml", f"{root}{WASTE}/feed.atom"),
            ("application/json", f"{root}{WASTE}/datapackage.json"),
            ("application/atom+xml", f"{root}feed.atom"),
        ]
        assert all(title and title != "None" for *_, title in (*every, *own))


def test_a_page_for_developers_names_what_there_is(made: Town) -> None:
    """In both languages, and a link on every page leads there; with a public address DCAT, too."""
    names = ["catalogue.json", "catalogue-1.schema.json", "changes.jsonl", "changes.json", "feed.atom", "llms.txt"]
    for language in ("", "en/"):
        page = pages(made)[f".current/{language}for-developers/index.html"]
        hrefs = [str(e.get("href")) for e in html5lib.parse(page).iter(f"{HTML}a")]
        for name in names:
            assert any(href.endswith(f"../{name}") for href in hrefs), name
            assert (made.home / "catalogue" / name).is_file()
        assert "catalogue.jsonld" not in page
    assert all("for-developers/" in page for page in pages(made).values())
    schema = (REPOSITORY / "docs" / "json-schema" / "catalogue-1.json").read_bytes()
    assert (made.home / "catalogue" / "catalogue-1.schema.json").read_bytes() == schema


def test_with_a_public_address_pages_lead_to_the_catalogue_in_dcat(made: Town, tmp_path: Path) -> None:
    """Front page and the page for developers."""
    copy = copied(made, tmp_path)
    pipeline = Pipeline.open(copy.settings.model_copy(update={"base_url": "https://data.example/"}))
    run_night(pipeline, "test")
    for path in ("", "for-developers/"):
        page = pages(copy)[f".current/{path}index.html"]
        assert "catalogue.jsonld" in page
    assert (copy.home / "catalogue" / "catalogue.jsonld").is_file()


def test_english_pages_have_english_brackets(made: Town) -> None:
    """In captions, headings and the foot; what a department wrote in Japanese stays as it is."""
    for path, page in pages(made).items():
        if 'lang="en"' in page.partition("<head>")[0]:
            tree = html5lib.parse(page)
            for tag in ("caption", "h1", "h2", "h3", "footer"):
                for element in tree.iter(f"{HTML}{tag}"):
                    assert not set("（）：、。") & set("".join(element.itertext())), path
    words = tomllib.loads((REPOSITORY / "pipelines" / "site" / "data" / "words.toml").read_text("utf-8"))
    for section in words.values():
        assert [text["en"] for text in section.values() if set("（）：、。") & set(text["en"])] == []


def test_every_download_is_called_by_a_name(made: Town) -> None:
    """No format is its suffix in capitals."""
    for path in (f"{WASTE}/current/index.html", f"{WASTE}/current/en/index.html"):
        tables = html5lib.parse(pages(made)[path]).iter(f"{HTML}table")
        (table,) = [e for e in tables if e.get("class") == "downloads"]
        labels = ["".join(e.itertext()) for e in table.iter(f"{HTML}th") if e.get("scope") == "row"]
        assert "ATOM" not in labels
        assert any("Atom" in label for label in labels)


BUREAU = "environment: {title: {ja: 環境局, en: Environmental Protection Bureau}"


@pytest.mark.parametrize(
    ("contact", "link"),
    [("a@b.example", "mailto:a@b.example"), ("https://b.example/ask", "https://b.example/ask"), ("", "")],
)
def test_whom_to_ask_is_told_where_the_city_says_it(made: Town, tmp_path: Path, contact: str, link: str) -> None:
    """A mail or a page; without one there is no heading for it."""
    change = (BUREAU, f"{BUREAU}, contact: {contact}")
    page = pages(with_city(made, tmp_path, change) if contact else made)[f"{WASTE}/current/index.html"]
    assert ("問い合わせ" in page) == bool(link)
    assert not link or f'href="{link}"' in page


def test_the_citys_contact_stands_for_departments_without_one(made: Town, tmp_path: Path) -> None:
    """And what is neither mail nor page is refused with its place."""
    copy = with_city(made, tmp_path / "a", ("homepage:", "contact: open@b.example\nhomepage:"))
    assert 'href="mailto:open@b.example"' in pages(copy)[f"{WASTE}/current/en/index.html"]
    with pytest.raises(ConfigurationError):
        with_city(made, tmp_path / "b", ("homepage:", "contact: ask us\nhomepage:"))
