"""A backup holds what can't be made again, is made while nights go on, and is whole or none."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipelines import durable
from pipelines.backup import Vault, restore
from pipelines.backup.belongings import snapshot
from pipelines.errors import ConfigurationError, StoreError
from tests.backup.kit import NOW, WASTE, Cut, cut_at, edited, saved, seen
from tests.kit import Town


def test_a_second_backup_copies_only_the_difference(made: Town, tmp_path: Path) -> None:
    """Nothing for a night in which nothing changed; after a correction, what the night added to the store."""
    vault = tmp_path / "vault"
    first = saved(made, vault)
    assert (first.number, first.copied, first.head) == (1, first.held, 3)
    assert saved(made, vault).copied == 0
    before = seen(made.home / "store").keys()
    edited(made, 904)
    made.night()
    added = seen(made.home / "store").keys() - before
    third = saved(made, vault)
    assert (third.number, third.head, third.copied) == (3, 4, len(added))


@pytest.mark.parametrize("moment", [0, 40])
def test_a_night_that_runs_meanwhile_is_wholly_in_or_not(made: Town, tmp_path: Path, moment: int) -> None:
    """Whenever a night publishes, the backup's log finds all that it names; the night's own entry is the next one's."""
    vault = tmp_path / "vault"
    with _published_at(made, vault, moment):
        done = saved(made, vault)
    assert made.open().store.log.head().number == done.head + 1
    again = Town(made.root, tmp_path / "restored")
    restore(again.settings, vault)
    pipeline = again.open()
    assert pipeline.store.log.head().number == done.head
    pipeline.catalogues[0].publish(pipeline.wanted, list(pipeline.wanted()))
    assert saved(made, vault).head == done.head + 1


@contextmanager
def _published_at(made: Town, vault: Path, moment: int) -> Iterator[None]:
    """A night publishes a correction just before the backup copies its file of that number."""
    copies = itertools.count()

    def observe(action: str, path: Path) -> None:
        if action == "before copy" and vault in path.parents and next(copies) == moment:
            edited(made, 904)
            made.night()

    durable.observers.append(observe)
    try:
        yield
    finally:
        durable.observers.remove(observe)


def test_a_backup_that_was_cut_off_is_none(made: Town, tmp_path: Path) -> None:
    """Cut off at any step, it has no number; what it copied serves the next one, which is whole."""
    vault = tmp_path / "vault"
    with cut_at(10**9) as steps:
        saved(made, tmp_path / "counted")
    for number in (*range(0, len(steps) - 6, 29), *range(len(steps) - 6, len(steps) - 1)):
        with pytest.raises(Cut), cut_at(number):
            saved(made, tmp_path / f"cut-{number}")
        assert Vault(tmp_path / f"cut-{number}").numbers() == []
        with pytest.raises(ConfigurationError) as none:
            restore(Town(made.root, tmp_path / "empty").settings, tmp_path / f"cut-{number}")
        assert none.value.code == "backup.none"
    whole = saved(made, vault)
    taken_up = saved(made, tmp_path / f"cut-{len(steps) - 6}")
    assert (taken_up.number, taken_up.held) == (1, whole.held)
    assert taken_up.copied < whole.copied


def test_databases_are_copied_as_they_are_at_one_moment(tmp_path: Path) -> None:
    """While a writer moves amounts between two rows, every copy has the same sum; of one at rest, the same bytes."""
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path)) as setup:
        setup.execute("PRAGMA journal_mode = WAL")
        setup.execute("CREATE TABLE account (id INTEGER, amount INTEGER, filler BLOB)")
        setup.executemany("INSERT INTO account VALUES (?, 500, zeroblob(200000))", [(1,), (2,)])
        setup.commit()
    over = threading.Event()

    def move() -> None:
        with closing(sqlite3.connect(path, timeout=30)) as writer:
            while not over.is_set():
                writer.execute("UPDATE account SET amount = amount - 1, filler = randomblob(200000) WHERE id = 1")
                writer.execute("UPDATE account SET amount = amount + 1, filler = randomblob(200000) WHERE id = 2")
                writer.commit()

    thread = threading.Thread(target=move)
    thread.start()
    try:
        amounts = [_amounts(path, tmp_path / f"copy-{number}.db") for number in range(10)]
    finally:
        over.set()
        thread.join()
    assert {sum(pair) for pair in amounts} == {1000}
    assert amounts[0] != amounts[-1]
    copies = [tmp_path / "one.db", tmp_path / "two.db"]
    for copy in copies:
        snapshot(path, copy)
    assert copies[0].read_bytes() == copies[1].read_bytes()


