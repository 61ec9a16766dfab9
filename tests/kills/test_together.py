"""Two nights at once: started in one instant, or one overtaken by the other at any point of its list."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY
from tests.kills.reader import Reader
from tests.kills.scenes import Scene, Tally, correct, corrected_once_more, overtaken, stall_at_each, wrong
from tests.kills.state import broken_chain, differences, left, not_shown, state

NIGHTLY = [sys.executable, "-c", "from pipelines.cli import main; main()", "nightly"]
STILL = Path(__file__).parent / "shell"
FIRST, UPDATE = "first night", "one figure changed"


@pytest.mark.parametrize("name", [FIRST, UPDATE])
@pytest.mark.parametrize("times", [pytest.param(4, id="few"), pytest.param(20, id="many", marks=pytest.mark.long)])
def test_two_nights_that_start_at_once_end_as_one(all_scenes, name, times):
    """Two nights from one instant leave what one night leaves: each release once, no gap in the log, no wrong read."""
    scene = all_scenes[name]
    for _ in range(times):
        with scene.home() as home:
            reader = Reader(home / "catalogue", scene.tables)
            with reader.polling():
                ended = scene.nights.together([scene.spec(home)] * 2)
                reader.look()
            assert (left(home), wrong(scene, home, *ended), reader.complaints) == ([], [], set())


@pytest.mark.parametrize("times", [pytest.param(1, id="once"), pytest.param(6, id="many", marks=pytest.mark.long)])
def test_two_nights_from_two_shells_end_as_one(all_scenes, times):
    """Two commands `opendata nightly` in a fresh home both end well, Dagster's own records included."""
    scene = all_scenes[FIRST]
    for _ in range(times):
        with scene.home() as home:
            places = {"OPENDATA_ROOT": str(scene.root), "OPENDATA_HOME": str(home), "DAGSTER_HOME": str(home)}
            places["PYTHONPATH"] = f"{REPOSITORY}:{STILL}"
            shells = [
                subprocess.Popen(NIGHTLY, cwd=REPOSITORY, env=os.environ | places, stdout=subprocess.DEVNULL)
                for _ in range(2)
            ]
            ended = [shell.wait() for shell in shells]
            ours = {path: content for path, content in state(home).items() if path.startswith(("store", "catalogue"))}
            assert (ended, differences(ours, scene.after)) == ([0, 0], [])


def _overtaking(scene: Scene, name: str, numbers: list[int], tallies: list[Tally]) -> None:
    tally = stall_at_each(scene, name, numbers)
    tallies.append(tally)
    assert (tally.stops, tally.wrong_states, tally.wrong_reads) == (len(numbers), [], [])


@pytest.mark.parametrize("name", [FIRST, UPDATE])
def test_a_night_overtaken_at_one_point_of_every_kind_ends_as_one(all_scenes, tallies, name):
    """A night that stands still while another runs, and then goes on, leaves what one night leaves."""
    scene = all_scenes[name]
    _overtaking(scene, f"{name}, overtaken, a slice", scene.one_before_each_kind(), tallies)


@pytest.mark.long
@pytest.mark.parametrize("name", [FIRST, UPDATE])
def test_a_night_overtaken_at_any_point_ends_as_one(all_scenes, tallies, name):
    """The same at every single point of its list."""
    scene = all_scenes[name]
    _overtaking(scene, f"{name}, overtaken", list(range(len(scene.points))), tallies)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_night_that_stood_still_does_not_put_an_older_figure_back(all_scenes, tmp_path, whole):
    """A night that read a delivery, stood still while another published a correction of it, and goes on, does not
    publish what it had read."""
    scene, root = all_scenes[UPDATE], tmp_path / "root"
    _, tables = corrected_once_more(scene, tmp_path)
    newest = {name: table[-1] for name, table in tables.items()}
    for number in range(len(scene.points)) if whole else scene.one_before_each_kind():
        shutil.copytree(scene.root, root)
        with scene.home() as home:
            reader = Reader(home / "catalogue", tables)
            with reader.polling():
                ended = overtaken(scene, {**scene.spec(home), "root": str(root)}, number, lambda: correct(root))
                reader.look()
            last = {name: reader.at_stable_address(name) for name in tables}
            found = (ended, last, reader.complaints, broken_chain(home), not_shown(home))
            assert found == (["SIGSTOP", 0, 0], newest, set(), [], []), scene.points[number]
        shutil.rmtree(root)
