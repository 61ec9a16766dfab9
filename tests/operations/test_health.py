"""What `opendata health` sees, and that it needs no Dagster to see it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.backup import backup
from pipelines.catalogue import Action, FolderCatalogue, Wanted
from pipelines.errors import ExitCode
from pipelines.findings import Finding, Place
from pipelines.operations import health as looked
from pipelines.operations.health import health, metrics
from pipelines.operations.heartbeat import beat, last_beat
from pipelines.processes import process_of
from pipelines.store.log import Log
from tests.kit import Town, town

PARK = "housing_seismic_retrofit"  # it comes as planned, so it is never late
WASTE = "waste_per_capita"
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.fixture
def well(tmp_path: Path) -> Town:
    """A town after a good night."""
    made = town(tmp_path, [PARK])
    beat(made.home, made.night(), [], NOW)
    return made


def codes(made: Town, now: datetime = NOW) -> list[str]:
    return [finding.code for finding in health(made.settings, now).findings]


def test_after_a_good_night_all_is_well(well: Town) -> None:
    """No finding, exit code 0."""
    assert codes(well) == []
    assert health(well.settings, NOW).exit_code == ExitCode.WELL


def test_nights_that_stopped_are_noticed(well: Town) -> None:
    """After a day and two hours without a night that ended well."""
    assert codes(well, NOW + timedelta(hours=25)) == []
    assert codes(well, NOW + timedelta(hours=27)) == ["health.night"]


def test_backups_that_stopped_are_noticed(well: Town, tmp_path: Path) -> None:
    """Where they are asked for: none was made, none for two days, or the disk is not there."""
    settings = well.settings.model_copy(update={"backup": tmp_path / "vault"})

    def found(hours: int) -> list[str]:
        later = NOW + timedelta(hours=hours)
        return [finding.code for finding in health(settings, later).findings if finding.code != "health.night"]

    assert found(0) == ["health.backup"]
    backup(settings, tmp_path / "vault", NOW)
    assert found(49) == []
    assert health(settings, NOW).figures["last_backup_timestamp_seconds"] == NOW.timestamp()
    assert found(51) == ["health.backup"]
    shutil.rmtree(tmp_path / "vault")
    assert found(0) == ["health.backup"]
    assert codes(well) == []


def test_a_night_that_broke_does_not_count(well: Town) -> None:
    """The last night that ended well stays in the sign."""
    night = well.night()
    broken = type(night)(night.plan, [type(result)(result.name, "failed") for result in night.results])
    beat(well.home, broken, [], NOW + timedelta(days=1))
    sign = last_beat(well.home)
    assert sign is not None
    assert (sign.exit_code, sign.last_well) == (ExitCode.BROKEN, NOW.isoformat())
    assert codes(well, NOW + timedelta(hours=27)) == ["health.night"]


def test_a_message_that_could_not_be_sent_is_shown(well: Town) -> None:
    """Until a night could send it."""
    untold = Finding("telling.undelivered", Place(), "ConnectError", {"channel": "mail"})
    beat(well.home, well.night(), [untold], NOW)
    assert codes(well) == ["telling.undelivered"]


def test_a_full_disk_is_noticed(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before nothing can be written any more."""
    usage = SimpleNamespace(total=100 << 30, used=99 << 30, free=1 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert codes(well) == ["health.disk"]


def test_the_disk_that_is_measured_is_that_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may be mounted at the home itself. Before the first night the place where it will be made counts."""
    measured: list[Path] = []

    def usage(place: Path) -> SimpleNamespace:
        measured.append(place)
        return SimpleNamespace(total=100 << 30, used=1 << 30, free=99 << 30)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    made = town(tmp_path, [PARK])
    codes(Town(made.root, tmp_path / "a" / "b" / "home"))
    made.home.mkdir()
    codes(made)
    assert measured == [tmp_path, made.home]


def test_a_disk_that_can_not_be_measured_hides_no_other_problem(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails as a whole, say."""

    def broken(_: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    assert codes(well, NOW + timedelta(hours=27)) == ["health.night", "store.unreadable"]


def test_a_catalogue_is_not_judged_while_a_night_is_at_work_on_it(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between log and catalogue, and until the index, it is behind: no alarm. A night that was killed is none."""
    monkeypatch.setenv("DAGSTER_HOME", str(well.home))
    (well.home / "catalogue" / PARK / "current").unlink()
    night = process_of(well.home, "run")
    night.start(["sleep", "600"])
    while not night.file.read_text(encoding="ascii"):
        time.sleep(0.02)
    found = health(well.settings, NOW)
    assert (found.findings, "health.catalogue" in found.unseen) == ([], True)
    os.kill(int(night.file.read_text(encoding="ascii")), signal.SIGKILL)
    while night.is_alive:
        time.sleep(0.02)
    assert "health.catalogue" in codes(well)


def test_a_night_that_begins_during_the_look_counts(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen by then may be half of its work."""
    monkeypatch.setenv("DAGSTER_HOME", str(well.home))
    (well.home / "catalogue" / PARK / "current").unlink()
    look, nights = FolderCatalogue.differences, ExitStack()

    def slow(self: FolderCatalogue, wanted: Mapping[str, Wanted]) -> list[Action]:
        nights.enter_context(process_of(well.home, "run").this())
        return look(self, wanted)

    monkeypatch.setattr(FolderCatalogue, "differences", slow)
    with nights:
        assert codes(well) == []


def test_a_catalogue_that_is_not_as_the_log_says_is_noticed(well: Town) -> None:
    """The next night mends it, but somebody wrote there."""
    (well.home / "catalogue" / PARK / "current").unlink()
    assert "health.catalogue" in codes(well)


def test_a_catalogue_that_is_silent_hides_no_other(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen of the folder stays, though the look ended at the CKAN."""
    (well.home / "catalogue" / PARK / "current").unlink()
    look = FolderCatalogue.access

    def silent(self: FolderCatalogue, wanted: Mapping[str, Wanted]) -> None:
        look(self, wanted)
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(FolderCatalogue, "access", silent)
    assert codes(well)[-1] == "store.unreadable"
    assert "health.catalogue" in codes(well)


def test_a_store_that_can_not_be_read_is_broken(well: Town) -> None:
    """Exit code 4."""
    next(iter((well.home / "store" / "log").glob("*.json"))).write_text("{", encoding="utf-8")
    found = health(well.settings, NOW)
    assert [finding.code for finding in found.findings] == ["store.log_broken"]
    assert found.exit_code == ExitCode.BROKEN


def test_descriptors_that_can_not_be_used_hide_no_other_problem(well: Town) -> None:
    """They stop the nights, so whoever looks after the nights has to hear of both."""
    with (well.root / "schemas" / f"{PARK}.yaml").open("a", encoding="utf-8") as schema:
        schema.write("unknown: 1\n")
    found = health(well.settings, NOW + timedelta(hours=40))
    assert [finding.code for finding in found.findings] == ["health.night", "config.unknown_key"]
    assert found.exit_code == ExitCode.UNUSABLE
    assert "datasets" not in found.figures


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_a_disk_that_can_not_be_read_hides_no_other_problem(
    well: Town, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a finding with the file, as anything else that is wrong."""

    def broken(_: Log) -> None:
        raise OSError(number, "broken", "log/00000001.json")

    monkeypatch.setattr(Log, "head", broken)
    found = health(well.settings, NOW + timedelta(hours=40))
    assert [finding.code for finding in found.findings] == ["health.night", "store.unreadable"]
    assert found.findings[-1].place.file == "log/00000001.json"
    assert found.exit_code == ExitCode.BROKEN


def test_a_fault_of_ours_hides_no_other_problem(well: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks after the nights is told of what nobody thought of, too."""
    monkeypatch.setattr(Log, "head", lambda _: 1 / 0)
    assert codes(well, NOW + timedelta(hours=40)) == ["health.night", "bug"]


def test_a_late_dataset_is_named(tmp_path: Path) -> None:
    """By the period that its rows cover, whenever they were published."""
    made = town(tmp_path, [WASTE])
    beat(made.home, made.night(), [], NOW)
    (late,) = health(made.settings, NOW).findings
    assert (late.code, late.place.dataset) == ("health.late", WASTE)
    assert (late.found, late.facts["due"]) == ("2020", "2022-03-31")


def test_metrics_are_open_metrics(well: Town) -> None:
    """As its reference parser reads them."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    families = {family.name: family for family in text_string_to_metric_families(metrics(health(well.settings, NOW)))}
    assert families["opendata_problems"].samples[0].value == 0
    assert families["opendata_last_night_well_timestamp_seconds"].samples[0].value == NOW.timestamp()


def test_looking_needs_no_dagster() -> None:
    """Whoever watches the nights must not depend on them."""
    code = f"import sys; from {looked.__name__} import health; sys.exit('dagster' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
