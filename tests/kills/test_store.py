"""The store's two verbs, with many at them at once."""

from __future__ import annotations

import json

import pytest

from pipelines.errors import StoreError
from pipelines.store import ReleaseRef, Store

MANY = 16


def test_no_entry_of_many_writers_is_lost(all_scenes, tmp_path):
    """Sixteen processes append to one log: every entry of each is there, in its order, in one unbroken chain."""
    nights, times = next(iter(all_scenes.values())).nights, 6
    specs = [
        {"task": "append", "home": str(tmp_path), "name": f"writer_{number}", "times": times} for number in range(MANY)
    ]
    assert nights.together(specs) == [0] * MANY
    versions: dict[str, list[str]] = {}
    for entry in Store(tmp_path).log.entries():
        (name,) = entry.changed
        versions.setdefault(name, []).append(entry.current[name].version)
    assert versions == {str(spec["name"]): [str(number) for number in range(times)] for spec in specs}


def test_an_entry_carries_on_what_the_others_made_current(all_scenes, tmp_path):
    """The last entry of a log with many writers has the last release of each."""
    nights = next(iter(all_scenes.values())).nights
    specs = [{"task": "append", "home": str(tmp_path), "name": f"writer_{n}", "times": 2} for n in range(MANY)]
    assert nights.together(specs) == [0] * MANY
    current = {name: ref.version for name, ref in Store(tmp_path).log.head().current.items()}
    assert current == {f"writer_{number}": "1" for number in range(MANY)}


def test_of_many_who_put_one_name_one_wins(all_scenes, tmp_path):
    """Sixteen processes put different files under the same names: one wins each name, and its file is there whole."""
    nights, times = next(iter(all_scenes.values())).nights, 40
    specs = [{"task": "put", "home": str(tmp_path), "name": f"writer_{n}", "times": times} for n in range(MANY)]
    assert nights.together(specs) == [0] * MANY
    winners = {
        number: f"writer_{writer}"
        for writer in range(MANY)
        for number in json.loads((tmp_path / f"writer_{writer}.json").read_text())
    }
    found = {number: (tmp_path / "names" / str(number)).read_text() for number in range(times)}
    assert found == {number: f"{winners[number]}\n" * 1000 for number in range(times)}
    won = [n for writer in range(MANY) for n in json.loads((tmp_path / f"writer_{writer}.json").read_text())]
    assert sorted(won) == list(range(times))
