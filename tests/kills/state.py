"""Everything that a night leaves behind, to be compared exactly."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from pipelines import durable
from pipelines.errors import OpenDataError
from pipelines.release.record import Manifest
from pipelines.store import Store

WORKSHOPS = ("store/workshop", "catalogue/.workshop")
State = dict[str, str | bytes]


def state(home: Path) -> State:
    """Every object, memo, log entry, catalogue file, link and folder below a home; workshops apart."""
    return {path.relative_to(home).as_posix(): _content(home, path) for path in _walk(home)}


def differences(found: State, expected: State) -> list[str]:
    """Where two states differ."""
    lost = [f"{path} is missing" for path in sorted(expected.keys() - found.keys())]
    more = [f"{path} is too many" for path in sorted(found.keys() - expected.keys())]
    other = [f"{path} is another" for path in sorted(found.keys() & expected.keys()) if found[path] != expected[path]]
    return [*lost, *more, *other]


def broken_chain(home: Path) -> list[str]:
    """What is wrong with the log as a chain: a gap, or a parent that is not the entry before."""
    try:
        return [] if list(Store(home / "store").log.entries()) else ["the log is empty"]
    except OpenDataError as error:
        return [f"log: {error!r}"]


def not_shown(home: Path) -> list[str]:
    """Files of releases that the log names or named, and the catalogue does not have as they were released."""
    store = Store(home / "store")
    refs = {(name, entry.current[name]) for entry in store.log.entries() for name in entry.changed}
    files = {
        home / "catalogue" / name / "releases" / ref.version / path: facts["sha256"]
        for name, ref in refs
        for path, facts in Manifest.read(store, ref.manifest).files.items()
    }
    return [str(path) for path, digest in files.items() if not path.is_file() or durable.sha256_of(path) != digest]


def age_workshops(home: Path) -> None:
    """Let a minute pass for what lies in the workshops: younger ones are left alone, since they may be starting."""
    past = time.time() - 3600
    for folder in _in_workshops(home):
        os.utime(folder, (past, past))


def rubbish(home: Path) -> list[str]:
    """What the next one who opens a workshop would not sweep up."""
    for root in WORKSHOPS:
        with durable.workshop(home / root):
            pass
    return [f"{folder.relative_to(home)} is never swept up" for folder in _in_workshops(home)]


def left(home: Path) -> list[str]:
    """What nights that ended by themselves left in the workshops."""
    return [f"{folder.relative_to(home)} was left behind" for folder in _in_workshops(home)]


def _in_workshops(home: Path) -> list[Path]:
    return [folder for root in WORKSHOPS if (home / root).is_dir() for folder in (home / root).iterdir()]


def _walk(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        here = Path(folder)
        if here.relative_to(home).as_posix() in WORKSHOPS:
            folders.clear()
            continue
        yield from (here / name for name in [*folders, *files])


def _content(home: Path, path: Path) -> str | bytes:
    if path.is_symlink():
        return f"→ {path.readlink()}"
    if path.is_dir():
        return "folder"
    content = path.read_bytes()
    if path.parent == home / "store" / "log":
        return _without(content, "time", "run", "parent")  # its parent's hash covers when and by whom, too
    return _without(content, "arrived") if b'"arrived":' in content and "memos" in path.parts else content


def _without(content: bytes, *names: str) -> str:
    """A document without what is another one in every run."""
    document = json.loads(content)
    return json.dumps({key: value for key, value in document.items() if key not in names})
