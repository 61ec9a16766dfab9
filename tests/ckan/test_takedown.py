"""What is taken down is gone from a real CKAN too: the fixed editions of an older release, and all of a current one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings
from pipelines.steward.takedown import take_down
from tests import edits
from tests.ckan import reader
from tests.ckan.instance import Ckan
from tests.kit import Town, town

WASTE, WHY = "waste_per_capita", "個人が特定できるため"


@pytest.fixture
def two(ckan: Ckan, tmp_path: Path) -> Iterator[tuple[Town, Settings]]:
    """A dataset with two releases in CKAN."""
    reader.purge(ckan, WASTE)
    made = town(tmp_path, [WASTE])
    settings = Settings(
        root=made.root,
        home=made.home,
        ckan_url=ckan.url,
        ckan_api_token=SecretStr(ckan.editor_token),
        ckan_requests_per_second=1000,
    )
    assert run_night(Pipeline.open(settings), "first").exit_code == 0
    edits.cells({"B7": "９０３"})(made.delivery(WASTE))
    assert run_night(Pipeline.open(settings), "second").exit_code == 0
    yield made, settings
    reader.purge(ckan, WASTE)


def _editions(ckan: Ckan) -> dict[str, int]:
    """The addresses of all fixed editions of data, and how each answers."""
    with ckan.anyone() as anyone:
        shown = reader.package(anyone, WASTE)
    data = [one for one in shown["resources"] if one.get("opendata_role") in {"csv", "parquet"}]
    return {one["url"]: requests.get(one["url"], timeout=60).status_code for one in data}


def test_what_is_taken_down_is_served_no_more(ckan: Ckan, two: tuple[Town, Settings]) -> None:
    """First the older release, whose files CKAN still keeps; then the current one, which leaves a tombstone."""
    _, settings = two
    before = _editions(ckan)
    assert list(before.values()) == [200] * 4
    take_down(settings, WASTE, "1.0.0", "steward", WHY)
    after = _editions(ckan)
    assert list(after.values()) == [200] * 2
    gone = before.keys() - after.keys()
    assert {requests.get(url, timeout=60).status_code for url in gone} == {404}
    take_down(settings, WASTE, "1.0.1", "steward", WHY)
    with ckan.anyone() as anyone:
        shown = reader.package(anyone, WASTE)
    assert (shown["resources"], WHY in shown["notes"]) == ([], True)
    assert {requests.get(url, timeout=60).status_code for url in after} == {404}
    pipeline = Pipeline.open(settings)
    assert [list(one.differences(pipeline.wanted())) for one in pipeline.catalogues] == [[], []]
