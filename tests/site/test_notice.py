"""What a city says of all its data, and whom to ask: on every page, in the index, or nowhere where it says nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pipelines.night import show_all
from pipelines.settings import REPOSITORY
from tests.kit import Town, town
from tests.night.towns import copied, outcomes

WASTE = "waste_per_capita"
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
