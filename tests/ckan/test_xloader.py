"""xloader, where a catalogue has it, finds nothing to do in what is published."""

from __future__ import annotations

from tests.ckan.scenes import Scenes


def test_xloader_is_given_no_work(scenes: Scenes) -> None:
    """Neither the table nor any file is handed to xloader: it would fill tables of its own, and when it is through with
    a resource it makes views, beside those that the publisher makes at the same moment."""
    before = _jobs(scenes)
    for state in ("old", "new"):
        assert scenes.publish(state) == 0
    assert _jobs(scenes) == before


def _jobs(scenes: Scenes) -> str:
    """What xloader has done, or is to do, with resources that have or had one of our ids."""
    return scenes.ckan.query(
        "SELECT entity_id, state, last_updated FROM task_status WHERE task_type = 'xloader' ORDER BY 1, 3", "ckan"
    )
