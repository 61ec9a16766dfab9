"""Of what CKAN shows as it should, nothing is touched: no request writes, no time changes, no row changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ckan.instance import Ckan
from tests.ckan.proxy import Proxy, proxying
from tests.ckan.scenes import Scenes

CKAN_NOTES_AFTER = 20  # seconds until CKAN's worker has written down that a table changed


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying() as found:
        yield found


def _times_and_rows(ckan: Ckan, package: str) -> tuple[dict[str, Any], str]:
    """Everything that a write would change: all metadata with their times, and PostgreSQL's own mark of every row."""
    with ckan.editor() as editor:
        shown = editor.call_action("package_show", {"id": package})
    tables = [one["id"] for one in shown["resources"] if one["datastore_active"]]
    rows = [ckan.query(f'SELECT xmin, ctid, _id FROM "{id_}" ORDER BY _id') for id_ in tables]
    return shown, "\n".join(rows)


def test_a_second_night_writes_nothing(scenes: Scenes, proxy: Proxy) -> None:
    """One request reads; none writes. No `metadata_modified`, no `last_modified`, no row is another afterwards."""
    for state in ("old", "new"):
        assert scenes.publish(state) == 0
    time.sleep(CKAN_NOTES_AFTER)
    before = _times_and_rows(scenes.ckan, scenes.package)
    assert scenes.publish("new", proxy) == 0
    assert [request.label for request in proxy.requests] == ["POST package_search"]
    assert proxy.writing == []
    time.sleep(CKAN_NOTES_AFTER)
    assert _times_and_rows(scenes.ckan, scenes.package) == before
