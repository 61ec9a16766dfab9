"""A night that is killed with SIGKILL at any point of its list is made good by the next one, unseen by readers."""

from __future__ import annotations

import signal

import pytest

from tests.kills.reader import Reader
from tests.kills.scenes import Scene, Tally, corrected_once_more, kill_at_each
from tests.kills.state import age_workshops, broken_chain, not_shown

FIRST, UPDATE, DAMAGED = "first night", "one figure changed", "damaged catalogue"


def _holds(scene: Scene, name: str, numbers: list[int], tallies: list[Tally]) -> None:
    tally = kill_at_each(scene, name, numbers)
    tallies.append(tally)
    assert (tally.kills, tally.wrong_states, tally.wrong_reads) == (len(numbers), [], [])


@pytest.mark.parametrize("name", [FIRST, DAMAGED])
def test_a_night_killed_at_one_point_of_every_kind_is_made_good(all_scenes, tallies, name):
    """The next night ends in the state of an undisturbed one, and no reader saw anything but whole releases."""
    scene = all_scenes[name]
    _holds(scene, f"{name}, a slice", scene.one_by_kind(), tallies)


def test_a_night_killed_at_any_point_of_an_update_is_made_good(all_scenes, tallies):
    """The same before every single step, and after the last, of a night in which one figure changed."""
    scene = all_scenes[UPDATE]
    _holds(scene, UPDATE, scene.before_each(), tallies)


@pytest.mark.long
@pytest.mark.parametrize("name", [FIRST, UPDATE, DAMAGED])
def test_a_night_killed_at_any_point_is_made_good(all_scenes, tallies, name):
    """The same at every single point, before and after each step, of every kind of night."""
    scene = all_scenes[name]
    _holds(scene, name, list(range(len(scene.points))), tallies)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
def test_what_a_killed_night_made_is_shown_although_the_next_has_something_newer(all_scenes, tmp_path, whole):
    """Every release that the log names stands at its address, also one whose night was killed and whose dataset was
    corrected before the next."""
    scene = all_scenes[UPDATE]
    later, tables = corrected_once_more(scene, tmp_path)
    near = [n for n, point in enumerate(scene.points) if "store/log/" in point or "settle" in point]
    for number in range(len(scene.points)) if whole else near:
        with scene.home() as home:
            reader = Reader(home / "catalogue", tables)
            with reader.polling():
                killed = scene.nights.run(scene.spec(home) | scene.until(number, signal.SIGKILL))
                reader.look()
                age_workshops(home)
                ended = scene.nights.run({**scene.spec(home), "root": str(later), "settles": True})
                reader.look()
            last = {name: reader.at_stable_address(name) for name in tables}
            found = (killed, ended, last, reader.complaints, broken_chain(home), not_shown(home))
            newest = {name: table[-1] for name, table in tables.items()}
            assert found == ("SIGKILL", 0, newest, set(), [], []), scene.points[number]
