"""A lost home comes back, and no address, version or figure is another one than before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.backup import Vault, rehearse, restore
from pipelines.errors import ConfigurationError, ExitCode, StoreError
from pipelines.store import Store
from pipelines.store.store import canonical_json, document_json
from tests.backup.kit import WASTE, Cut, cut_at, edited, public, saved, seen, with_history
from tests.kit import Town
from tests.shell.command import opendata


@pytest.fixture(scope="module")
def vault(original: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("vaults") / "vault"
    saved(original, place)
    return place


def test_a_lost_home_comes_back_whole(made: Town, tmp_path: Path) -> None:
    """As a person does it: backup, loss of everything, restore, the next night. The catalogue is the same."""
    place = str(tmp_path / "vault")
    assert opendata(made, "nightly").returncode == ExitCode.WELL
    before, log = public(made), seen(made.home / "store" / "log")
    done = opendata(made, "backup", place)
    assert (done.returncode, done.stdout.split(":")[0]) == (ExitCode.WELL, "Backup 1")
    assert opendata(made, "restore", place, "--rehearse").returncode == ExitCode.WELL
    runs = json.loads(opendata(made, "history", WASTE, "--json").stdout)
    shutil.rmtree(made.home)
    back = opendata(made, "restore", place, "--json")
    assert json.loads(back.stdout)["head"] == 3
    night = opendata(made, "nightly", "--json")
    assert [dataset["outcome"] for dataset in json.loads(night.stdout)["datasets"]] == ["healed", "healed"]
    assert public(made) == before
    assert seen(made.home / "store" / "log") == log
    assert json.loads(opendata(made, "history", WASTE, "--json").stdout) == runs
    assert opendata(made, "drift").returncode == ExitCode.WELL


def test_a_restore_that_was_cut_off_lets_no_night_begin_anew(made: Town, vault: Path, tmp_path: Path) -> None:
    """A night in between writes nothing into the log and shows nothing; the same restore, run again, completes it."""
    log = seen(made.home / "store" / "log")
    with cut_at(10**9) as steps:
        restore(Town(made.root, tmp_path / "counted").settings, vault)
    for number in (*range(4, len(steps) // 2, 41), len(steps) // 2):
        half = Town(made.root, tmp_path / f"half-{number}")
        with pytest.raises(Cut), cut_at(number):
            restore(half.settings, vault)
        with pytest.raises(StoreError):
            half.night()
        assert seen(half.home / "store" / "log").items() <= log.items()
        assert not (half.home / "catalogue").exists()
        restore(half.settings, vault)
        half.night()
        assert public(half) == public(made)


@pytest.mark.parametrize("part", ["log", "objects"])
@pytest.mark.parametrize("how", ["lost", "spoilt"])
def test_a_store_of_the_same_history_is_mended(made: Town, vault: Path, part: str, how: str) -> None:
    """What is lost or spoilt comes back, whatever the home has published since stays."""
    edited(made, 907)
    made.night()
    before = seen(made.home / "store")
    manifest = Store(made.home / "store").log.head().current["housing_seismic_retrofit"].manifest
    path = {"log": made.home / "store" / "log" / "00000002.json", "objects": made.open().store.path(manifest)}[part]
    if how == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"2", b"3", 1))
    with pytest.raises(StoreError):
        _read_through(made, manifest)
    done = restore(made.settings, vault)
    assert done.written == 1
    assert seen(made.home / "store") == before


def _read_through(made: Town, manifest: str) -> None:
    store = Store(made.home / "store")
    list(store.log.entries())
    store.read_json(manifest)


def test_a_home_of_another_history_is_refused_untouched(made: Town, vault: Path, tmp_path: Path) -> None:
    """Whether another city's or one that went its own way since."""
    other = with_history(tmp_path / "other")
    before = seen(other.home)
    with pytest.raises(ConfigurationError) as refused:
        restore(other.settings, vault)
    assert (refused.value.code, refused.value.exit_code) == ("backup.other_history", ExitCode.UNUSABLE)
    assert seen(other.home) == before
    last = made.home / "store" / "log" / "00000003.json"
    edited(made, 908)
    made.night()
    last.unlink()  # the entry after it still says which one it was
    entry = json.loads((made.home / "store" / "log" / "00000004.json").read_bytes())
    (made.home / "store" / "log" / "00000004.json").write_bytes(document_json({**entry, "parent": "0" * 64}))
    with pytest.raises(ConfigurationError) as parted:
        restore(made.settings, vault)
    assert parted.value.code == "backup.other_history"


