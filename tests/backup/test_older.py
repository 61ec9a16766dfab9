"""After a backup was put back that is older than what is public, no release that was published is written over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines import opendata
from pipelines.backup import restore
from pipelines.errors import ExitCode
from tests.backup.kit import PARK, WASTE, edited, public, saved, seen, with_history
from tests.kit import Town, result


@pytest.fixture
def older(tmp_path: Path) -> Town:
    """A town whose store is a day older than its catalogue, in which the correction to 904 is public."""
    made = with_history(tmp_path)
    saved(made, tmp_path / "vault")
    edited(made, 904)
    assert made.night().exit_code == ExitCode.WELL
    shutil.rmtree(made.home / "store")
    restore(made.settings, tmp_path / "vault")
    return made


def test_the_same_deliveries_come_to_the_very_same_releases(older: Town) -> None:
    """The night finds them at their sources, and catches up with the catalogue."""
    before = public(older)
    night = older.night()
    assert (night.exit_code, result(night, WASTE).outcome) == (ExitCode.WELL, "published")
    assert public(older) == before


def test_a_release_that_the_log_does_not_know_is_never_written_over(older: Town) -> None:
    """Another delivery came: the night says so by a code of its own and changes nothing there, tonight and tomorrow."""
    before = public(older)
    for figure in (905, 905, 906):
        edited(older, figure)
        night = older.night()
        (finding,) = result(night, WASTE).findings
        assert (night.exit_code, finding.code) == (ExitCode.BROKEN, "catalogue.other_release")
        assert finding.found == "1.0.2"
        assert public(older) == before


def test_where_the_delivery_is_gone_what_is_public_stays(older: Town) -> None:
    """The log knows the release before: no dataset steps back to it, every night says so, and nothing else suffers."""
    before = public(older)
    edited(older, 903)
    for _ in range(2):
        night = older.night()
        (finding,) = result(night, WASTE).findings
        assert (night.exit_code, finding.code, finding.found) == (ExitCode.BROKEN, "catalogue.other_release", "1.0.2")
        assert result(night, PARK).outcome == "unchanged"
        assert public(older) == before


def test_a_dataset_can_be_withdrawn_all_the_same(older: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is what is left where nobody has a newer backup. What was published stays at its own address."""
    address = older.home / "catalogue" / WASTE / "releases" / "1.0.2"
    before = seen(address)
    edited(older, 905)
    assert older.night().exit_code == ExitCode.BROKEN
    monkeypatch.setenv("OPENDATA_HOME", str(older.home))
    monkeypatch.setenv("OPENDATA_ROOT", str(older.root))
    opendata.withdraw(WASTE, "保管庫を失ったため")
    assert (older.home / "catalogue" / WASTE / "current" / "index.html").read_text().count("保管庫を失ったため") == 2
    assert seen(address) == before
    assert older.night().exit_code == ExitCode.WELL
