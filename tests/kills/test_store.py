"""The store's two verbs, with many at them at once."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipelines.errors import StoreError
from pipelines.store import Store

MANY = 16


def test_no_entry_of_many_writers_is_lost(nights, tmp_path):
    """Sixteen processes append to one log: every entry of each is there, in its order, in one unbroken chain."""
    times = 4
    specs = [
        {"task": "append", "home": str(tmp_path), "name": f"writer_{number}", "times": times} for number in range(MANY)
    ]
    assert nights.together(specs) == [0] * MANY
    versions: dict[str, list[str]] = {}
    for entry in Store(tmp_path).log.entries():
        (name,) = entry.changed
        versions.setdefault(name, []).append(entry.current[name].version)
    assert versions == {str(spec["name"]): [str(number) for number in range(times)] for spec in specs}
    last = {name: ref.version for name, ref in Store(tmp_path).log.head().current.items()}
    assert last == {str(spec["name"]): str(times - 1) for spec in specs}


def test_of_many_who_put_one_name_one_wins(nights, tmp_path):
    """Sixteen processes put different files under the same names: one wins each name, and its file is there whole."""
    times = 40
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


def test_a_log_that_grows_while_it_is_listed_has_no_gap(nights, tmp_path):
    """A listing may miss an entry and have a later one; who reads the log meanwhile is not told that it is broken."""
    aside = tmp_path / "aside"
    _chain(aside, 6000)
    log = tmp_path / "store" / "log"
    log.mkdir(parents=True)
    for path in sorted(aside.iterdir())[:3000]:
        os.link(path, log / path.name)
    writer = nights.start({"task": "grow", "from": str(aside), "log": str(log)})
    heads = [Store(tmp_path / "store").log.head().number]
    while nights.wait(writer, patiently=False) is None:
        heads.append(Store(tmp_path / "store").log.head().number)
    assert heads == sorted(heads)
    assert Store(tmp_path / "store").log.head().number == 6000


def test_an_entry_that_is_gone_is_told(tmp_path):
    """A log with a gap is refused."""
    _chain(tmp_path / "log", 3)
    (tmp_path / "log" / "00000002.json").unlink()
    with pytest.raises(StoreError) as refused:
        Store(tmp_path).log.head()
    assert (refused.value.finding.code, Path(refused.value.finding.place.file or "").name) == (
        "store.log_broken",
        "00000002.json",
    )


def _chain(folder: Path, length: int) -> None:
    """The files of a log of that many entries."""
    folder.mkdir(parents=True)
    parent = ""
    for number in range(1, length + 1):
        facts = {"time": "2026-01-01T00:00:00+00:00", "run": "", "author": "", "reason": ""}
        entry = {"number": number, "parent": parent, **facts, "changed": [], "current": {}}
        content = json.dumps(entry).encode()
        (folder / f"{number:08d}.json").write_bytes(content)
        parent = hashlib.sha256(content).hexdigest()
