"""Taken down: names of persons got into a delivery. They go from store and catalogue, and nothing brings them back."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from pipelines import night
from pipelines.backup import backup, rehearse, restore
from pipelines.errors import StoreError, TakenDown
from pipelines.plan import make_plan
from pipelines.steward import hand
from pipelines.steward.elsewhere import Elsewhere
from pipelines.steward.history import deeds, release_of, save
from pipelines.steward.takedown import take_down
from pipelines.store import Log
from pipelines.store.tidy import tidy_store
from pipelines.verify import verify
from tests.hand.wards import DERIVED, NAME, deliver, figures, made, read
from tests.kit import Town, result
from tests.night.towns import copied, files, kept, outcomes, touched, versions
from tests.store.test_tidy import LIMIT, age

SECRET = "87654321"  # a figure that is nowhere else; it stands for a person's data
WHY = "個人が特定できるため"


def with_secret() -> dict[tuple[int, str], int]:
    return {**figures(), (2021, "17"): int(SECRET)}


def holding(town: Town) -> list[str]:
    """Every file below the home in which the figure stands, also packed in a zip or a Parquet."""
    return sorted({path.relative_to(town.home).as_posix() for path in town.home.rglob("*") if _holds(path)})


def _holds(path: Path) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    return any(SECRET.encode() in content for content in _contents(path))


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if content[:4] == b"PAR1":
        import duckdb

        with duckdb.connect() as connection:
            yield str(connection.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()).encode()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three releases, of which the second has the figure; the third was delivered without it."""
    town = made(tmp_path_factory.mktemp("taken"), "guards: off\n")
    for delivery in (figures(), with_secret(), {**figures(), (2021, "17"): 1191}):
        deliver(town, delivery)
        assert set(outcomes(town.night()).values()) == {"published"}
    assert len(holding(town)) > 10
    return town


