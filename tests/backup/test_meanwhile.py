"""What goes from the home while it is backed up ends no backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.backup import Vault, rehearse, save
from pipelines.settings import Settings
from pipelines.steward.takedown import take_down
from pipelines.store import Store
from pipelines.store.tidy import tidy_store
from tests import edits
from tests.backup.kit import WASTE, saved
from tests.kit import Town


def test_nothing_is_tidied_away_meanwhile(made: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The night that tidies leaves it to the next one, and has it all to do then."""
    edits.cells({"B7": "9O2"})(made.delivery(WASTE))
    assert made.night().exit_code == 1
    listed, later, tidied = save.objects_of, datetime.now(UTC) + timedelta(days=1), []

    def slow(store: Store) -> list[Path]:
        found = listed(store)
        tidied.append(tidy_store(store, later))
        return found

    monkeypatch.setattr(save, "objects_of", slow)
    assert saved(made, tmp_path / "vault").number == 1
    assert tidied == [0]
    assert tidy_store(made.open().store, later) > 0


def test_what_is_taken_down_meanwhile_is_not_kept(made: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look for stones and the copying of objects."""
    vault, keep = tmp_path / "vault", Vault.keep
    gone = made.open().wanted()[WASTE].manifest

    def slow(self: Vault, source: Path, sha256: str) -> int:
        if sha256 == gone.table:
            take_down(made.settings, WASTE, gone.version, "steward", "x")
        return keep(self, source, sha256)

    monkeypatch.setattr(Vault, "keep", slow)
    saved(made, vault)
    rehearse(vault)
    assert not Vault(vault).store.has(gone.table)


@pytest.mark.parametrize("part", ["memos", "records"])
def test_a_file_that_goes_meanwhile_is_left_out(
    made: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A memo, or what Dagster keeps of an old run; the rest is there."""
    look, gone = save.belongings, []

    def slow(settings: Settings) -> Iterator[tuple[str, Path]]:
        for name, path in look(settings):
            if f"/{part}/" in name and not gone:
                gone.append(name)
                path.unlink()
            yield name, path

    monkeypatch.setattr(save, "belongings", slow)
    saved(made, tmp_path / "vault")
    rehearse(tmp_path / "vault")
    files = Vault(tmp_path / "vault").contents(1).files
    assert len(gone) == 1
    assert gone[0] not in files
    assert files