def test_a_damaged_backup_is_never_put_back(vault: Path, original: Town, tmp_path: Path) -> None:
    """A file that is lost is missed before anything is touched; one that is spoilt, before its copy gets its name."""
    copy = tmp_path / "vault"
    shutil.copytree(vault, copy)
    (name, *_) = Vault(copy).contents(1).objects
    path = Vault(copy).store.address(name)
    path.write_bytes(path.read_bytes() + b" ")
    home = Town(original.root, tmp_path / "home")
    for attempt in (lambda: rehearse(copy), lambda: restore(home.settings, copy)):
        with pytest.raises(StoreError) as spoilt:
            attempt()
        assert (spoilt.value.code, spoilt.value.finding.place.file) == ("backup.damaged", str(path))
    assert not Store(home.home / "store").has(name)
    path.unlink()
    untouched = Town(original.root, tmp_path / "untouched")
    with pytest.raises(StoreError):
        restore(untouched.settings, copy)
    assert not untouched.home.exists()


@pytest.mark.parametrize("path", ["home/../../outside", "/outside", ".."])
def test_no_record_leads_out_of_the_home(vault: Path, original: Town, tmp_path: Path, path: str) -> None:
    """A backup that somebody else could write to is read with care."""
    copy = tmp_path / "vault"
    shutil.copytree(vault, copy)
    contents = Vault(copy).contents(1)
    forged = {"log": list(contents.log), "objects": [], "files": {path: contents.objects[0]}}
    _forge(copy, forged)
    with pytest.raises(StoreError) as refused:
        restore(Town(original.root, tmp_path / "home").settings, copy)
    assert refused.value.code == "backup.damaged"
    _forge(copy, {"log": [], "objects": ["../../outside"], "files": {}})
    with pytest.raises(StoreError):
        restore(Town(original.root, tmp_path / "home").settings, copy)
    assert not (tmp_path / "home").exists()


def _forge(vault: Path, contents: object) -> None:
    record = {"format": "1", "time": "", "contents": Vault(vault).store.put(canonical_json(contents))}
    (vault / "backups" / "00000001.json").write_bytes(document_json(record))


def test_dagsters_own_folder_comes_back_where_it_is_now(
    made: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apart from the home, or, on a machine where nothing is apart, in it."""
    apart = tmp_path / "dagster"
    (made.home / "records").rename(apart)
    monkeypatch.setenv("DAGSTER_HOME", str(apart))
    saved(made, tmp_path / "vault")
    database = (apart / "runs.db").read_bytes()
    shutil.rmtree(apart)
    one = Town(made.root, tmp_path / "one")
    restore(one.settings, tmp_path / "vault")
    assert len((apart / "runs.db").read_bytes()) == len(database)
    monkeypatch.delenv("DAGSTER_HOME")
    two = Town(made.root, tmp_path / "two")
    restore(two.settings, tmp_path / "vault")
    assert (two.home / "runs.db").is_file()


def test_the_command_says_why_it_refuses(made: Town, tmp_path: Path) -> None:
    """An empty folder has no backup; its exit code is that of input that can't be used."""
    (tmp_path / "vault").mkdir()
    none = opendata(made, "restore", str(tmp_path / "vault"), "--json")
    assert none.returncode == ExitCode.UNUSABLE
    assert json.loads(none.stdout)["findings"][0]["code"] == "backup.none"
    assert opendata(made, "restore", str(tmp_path / "nowhere")).returncode == ExitCode.USAGE
