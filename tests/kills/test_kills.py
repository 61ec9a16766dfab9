"""A night that is killed with SIGKILL at any point of its list is made good by the next one, unseen by readers."""

from __future__ import annotations

import pytest

from tests.kills.scenes import Scene, Tally, kill_at_each

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
    """The same at every single point of a night in which one figure changed."""
    scene = all_scenes[UPDATE]
    _holds(scene, UPDATE, list(range(len(scene.points))), tallies)


@pytest.mark.long
@pytest.mark.parametrize("name", [FIRST, DAMAGED])
def test_a_night_killed_at_any_point_is_made_good(all_scenes, tallies, name):
    """The same at every single point of a first night and of one that mends a damaged catalogue."""
    scene = all_scenes[name]
    _holds(scene, name, list(range(len(scene.points))), tallies)
