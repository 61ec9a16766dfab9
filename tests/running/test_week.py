"""Nights in fast motion: the real daemon and PostgreSQL, kills, an unreachable source, a full disk, bad deliveries.

Fast motion is a wall clock that is moved (`tests.running.clock`): schedule, daemon and database run as they do
otherwise. What was told, what was published, and that it all ends as after quiet nights.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from pipelines.intake.department_server import department_server
from pipelines.settings import REPOSITORY
from pipelines.verify import verify
from tests.kit import Town, town
from tests.night.towns import add_derived
from tests.running.world import ENDED, World, world

WASTE, HOUSING, RAIL = "waste_per_capita", "housing_seismic_retrofit", "railway_congestion"
HELD, MENDED, DIGEST = "【公開保留】", "【解消】", "【週報】"
TITLES = {WASTE: "1人1日あたりのごみ排出量", HOUSING: "耐震化", RAIL: "混雑率"}


def edit(path: Path, old: str, new: str | int) -> bytes:
    """A department changes one figure of its workbook; what it hands in then."""
    book = openpyxl.load_workbook(path)
    cell = next(c for row in book.worksheets[0].iter_rows() for c in row if str(c.value) == old)
    cell.value = new
    book.save(path)
    return path.read_bytes()


def made(folder: Path) -> Town:
    here = town(folder, [WASTE, HOUSING, RAIL])
    add_derived(here)
    return here


def released(town: Town) -> dict[str, list[tuple[str, str, str]]]:
    """Every release that there ever was, by dataset, in order: version, identity, manifest."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for entry in town.open().store.log.entries():
        for name in entry.changed:
            ref = entry.current[name]
            found.setdefault(name, []).append((ref.version, ref.identity, ref.manifest))
    return found


def told_once(there: World) -> None:
    """No message came twice: nobody was killed between sending and recording."""
    ids = [number for number, _ in there.inbox.got]
    assert len(ids) == len(set(ids))


def nothing_wrong(town: Town) -> None:
    """Every hash of the catalogue, from its index down, is what it should be."""
    report = verify(str(town.home / "catalogue"), "")
    assert report.exit_code == 0, report.lines("en")


def as_after(here: Town, quiet: Town) -> None:
    """The same releases in the same order, of the same bytes, and a reader finds the same files."""
    assert released(here) == released(quiet)
    found, expected = shown(here), shown(quiet)
    assert found.keys() == expected.keys()
    assert [path for path in found if found[path] != expected[path]] == []


def shown(town: Town) -> dict[str, bytes]:
    """Every file that a reader finds, without what says when: the nights of two towns are not the same.

    What stands behind the links has names of its own, and hashes of dated files follow the dates.
    """
    found = {}
    for at, _, names in os.walk(town.home / "catalogue", followlinks=True):
        folder = Path(at).relative_to(town.home / "catalogue")
        if not any(part.startswith(".") for part in folder.parts):
            public = [name for name in names if not name.startswith(".")]
            found |= {(folder / name).as_posix(): WHEN.sub(b"", (Path(at) / name).read_bytes()) for name in public}
    return found


WHEN = re.compile(rb"20\d\d-\d\d-\d\d(T[\d:.+Z-]+)?|[0-9a-f]{64}")


