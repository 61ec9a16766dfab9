"""The list of points is complete: store and catalogue change in its steps only, and each is on the disk when done."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("name", ["first night", "one figure changed", "damaged catalogue"])
def test_every_change_is_a_step_that_lasts(all_scenes, tmp_path, name):
    """No file of store or catalogue changes between the points of a night; what a step made is synced at its end."""
    scene = all_scenes[name]
    with scene.home() as home:
        # What a night finds there was written by nights, of which the first is among these.
        assert scene.nights.run(scene.spec(home) | {"watched": str(tmp_path / "watched.json")}) == 0
    watched = json.loads((tmp_path / "watched.json").read_text())
    assert (watched["steps"], watched["faults"]) == (len(scene.points), [])
