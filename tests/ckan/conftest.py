"""The session's own CKAN; its tests run last, so that quick ones fail first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ckan.fixtures import matrix, person, publishers, pytest_terminal_summary, scenes
from tests.ckan.instance import Ckan, catalogue, why_not

__all__ = ["matrix", "person", "publishers", "pytest_terminal_summary", "scenes"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def ckan() -> Iterator[Ckan]:
    """A private CKAN 2.12 with an editor in every organisation; started once for all tests."""
    if reason := why_not():
        pytest.skip(reason)
    with catalogue() as running:
        yield running
