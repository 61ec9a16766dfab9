"""A dataset whose two files are gone: nobody makes it anew, but catalogues go on showing what the log says of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.errors import CatalogueError
from pipelines.findings import Finding
from pipelines.night import run_night
from pipelines.operations.health import health
from pipelines.operations.tell import tell
from pipelines.plan import Plan, make_plan
from pipelines.settings import REPOSITORY
from pipelines.shell import machine
from pipelines.steward import takedown
from tests.kit import Town, town
from tests.night.towns import copied, files, outcomes, touched

GONE, STAYS = "waste_per_capita", "housing_seismic_retrofit"
WHY = "統計の廃止"
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
IN_DAGSTER = """
import json
from pipelines.dagster_home import prepare
from pipelines.definitions import execute_night
from pipelines.settings import Settings
prepare(Settings())
heard = []
night = execute_night(lambda result, total: heard.append([result.name, total]))
print(json.dumps([night.exit_code, {r.name: r.outcome for r in night.results}, heard]))
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two datasets after their first night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("published"), [GONE, STAYS])
    made.night()
    return made


@pytest.fixture
def own(published: Town, tmp_path: Path) -> Town:
    """A copy, to be changed."""
    return copied(published, tmp_path)


def depart(made: Town, *names: str) -> None:
    """Remove the two files of datasets."""
    for name in names:
        for part in ("schemas", "sources"):
            (made.root / part / f"{name}.yaml").unlink()


def withdraw_untold(made: Town) -> None:
    """The log has a withdrawal, and the command died before a catalogue heard of it."""
    made.open().store.log.withdraw(GONE, "steward", WHY, "")


def damage(made: Town) -> None:
    (made.home / "catalogue" / GONE / "current").unlink()


def is_tombstone(made: Town) -> bool:
    folder = made.home / "catalogue" / GONE
    package = json.loads((folder / "datapackage.json").read_bytes())
    return bool(package.get("withdrawn", {}).get("reason") == WHY and not (folder / f"{GONE}.csv").exists())


def found(made: Town) -> list[tuple[str, str]]:
    """What health finds inside, with the dataset; not that no night left a sign, nor what is late."""
    findings = health(made.settings, NOW).findings
    return [(f.code, f.place.dataset) for f in findings if f.code not in {"health.night", "health.late"}]


def test_a_withdrawal_that_no_catalogue_heard_of_is_shown_though_the_files_are_gone(own: Town) -> None:
    """The tombstone comes with the next night; the night after has nothing to do."""
    withdraw_untold(own)
    depart(own, GONE)
    assert ("health.catalogue", GONE) in found(own)
    night = own.night()
    assert (outcomes(night), night.exit_code) == ({STAYS: "unchanged", GONE: "healed"}, 0)
    assert is_tombstone(own)
    index = json.loads((own.home / "catalogue" / "catalogue.json").read_bytes())
    assert [entry["name"] for entry in index["datasets"] if "withdrawn" in entry] == [GONE]
    assert found(own) == []
    before = files(own.home)
    assert outcomes(own.night()) == {STAYS: "unchanged"}
    assert touched(before, files(own.home)) == []


def test_a_takedown_that_no_catalogue_heard_of_is_shown_though_the_files_are_gone(
    own: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Personal data does not stay up because somebody tidied schemas/ too early."""
    monkeypatch.setattr(takedown, "show_all", lambda *_: None)
    takedown.take_down(own.settings, GONE, None, "steward", WHY)
    depart(own, GONE)
    folder = own.home / "catalogue" / GONE
    assert list(folder.rglob("*.csv"))
    own.night()
    assert is_tombstone(own)
    assert list(folder.rglob("*.csv")) == list(folder.rglob("*.parquet")) == []


def test_a_dataset_without_files_is_kept_as_it_was_released(own: Town) -> None:
    """It is never deleted by itself: where a catalogue lost something of it, that is mended."""
    before = own.published(GONE)
    damage(own)
    depart(own, GONE)
    assert outcomes(own.night()) == {STAYS: "unchanged", GONE: "healed"}
    after = own.published(GONE)
    assert {path: after.get(path) for path in before if not path.startswith(".views")} == {
        path: content for path, content in before.items() if not path.startswith(".views")
    }
    assert found(own) == [("health.departed", GONE)]


def test_a_dataset_that_left_the_nights_unseen_is_found(own: Town) -> None:
    """Also where all are gone: the nights have nothing to do and end well."""
    depart(own, GONE, STAYS)
    night = own.night()
    assert (outcomes(night), night.exit_code) == ({}, 0)
    assert sorted(found(own)) == [("health.departed", STAYS), ("health.departed", GONE)]
    withdraw_untold(own)
    own.night()
    assert found(own) == [("health.departed", STAYS)]


def test_the_plan_names_what_it_would_show(own: Town) -> None:
    """And a run in another process is handed it."""
    damage(own)
    depart(own, GONE)
    plan = make_plan(own.open())
    (item,) = plan.departed
    assert (item.name, item.state, item.why) == (GONE, "heal", "departed")
    assert plan.to_run == []
    assert Plan.from_json(plan.as_json()) == plan
    assert {one["name"]: one["why"] for one in json.loads(machine.plan(plan))["datasets"]}[GONE] == "departed"


def test_a_catalogue_that_refuses_it_stops_nothing_else(own: Town) -> None:
    """The index is made all the same, people are told of the rest, and the night says 4."""
    withdraw_untold(own)
    depart(own, GONE)
    opened = own.open()

    class Refusing:
        title = "refusing"

        def differences(self, _wanted: object) -> list[object]:
            return []

        def publish(self, _look: object, names: list[str]) -> list[object]:
            if names:
                raise CatalogueError(Finding("catalogue.unreachable", facts={"address": "…"}))
            return []

    refused = replace(opened, catalogues=[*opened.catalogues, Refusing()])  # type: ignore[list-item]
    night = run_night(refused, "test")
    assert (outcomes(night)[GONE], night.exit_code) == ("failed", 4)
    assert is_tombstone(own)
    assert not make_plan(own.open()).index_is_stale
    assert tell(refused, own.home, night, NOW, {}) == []


def test_the_night_in_dagster_shows_it_too(own: Town) -> None:
    """With its index step; the night after has nothing to do."""
    shutil.copyfile(REPOSITORY / "dagster_home" / "dagster.yaml", own.home / "dagster.yaml")
    withdraw_untold(own)
    depart(own, GONE)
    places = {"OPENDATA_ROOT": str(own.root), "OPENDATA_HOME": str(own.home), "DAGSTER_HOME": str(own.home)}

    def night() -> object:
        command = [sys.executable, "-c", IN_DAGSTER]
        done = subprocess.run(command, cwd=REPOSITORY, env=os.environ | places, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    assert night() == [0, {STAYS: "unchanged", GONE: "healed"}, [[GONE, 1]]]
    assert is_tombstone(own)
    assert night() == [0, {STAYS: "unchanged"}, []]