def _amounts(path: Path, copy: Path) -> list[int]:
    snapshot(path, copy)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [amount for (amount,) in database.execute("SELECT amount FROM account ORDER BY id")]


def test_old_backups_go_with_what_only_they_hold(made: Town, tmp_path: Path) -> None:
    """Of three backups two are kept; the first one's copy of the changing database goes, all else stays."""
    vault = tmp_path / "vault"
    for number in range(3):
        with closing(sqlite3.connect(made.home / "records" / "runs.db")) as runs:
            runs.execute("INSERT INTO runs VALUES (?)", (number,))
            runs.commit()
        saved(made, vault, keep=2)
    kept = Vault(vault)
    assert kept.numbers() == [2, 3]
    held = {sha256 for number in kept.numbers() for sha256 in kept.contents(number).hashes()}
    there = {path.name for path in (vault / "objects").glob("??/*")}
    assert held < there
    assert len(there - held) == 2  # what the two records say
    restore(Town(made.root, tmp_path / "older").settings, vault, 2)


def test_the_catalogue_and_half_finished_things_are_not_kept(made: Town, tmp_path: Path) -> None:
    """What the store makes again takes no place; memos, which pin the bytes of other forms, are kept."""
    (made.home / "store" / "workshop" / "tmp1").mkdir(parents=True)
    (made.home / "store" / "workshop" / "tmp1" / "half").write_bytes(b"half")
    saved(made, tmp_path / "vault")
    files = Vault(tmp_path / "vault").contents(1).files
    assert {name.split("/")[1] for name in files} == {"records", "store"}
    assert {name.split("/")[2] for name in files} == {"runs.db", "memos"}


def test_a_backup_of_another_history_is_refused(made: Town, original: Town, tmp_path: Path) -> None:
    """A place keeps one city's history; neither another one nor an older state of the same takes it over."""
    vault = tmp_path / "vault"
    edited(made, 905)
    made.night()
    saved(made, vault)
    before = seen(vault)
    for other in (original, Town(made.root, tmp_path / "nothing")):
        with pytest.raises(ConfigurationError) as refused:
            saved(other, vault)
        assert refused.value.code == "backup.other_history"
    assert seen(vault) == before


def test_a_place_inside_the_home_is_refused(made: Town) -> None:
    """Whatever takes the home takes such a backup too."""
    for place in (made.home / "backups", made.home.parent):
        with pytest.raises(ConfigurationError) as refused:
            saved(made, place)
        assert refused.value.code == "backup.target"


def test_what_the_store_has_lost_or_spoilt_is_no_backup(made: Town, tmp_path: Path) -> None:
    """It is told of, and earlier copies of it stay good."""
    vault = tmp_path / "vault"
    ref = made.open().store.log.head().current[WASTE]
    path = made.open().store.path(ref.manifest)
    sound = path.read_bytes()
    path.write_bytes(sound[:-9] + b"somewhat\n")
    with pytest.raises(StoreError) as spoilt:
        saved(made, vault)
    assert spoilt.value.code == "store.object_damaged"
    path.unlink()
    with pytest.raises(StoreError) as lost:
        saved(made, vault)
    assert lost.value.code == "store.object_missing"
    assert Vault(vault).numbers() == []
    path.write_bytes(sound)
    saved(made, vault)
    path.unlink()
    assert saved(made, vault).number == 2  # the copy of the first one is good
    assert ref.manifest in Vault(vault).contents(2).objects


def test_nobody_else_may_look_into_backups(made: Town, tmp_path: Path) -> None:
    """Deliveries can hold hidden sheets."""
    saved(made, tmp_path / "vault")
    assert (tmp_path / "vault").stat().st_mode & 0o077 == 0
    assert Vault(tmp_path / "vault").time(1) == NOW.isoformat()
