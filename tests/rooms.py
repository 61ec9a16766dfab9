"""How `make test` shares the suite out: a room of tests at a time goes to whichever worker is free.

A room's tests share costly fixtures (a CKAN, a city after its first night), so they stay together.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = "ckan"  # not last, or one worker would work on it alone


def room_of(item: pytest.Item) -> str:
    """The folder below tests/ that an item stands in."""
    return item.path.relative_to(HERE).parts[0]


def mark(items: list[pytest.Item]) -> None:
    """Mark each item with its room, for pytest-xdist."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(room_of(item)))


def share_out(items: list[pytest.Item]) -> None:
    """Put the longest room among the first, after some that are quick."""
    order = {room: number for number, room in enumerate(dict.fromkeys(room_of(item) for item in items))}
    order[LONGEST] = len(order) // 3
    items.sort(key=lambda item: order[room_of(item)])
