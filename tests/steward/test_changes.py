"""A release's changes are read as they were written, whatever its texts are."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.steward.changes import changes_of
from tests.hand.wards import NAME, deliver, figures, made
from tests.kit import Town, result
from tests.night.towns import copied


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town after its first night."""
    town = made(tmp_path_factory.mktemp("texts"), "guards: off\n")
    town.night()
    return town


@pytest.mark.parametrize("texts", [["\\1"], ["'\",;"], ["a;b", "a;b2"]])
def test_no_text_hides_or_changes_a_change(town: Town, tmp_path: Path, texts: list[str]) -> None:
    """Rows with it in their key come; each is shown with it and its figure's cell, in the order of the key."""
    here = copied(town, tmp_path)
    deliver(here, {**figures(), **{(2021, text): number for number, text in enumerate(texts)}})
    release = result(here.night(), NAME).manifest
    assert release is not None
    found = changes_of(here.open().store, release)
    assert [(one.kind, one.key, one.field, one.new) for one in found] == [
        ("added", ["2021", text], "visits", str(number)) for number, text in enumerate(texts)
    ]
    assert [one.new_spot.cell for one in found if one.new_spot] == [f"C{121 + n}" for n, _ in enumerate(texts)]
