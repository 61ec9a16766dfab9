"""Taken back more than once: all that was taken back stays away, until it is let out by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.plan import make_plan
from pipelines.steward import hand
from pipelines.steward.waiting import waiting
from tests.hand.wards import NAME, deliver, figures, made, read
from tests.kit import Town, result
from tests.night.towns import copied, files, outcomes, touched, versions

ROW = ("2021", "17")
FIRST, SECOND = "桁が多い", "まだ誤りがある"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three releases; the third was taken back, then the second's content; the third's delivery still lies there."""
    town = made(tmp_path_factory.mktemp("twice"), "guards: off\n")
    for figure in (1188, 8765432, 1191):
        deliver(town, {**figures(), (2021, "17"): figure})
        assert outcomes(town.night())[NAME] == "published"
    hand.roll_back(town.open(), NAME, "1.0.1", "steward", FIRST)
    hand.roll_back(town.open(), NAME, "1.0.0", "steward", SECOND)
    return town


def reworded(town: Town) -> None:
    """The contract says something else of the same rows."""
    path = town.root / "schemas" / f"{NAME}.yaml"
    path.write_text(path.read_text("utf-8").replace("Visits made up", "Visitors made up"), "utf-8")


def test_what_was_taken_back_first_stays_away(twice: Town, tmp_path: Path) -> None:
    """It is held with its own reason, night after night; the second one too, should it be delivered again."""
    town = copied(twice, tmp_path)
    item = make_plan(town.open()).items[NAME]
    assert (item.state, item.why) == ("held", "rolled_back")
    done = town.night()
    assert (outcomes(done)[NAME], versions(town)[NAME], read(town)[ROW]) == ("held", "1.0.4", "1188")
    (finding,) = result(done, NAME).findings
    assert (finding.code, finding.found, finding.facts["reason"]) == ("guard.rolled_back", "1.0.2", FIRST)
    before = files(town.home)
    assert outcomes(town.night())[NAME] == "held"
    assert touched(before, files(town.home)) == []
    deliver(town, {**figures(), (2021, "17"): 8765432})
    assert SECOND in result(town.night(), NAME).findings[0].text("ja")
    deliver(town, {**figures(), (2021, "17"): 1190})
    assert outcomes(town.night())[NAME] == "published"


def test_what_was_approved_is_taken_back_no_longer(twice: Town, tmp_path: Path) -> None:
    """It goes out once, and again where the contract changes; the other one stays away."""
    town = copied(twice, tmp_path)
    hand.approve(town.open(), NAME, waiting(town.open(), NAME).candidate, "steward", "x")
    assert outcomes(town.night())[NAME] == "published"
    reworded(town)
    assert outcomes(town.night())[NAME] == "published"
    assert (versions(town)[NAME], read(town)[ROW]) == ("1.0.6", "1191")
    deliver(town, {**figures(), (2021, "17"): 8765432})
    assert result(town.night(), NAME).findings[0].code == "guard.rolled_back"


def test_what_a_rollback_brings_back_is_taken_back_no_longer(twice: Town, tmp_path: Path) -> None:
    """The steward wants it after all; its delivery lies there, and the contract changes."""
    town = copied(twice, tmp_path)
    hand.roll_back(town.open(), NAME, "1.0.2", "steward", "x")
    assert outcomes(town.night())[NAME] == "unchanged"
    reworded(town)
    assert outcomes(town.night())[NAME] == "published"
    assert (versions(town)[NAME], read(town)[ROW]) == ("1.0.6", "1191")
