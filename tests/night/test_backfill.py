"""A delivery is named by its day: the archive has it when its source has not, and nothing steps back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.backfill import delivered_on
from pipelines.days import TOKYO
from pipelines.errors import ApprovalRefused
from pipelines.intake import arrivals
from pipelines.night import Result, run_dataset
from pipelines.store.tidy import tidy_store
from tests.edits import cells
from tests.kit import Town, town
from tests.night.towns import files, touched, versions

WASTE = "waste_per_capita"
MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"


@pytest.fixture
def small(tmp_path: Path) -> Town:
    return town(tmp_path, [WASTE])


def came_on(here: Town, *on: str) -> None:
    """Let deliveries have come on some days: those noted so far, in the order in which they came."""
    memos = sorted(_noted(here), key=lambda path: json.loads(path.read_bytes())["arrived"])
    for number, (path, day) in enumerate(zip(memos, on, strict=True)):
        # Just after midnight: by UTC it is still the day before.
        moment = datetime.fromisoformat(f"{day}T00:0{number}:00").replace(tzinfo=TOKYO)
        path.write_text(json.dumps({**json.loads(path.read_bytes()), "arrived": moment.isoformat()}), "utf-8")


def _noted(here: Town) -> Iterator[Path]:
    return (p for p in (here.home / "store" / "memos").glob("??/*.json") if b'"arrived"' in p.read_bytes())


def backfill(here: Town, day: str) -> Result:
    return run_dataset(here.open(), WASTE, "test", "backfill", day)


def test_a_refused_delivery_goes_out_by_its_day_when_the_contract_is_mended(small: Town) -> None:
    """Its source has gone away meanwhile; the night can't do it."""
    schema = small.root / "schemas" / f"{WASTE}.yaml"
    good = schema.read_text("utf-8")
    schema.write_text(good.replace("minimum: 300", "minimum: 950"), "utf-8")
    assert small.night().results[0].outcome == "held"
    came_on(small, MONDAY)
    schema.write_text(good, "utf-8")
    small.delivery(WASTE).unlink()
    assert small.night().results[0].findings[0].code == "source.missing"
    done = backfill(small, MONDAY)
    assert (done.outcome, versions(small)) == ("published", {WASTE: "1.0.0"})
    assert (small.home / "catalogue" / WASTE / f"{WASTE}.csv").is_file()


def test_a_day_on_which_nothing_came_changes_nothing(small: Town) -> None:
    """The source is not asked either."""
    small.night()
    came_on(small, MONDAY)
    cells({"B7": "903"})(small.delivery(WASTE))
    before = files(small.home)
    assert backfill(small, TUESDAY).outcome == "unchanged"
    assert touched(before, files(small.home)) == []
    assert [one.day.isoformat() for one in arrivals(small.open().store, WASTE)] == [MONDAY]


def test_no_step_back(small: Town) -> None:
    """What was published from a later delivery stays; the remedy is a rollback."""
    small.night()
    cells({"B7": "903"})(small.delivery(WASTE))
    small.night()
    came_on(small, MONDAY, TUESDAY)
    before = files(small.home)
    with pytest.raises(ApprovalRefused) as refused:
        backfill(small, MONDAY)
    assert refused.value.code == "backfill.superseded"
    assert f"opendata rollback {WASTE}" in refused.value.finding.text("en")
    assert touched(before, files(small.home)) == []
    assert backfill(small, TUESDAY).outcome == "unchanged"


def test_what_came_again_is_the_later_one(small: Town) -> None:
    """Monday's delivery is handed in once more on Wednesday, in the place of Tuesday's: that one is a step back."""
    delivery = small.delivery(WASTE)
    monday = delivery.read_bytes()
    small.night()
    cells({"B7": "903"})(delivery)
    small.night()
    delivery.write_bytes(monday)
    small.night()
    came_on(small, MONDAY, TUESDAY, WEDNESDAY)
    with pytest.raises(ApprovalRefused) as refused:
        backfill(small, TUESDAY)
    assert (refused.value.code, refused.value.finding.facts["later"]) == ("backfill.superseded", WEDNESDAY)
    assert [backfill(small, day).outcome for day in (MONDAY, WEDNESDAY)] == ["unchanged", "unchanged"]
    assert versions(small) == {WASTE: "1.0.2"}


def test_what_lies_there_for_days_came_once(small: Town) -> None:
    """Also where it was refused and is tried again since the contract changed."""
    small.night()
    cells({"B7": "9O2"})(small.delivery(WASTE))
    schema = small.root / "schemas" / f"{WASTE}.yaml"
    for limit in (2000, 2001):
        schema.write_text(schema.read_text("utf-8").replace(f"maximum: {limit}", f"maximum: {limit + 1}"), "utf-8")
        assert small.night().results[0].outcome == "held"
    assert len(list(_noted(small))) == 2


def test_of_two_deliveries_of_a_day_the_later_one(small: Town) -> None:
    """As nights would have it."""
    small.night()
    first = small.open().wanted()[WASTE].manifest.build.delivered
    cells({"B7": "903"})(small.delivery(WASTE))
    small.night()
    came_on(small, MONDAY, MONDAY)
    found = delivered_on(small.open(), WASTE, MONDAY)
    assert found is not None
    assert {found.sha256} == small.open().wanted()[WASTE].manifest.build.delivered != first


def test_what_is_no_day_is_refused(small: Town) -> None:
    """With an example of one."""
    with pytest.raises(ApprovalRefused) as refused:
        backfill(small, "20 November")
    assert refused.value.code == "backfill.day"
    assert "2026-11-20" in refused.value.finding.text("ja")


def test_a_note_outlives_no_delivery(small: Town) -> None:
    """What was never published goes after its time, the note of its day with it; what was published stays."""
    small.night()
    cells({"B7": "9O2"})(small.delivery(WASTE))
    small.night()
    later = datetime.now(TOKYO) + timedelta(days=1)
    assert len(list(_noted(small))) == 2
    assert tidy_store(small.open().store, later) > 0
    assert [json.loads(path.read_bytes())["delivery"] for path in _noted(small)] == list(
        small.open().wanted()[WASTE].manifest.build.delivered
    )
