"""What a document names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
TEST = re.compile(r"`(tests/[\w/.]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    """Links from where the page is, tests from the top."""
    text = page.read_text(encoding="utf-8")
    named = [page.parent / link for link in LINK.findall(text)] + [REPOSITORY / path for path in TEST.findall(text)]
    assert [str(path) for path in named if not path.exists()] == []


def test_what_keeps_a_promise_is_there() -> None:
    """The second column of docs/promises.md."""
    rows = (REPOSITORY / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    keepers = [path for row in rows if row.startswith("| ") for path in re.findall(r"`([^`]+)`", row.split("|")[3])]
    assert len(keepers) > 10
    assert [
        path for path in keepers if not any((top / path).exists() for top in (REPOSITORY / "pipelines", REPOSITORY))
    ] == []
