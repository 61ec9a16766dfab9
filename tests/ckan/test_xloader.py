"""xloader, where a catalogue has it, finds nothing to do in what is published."""

from __future__ import annotations

from tests.ckan.scenes import Scenes


def test_xloader_is_given_no_work(scenes: Scenes) -> None:
    """Neither the table nor any file is handed to xloader: it would fill tables of its own, and when it is through with
    a resource it makes views, beside those that the publisher makes at the same moment."""
    for state in ("old", "new"):
        assert scenes.publish(state) == 0
    jobs = scenes.ckan.query(
        "SELECT r.url_type, r.format, t.state FROM task_status t JOIN resource r ON r.id = t.entity_id "
        f"JOIN package p ON p.id = r.package_id WHERE t.task_type = 'xloader' AND p.name = '{scenes.package}'",
        "ckan",
    )
    assert jobs.split("\n") == [""]