@pytest.fixture(scope="module")
def taken(three: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town after the second release was taken down."""
    town = copied(three, tmp_path_factory.mktemp("after"))
    found = take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    assert found.versions == ["1.0.1"]
    assert Elsewhere(NAME, "1.0.0", "same_rows", 118) in found.elsewhere
    assert Elsewhere(NAME, "1.0.2", "same_rows", 118) in found.elsewhere
    assert Elsewhere(DERIVED, "1.0.1", "derived", 7) in found.elsewhere
    return town


def package(town: Town, version: str) -> dict[str, object]:
    path = town.home / "catalogue" / NAME / "releases" / version / "datapackage.json"
    return json.loads(path.read_bytes())  # type: ignore[no-any-return]


def test_the_figure_is_nowhere(taken: Town) -> None:
    """No file of store or catalogue has it, packed or not; but for the sum that was computed with it, as was said."""
    assert [path for path in holding(taken) if DERIVED not in path] == []


def test_the_address_says_why(taken: Town) -> None:
    """A tombstone with reason and day stands where the release stood; besides, only the record of hashes is left."""
    folder = taken.home / "catalogue" / NAME / "releases" / "1.0.1"
    assert {path.name for path in folder.iterdir()} == {"datapackage.json", "release.json", "takedown.json"}
    stone = package(taken, "1.0.1")
    assert stone["resources"] == []
    assert stone["withdrawn"]["reason"] == WHY  # type: ignore[index]
    assert json.loads((folder / "takedown.json").read_bytes())["reason"] == WHY


def test_the_other_releases_stay(three: Town, taken: Town) -> None:
    """They keep every byte, but for what quoted the figure; the zip is made again without it."""
    before, after = (files(town.home / "catalogue" / NAME / "releases") for town in (three, taken))
    changed = {path for path in before if before[path].content != getattr(after.get(path), "content", None)}
    assert {path for path in changed if not path.startswith("1.0.1")} == {
        "1.0.2/changes.csv",
        f"1.0.2/{NAME}.zip",
        "1.0.2/forms.json",
    }
    assert read(taken)["2021", "17"] == "1191"
    with zipfile.ZipFile(taken.home / "catalogue" / NAME / f"{NAME}.zip") as archive:
        assert "changes.csv" not in archive.namelist()
        assert f"{NAME}.csv" in archive.namelist()


def test_who_verifies_sees_a_whole_chain(three: Town, taken: Town) -> None:
    """Nothing is wrong, also for one who remembers the head from before; the files that went are counted."""
    head = verify(str(three.home / "catalogue")).head
    report = verify(str(taken.home / "catalogue"), since=head)
    assert ([f.text("en") for f in report.findings], report.is_rolled_back) == ([], False)
    assert report.taken_down == 8


def test_a_file_that_is_still_there_is_found(three: Town, taken: Town, tmp_path: Path) -> None:
    """A copy of the catalogue that has the bytes still is told of."""
    town = copied(taken, tmp_path)
    there, here = (of.home / "catalogue" / NAME / "releases" / "1.0.1" / f"{NAME}.csv" for of in (three, town))
    shutil.copyfile(there, here)
    assert [f.code for f in verify(str(town.home / "catalogue")).findings] == ["verify.not_gone"]


def test_log_feeds_and_page_tell_of_it(taken: Town) -> None:
    """Who, when, why in the log; what and why for the public."""
    (deed,) = deeds(taken.open(), NAME)
    assert (deed.kind, deed.author, deed.reason) == ("takedown", "steward", WHY)
    catalogue = taken.home / "catalogue"
    lines = [json.loads(line) for line in (catalogue / "changes.jsonl").read_text("utf-8").splitlines()]
    told = [line for line in lines if line["change"] == "takedown"]
    assert [(line["name"], line["versions"], line["reason"]) for line in told] == [(NAME, ["1.0.1"], WHY)]
    assert {f"{NAME}/releases/1.0.1/{NAME}.csv", f"{NAME}/releases/1.0.2/changes.csv"} <= set(told[0]["files"])
    for path in ("feed.atom", f"{NAME}/feed.atom", f"{NAME}/index.html"):
        text = (catalogue / path).read_text(encoding="utf-8")
        assert WHY in text
        assert "steward" not in text


def test_the_next_night_does_nothing(taken: Town) -> None:
    """All is as it should be; asked again, the command changes nothing either."""
    store, catalogue = kept(taken), files(taken.home / "catalogue")
    assert set(outcomes(taken.night()).values()) == {"unchanged"}
    take_down(taken.settings, NAME, "1.0.1", "steward", WHY)
    assert (kept(taken), touched(catalogue, files(taken.home / "catalogue"))) == (store, [])


def test_nobody_gets_it_any_more(taken: Town, tmp_path: Path) -> None:
    """Neither by version nor by date nor by a rollback; each says why."""
    pipeline = taken.open()
    ref = release_of(pipeline, NAME, version="1.0.1")
    for attempt in (
        lambda: save(pipeline, ref, tmp_path / "saved"),
        lambda: hand.roll_back(pipeline, NAME, "1.0.1", "x", "x"),
    ):
        with pytest.raises(TakenDown) as gone:
            attempt()
        assert gone.value.code in {"takedown.release", "takedown.bytes"}
    assert not (tmp_path / "saved" / f"{NAME}.csv").exists()


def test_the_delivery_does_not_come_back(taken: Town, tmp_path: Path) -> None:
    """The same file is held, and so is another one with the same rows; a mended one goes out."""
    town = copied(taken, tmp_path)
    deliver(town, with_secret())
    done = town.night()
    assert (result(done, NAME).outcome, [f.code for f in result(done, NAME).findings]) == ("held", ["takedown.bytes"])
    item = make_plan(town.open()).items[NAME]
    assert (item.state, item.why) == ("held", "taken_down")
    assert WHY in result(town.night(), NAME).findings[0].text("ja")
    path = town.root / "sources" / "deliveries" / "visits.csv"
    path.write_bytes(path.read_bytes() + b"\r\n")
    assert [f.code for f in result(town.night(), NAME).findings] == ["takedown.bytes"]
    assert outcomes(town.night())[NAME] == "held"
    assert [path for path in holding(town) if DERIVED not in path and "objects" not in path] == []
    deliver(town, {**figures(), (2021, "17"): 1192})
    assert outcomes(town.night())[NAME] == "published"


def test_a_lost_catalogue_comes_back_without_it(taken: Town, tmp_path: Path) -> None:
    """What is made again from the store has the tombstone in its place."""
    town = copied(taken, tmp_path)
    shutil.rmtree(town.home / "catalogue")
    town.night()
    after = files(town.home / "catalogue" / NAME / "releases")
    before = files(taken.home / "catalogue" / NAME / "releases")
    assert {path: seen.content for path, seen in after.items()} == {path: seen.content for path, seen in before.items()}


def test_an_older_log_does_not_bring_it_back(taken: Town, tmp_path: Path) -> None:
    """The log of a backup from before: the stones in the store still hold."""
    town = copied(taken, tmp_path)
    last = max((town.home / "store" / "log").iterdir())
    last.unlink()
    for folder in ("catalogue",):
        shutil.rmtree(town.home / folder)
    town.night()
    assert [path for path in holding(town) if DERIVED not in path] == []
    assert package(town, "1.0.1")["resources"] == []


def test_an_older_store_does_not_put_it_back_into_the_catalogue(three: Town, taken: Town, tmp_path: Path) -> None:
    """A whole store from before, under a catalogue that says otherwise: the dataset fails and says what to do."""
    town = copied(taken, tmp_path)
    shutil.rmtree(town.home / "store")
    shutil.copytree(three.home / "store", town.home / "store")
    done = town.night()
    assert [f.code for f in result(done, NAME).findings] == ["takedown.restored"]
    assert [path for path in holding(town) if path.startswith("catalogue") and DERIVED not in path] == []
    take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    assert [path for path in holding(town) if DERIVED not in path] == []


def test_no_backup_brings_it_back(three: Town, tmp_path: Path) -> None:
    """The next backup takes it out of the older ones; a home that is lost and restored from those has none of it."""
    town, vault = copied(three, tmp_path), tmp_path / "vault"
    now = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    backup(town.settings, vault, now)
    take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    backup(town.settings, vault, now)
    rehearse(vault)
    for number in (1, 2):
        shutil.rmtree(town.home)
        restore(town.settings, vault, number)
        town.night()
        assert [path for path in holding(town) if DERIVED not in path] == []
        assert package(town, "1.0.1")["resources"] == []


def test_its_list_outlives_tidying(three: Town, tmp_path: Path) -> None:
    """Only the log names the list of what to bury, and every night reads it; a backup after that has it too."""
    town, vault = copied(three, tmp_path), tmp_path / "vault"
    take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    backup(town.settings, vault, datetime.now(UTC))
    age(town, 401)
    tidy_store(town.open().store, LIMIT)
    assert set(outcomes(town.night()).values()) == {"unchanged"}
    listed(town).unlink()
    backup(town.settings, vault, datetime.now(UTC))  # from the vault's own copy
    shutil.rmtree(town.home)
    restore(town.settings, vault)
    assert listed(town).is_file()
    town.night()
    assert [path for path in holding(town) if DERIVED not in path] == []


def listed(town: Town) -> Path:
    """Where the list of the last takedown stands."""
    store = town.open().store
    return store.address(store.log.head().taken[NAME][-1].plan)


def lost_list(three: Town, folder: Path, days: int) -> Town:
    """The town some days after the takedown, its list lost."""
    town = copied(three, folder)

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Then:
            return super().now(tz) - timedelta(days=days)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.store.log.datetime", Then)
        take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    listed(town).unlink()
    return town


def test_a_list_that_was_tidied_away_ends_no_night(three: Town, tmp_path: Path) -> None:
    """As older versions did it after 400 days: all was buried by then."""
    town = lost_list(three, tmp_path, 401)
    assert set(outcomes(town.night()).values()) == {"unchanged"}
    assert backup(town.settings, tmp_path / "vault", datetime.now(UTC)).number == 1


def test_a_list_that_is_lost_sooner_is_a_loss(three: Town, tmp_path: Path) -> None:
    """Nobody could say whether all of it was buried."""
    town = lost_list(three, tmp_path, 40)
    for attempt in (town.night, lambda: backup(town.settings, tmp_path / "vault", datetime.now(UTC))):
        with pytest.raises(StoreError) as lost:
            attempt()
        assert lost.value.code == "store.object_missing"


def test_the_current_release_leaves_a_tombstone(three: Town, tmp_path: Path) -> None:
    """Until another delivery comes, or an earlier release is made current again."""
    town = copied(three, tmp_path)
    take_down(town.settings, NAME, "1.0.2", "steward", WHY)
    catalogue = town.home / "catalogue" / NAME
    assert not (catalogue / f"{NAME}.csv").exists()
    assert WHY in (catalogue / "index.html").read_text(encoding="utf-8")
    item = make_plan(town.open()).items[NAME]
    assert (item.state, item.why) == ("held", "taken_down")
    assert outcomes(town.night()) == {NAME: "held", DERIVED: "waiting"}
    assert verify(str(town.home / "catalogue")).findings == []
    assert hand.roll_back(town.open(), NAME, "1.0.0", "steward", WHY).version == "1.0.3"
    assert read(town)["2021", "17"] == "1188"


def test_a_whole_dataset_is_withdrawn_with_it(three: Town, tmp_path: Path) -> None:
    """Every release goes, the dataset's address keeps the reason, and nights leave it so."""
    town = copied(three, tmp_path)
    found = take_down(town.settings, NAME, None, "steward", WHY)
    assert found.versions == ["1.0.0", "1.0.1", "1.0.2"]
    assert [path for path in holding(town) if DERIVED not in path] == []
    assert outcomes(town.night())[NAME] == "unchanged"
    assert make_plan(town.open()).items[NAME].why == "withdrawn"
    assert not (town.home / "catalogue" / NAME / f"{NAME}.csv").exists()
    assert verify(str(town.home / "catalogue")).findings == []


def test_what_a_night_was_making_meanwhile_is_not_released(
    three: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dataset is taken down between a night's work and its release: no release, and the tombstone stands."""
    town = copied(three, tmp_path)
    deliver(town, {**figures(), (2021, "17"): 4242})
    work = night.make

    def slow(*args: object) -> object:
        done = work(*args)  # type: ignore[arg-type]
        take_down(town.settings, NAME, None, "steward", WHY)
        return done

    monkeypatch.setattr(night, "make", slow)
    assert night.run_dataset(town.open(), NAME, "test").outcome == "unchanged"
    assert versions(town)[NAME] == "1.0.2"
    folder = town.home / "catalogue" / NAME
    assert {path.name for path in (folder / "releases").iterdir()} == {"1.0.0", "1.0.1", "1.0.2"}
    assert not (folder / f"{NAME}.csv").exists()


@pytest.mark.parametrize("version", [None, "1.0.1"])
def test_what_a_night_released_meanwhile_is_taken_down_too(
    three: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    """A release that comes while the takedown is planned, or that quotes what goes, makes it plan again."""
    town = copied(three, tmp_path)
    deliver(town, with_secret())
    town.night()
    tell, told = Log.take_down, []

    def slow(*args: object, **kinds: object) -> object:
        told.append(args)
        if len(told) == 1:
            deliver(town, figures())
            assert outcomes(town.night())[NAME] == "published"
        return tell(*args, **kinds)  # type: ignore[arg-type]

    monkeypatch.setattr(Log, "take_down", slow)
    found = take_down(town.settings, NAME, version, "steward", WHY)
    assert len(told) == 2
    assert found.versions == (["1.0.1", "1.0.3"] if version else ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"])
    assert [path for path in holding(town) if DERIVED not in path] == []


def test_a_whole_dataset_whose_versions_went_one_by_one_is_withdrawn(three: Town, tmp_path: Path) -> None:
    """Nothing is left to bury; a lost catalogue comes back as it was, and asked again nothing changes."""
    town = copied(three, tmp_path)
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        take_down(town.settings, NAME, version, "steward", WHY)
    take_down(town.settings, NAME, None, "steward", WHY)
    deliver(town, {**figures(), (2021, "17"): 7})
    assert outcomes(town.night())[NAME] == "unchanged"
    assert make_plan(town.open()).items[NAME].why == "withdrawn"
    store, before = kept(town), files(town.home / "catalogue" / NAME / "releases")
    take_down(town.settings, NAME, None, "steward", WHY)
    assert kept(town) == store
    shutil.rmtree(town.home / "catalogue")
    town.night()
    after = files(town.home / "catalogue" / NAME / "releases")
    assert {path: seen.content for path, seen in after.items()} == {path: seen.content for path, seen in before.items()}


def test_a_mended_delivery_of_the_same_shape_goes_out(tmp_path: Path) -> None:
    """Where its cells stand is as before, and how a derived dataset is computed; neither is a person's data."""
    town = made(tmp_path, "guards: off\n")
    deliver(town, with_secret())
    town.night()
    for name in (NAME, DERIVED):
        take_down(town.settings, name, "1.0.0", "steward", WHY)
    assert holding(town) == []
    deliver(town, figures())
    assert set(outcomes(town.night()).values()) == {"published"}
    assert read(town)["2021", "17"] == "1188"


@pytest.mark.parametrize("lost", ["edition", "memos"])
def test_other_forms_go_also_where_no_memo_knows_them(
    three: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """An edition that is not this one's, or memos that were lost; each form's list is in the store."""
    town = copied(three, tmp_path)
    if lost == "memos":
        shutil.rmtree(town.home / "store" / "memos")
    else:
        monkeypatch.setattr("pipelines.formats.made.EDITION", "99")
    take_down(town.settings, NAME, "1.0.1", "steward", WHY)
    assert [path for path in holding(town) if DERIVED not in path] == []
    with zipfile.ZipFile(town.home / "catalogue" / NAME / "releases" / "1.0.2" / f"{NAME}.zip") as archive:
        assert "changes.csv" not in archive.namelist()
