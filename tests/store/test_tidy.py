"""What was never published goes after a time; what was published never does."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import durable
from pipelines.store.tidy import tidy_store
from tests.kit import Town, result, town
from tests.night.towns import add_derived, files
from tests.operations.test_tell import spoiled

WASTE = "waste_per_capita"
NOW = datetime.now(UTC)
LIMIT = NOW - timedelta(days=400)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town in which a bad delivery was held back and mended, another one lies there now, and it was all long ago."""
    made = town(tmp_path_factory.mktemp("tidy"), [WASTE, "housing_seismic_retrofit"])
    add_derived(made)
    made.night()
    mend = spoiled(made.delivery(WASTE), "9Ol")
    made.night()
    mend()
    made.night()
    spoiled(made.delivery(WASTE), "9Oa")
    made.night()
    age(made, 401)
    return made


def age(town: Town, days: int) -> None:
    """So many days pass."""
    when = (NOW - timedelta(days=days)).timestamp()
    for path in (town.home / "store").rglob("*"):
        os.utime(path, (when, when))


def copy_of(town: Town, folder: Path) -> Town:
    import shutil

    shutil.copytree(town.home.parent, folder / "copy", symlinks=True)
    return Town(folder / "copy" / "town", folder / "copy" / "home")


def objects(town: Town) -> set[str]:
    return {path.name for path in (town.home / "store" / "objects").rglob("*") if path.is_file()}


def test_deliveries_that_were_never_published_go(lived: Town, tmp_path: Path) -> None:
    """The two bad ones, and what was found in them; all of a release stays, with its delivery."""
    here = copy_of(lived, tmp_path)
    shown, before = files(here.home / "catalogue"), objects(here)
    bad = durable.sha256_of(here.delivery(WASTE))
    store = here.open().store
    assert bad in before
    assert tidy_store(store, LIMIT) == 4
    assert bad not in objects(here)
    manifests = [want.manifest for want in here.open().wanted().values()]
    named = {str(f["sha256"]) for m in manifests for f in m.files.values()}
    deliveries = {str(d["sha256"]) for m in manifests for d in m.build.deliveries}
    assert named | deliveries <= objects(here)
    assert files(here.home / "catalogue") == shown
    assert tidy_store(store, LIMIT) == 0


def test_the_night_after_judges_what_still_lies_there_as_before(lived: Town, tmp_path: Path) -> None:
    """The same dataset is held back for the same reason, and what is derived from it waits; nothing else is done."""
    here = copy_of(lived, tmp_path)
    before = result(here.night(), WASTE)
    tidy_store(here.open().store, LIMIT)
    night = here.night()
    after = result(night, WASTE)
    assert after.outcome == "held"
    assert [(f.code, f.place, f.found) for f in after.findings] == [(f.code, f.place, f.found) for f in before.findings]
    assert [r.outcome for r in night.results if r.name != WASTE] == ["unchanged", "waiting"]
    assert durable.sha256_of(here.delivery(WASTE)) in objects(here)


def test_what_is_younger_stays(lived: Town, tmp_path: Path) -> None:
    """399 days are less than 400."""
    here = copy_of(lived, tmp_path)
    age(here, 399)
    assert tidy_store(here.open().store, LIMIT) == 0


def test_nothing_is_tidied_while_somebody_relies_on_it(lived: Town, tmp_path: Path) -> None:
    """A night between receiving a delivery and recording its release; another night does it."""
    here = copy_of(lived, tmp_path)
    store = here.open().store
    with store.in_use(), store.in_use():
        assert tidy_store(store, LIMIT) == 0
    assert tidy_store(store, LIMIT) == 4


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_tidying_that_was_killed_harms_nobody(
    lived: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """After any number of removals the night is as it would have been, and the next tidying does the rest."""
    here = copy_of(lived, tmp_path)
    store, done = here.open().store, []
    remove = durable.remove

    def killed(path: Path) -> None:
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(path)
        remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            tidy_store(store, LIMIT)
    assert result(here.night(), WASTE).outcome == "held"
    age(here, 401)
    tidy_store(store, LIMIT)
    assert [path for path in (here.home / "store").rglob("*") if path.name in {p.name for p in done}] == []