@dataclass
class Bureau:
    """A department's web server; it can't be reached while its file is away."""

    file: Path

    @property
    def hidden(self) -> Path:
        return self.file.with_suffix(".away")

    def vanish(self) -> None:
        self.file.rename(self.hidden)

    def come_back(self) -> None:
        self.hidden.rename(self.file)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    folder = tmp_path / "web"
    folder.mkdir()
    file = folder / "railway_congestion.csv"
    shutil.copyfile(REPOSITORY / "sources" / "deliveries" / "web" / file.name, file)
    with department_server(folder, port=0):
        yield Bureau(file)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own of 64 MiB for a folder."""
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("only root can mount a small disk")
    assert done.returncode == 0
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left; the file that took it."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


@pytest.mark.long
@pytest.mark.usefixtures("bureau")
def test_two_nights_and_a_kill(tmp_path: Path) -> None:
    """Daemon and night die in the second one: it is run again, tells of the bad delivery once, and loses nothing."""
    here, quiet = made(tmp_path / "here"), made(tmp_path / "quiet")
    with world(here) as there:
        there.start_daemon()
        there.live_through(0)
        waste = edit(here.delivery(WASTE), "９０２", 903)
        edit(here.delivery(HOUSING), "96.0%(R3)", "96.O%(R3)")
        there.come(1)
        there.wait(lambda: len(released(here)[WASTE]) == 2)
        there.kill_daemon(with_run=True)
        there.start_daemon()
        there.wait(lambda: there.passed(1) and len(there.runs()) == 3)
        assert there.runs() == ["SUCCESS", "FAILURE", "FAILURE"]  # the last one for the bad delivery
        told_once(there)
        assert there.inbox.about(TITLES[HOUSING]) == [HELD]
        assert len(there.inbox.got) == 2  # and the digest of the week
    quiet.night()
    quiet.delivery(WASTE).write_bytes(waste)
    quiet.night()
    nothing_wrong(here)
    as_after(here, quiet)


@pytest.mark.long
def test_a_week(tmp_path: Path, bureau: Bureau) -> None:
    """Two bad deliveries, one of them mended; a source away for two nights; two kills; a full disk; a missed night."""
    here, quiet = made(tmp_path / "here"), made(tmp_path / "quiet")
    published = bureau.file.read_bytes()
    with small_disk(here.home), world(here) as there:
        there.start_daemon()
        there.live_through(0)
        # 1: one changes, one is bad; daemon and night are killed in it
        waste = edit(here.delivery(WASTE), "９０２", 903)
        edit(here.delivery(HOUSING), "96.0%(R3)", "96.O%(R3)")
        there.come(1)
        there.wait(lambda: len(released(here)[WASTE]) == 2)
        there.kill_daemon(with_run=True)
        there.start_daemon()
        there.wait(lambda: there.passed(1))
        # 2 and 3: a source is away; meanwhile the bad one is mended
        bureau.vanish()
        there.live_through(2)
        housing = edit(here.delivery(HOUSING), "96.O%(R3)", "96.5%(R3)")
        there.live_through(3)
        nothing_wrong(here)
        # 4: it is back with new figures, another is bad, and the disk is full
        bureau.come_back()
        bureau.file.write_bytes(published.replace("川崎→品川,2004,200".encode(), "川崎→品川,2004,201".encode()))
        edit(here.delivery(WASTE), "903", "9O3")
        before = released(here)
        ballast = fill(here.home)
        there.come(4)
        there.wait(lambda: len(there.runs()) > 5 and all(state in ENDED for state in there.runs()))
        assert released(here) == before
        ballast.unlink()
        # 5: there is room again; the daemon is killed while the night is at work, which goes on by itself
        there.come(5)
        there.wait(lambda: bool(there.living_runs()))
        there.kill_daemon(with_run=False)
        there.wait(lambda: not there.living_runs())
        # 6 is missed; on the day after, one night makes up for it
        runs = len(there.runs())
        there.come(7)
        there.start_daemon()
        there.wait(lambda: there.passed(7))
        assert len(there.runs()) == runs + 1
        told_once(there)
        assert there.inbox.about(TITLES[HOUSING]) == [HELD, MENDED]
        assert there.inbox.about(TITLES[RAIL]) == [HELD, MENDED]
        assert there.inbox.about(TITLES[WASTE]) == [HELD]
        nothing_wrong(here)
        quiet_week(quiet, bureau, published, waste, housing)
        as_after(here, quiet)


def quiet_week(town: Town, bureau: Bureau, published: bytes, waste: bytes, housing: bytes) -> None:
    """The same good deliveries, on nights in which nothing happens; the last is the bad one that is not mended."""
    changed = bureau.file.read_bytes()
    bureau.file.write_bytes(published)
    town.night()
    town.delivery(WASTE).write_bytes(waste)
    town.night()
    town.delivery(HOUSING).write_bytes(housing)
    town.night()
    bureau.file.write_bytes(changed)
    edit(town.delivery(WASTE), "903", "9O3")
    town.night()
