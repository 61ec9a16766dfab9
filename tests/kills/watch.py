"""Looks over the shoulder of a night: does every change go through a step, and is what has a name on the disk?

What would be lost with the power is known from the calls of fsync: a file's content counts once it was synced, a
name once its folder was synced with that very file under it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines import durable
from tests.kills.state import WORKSHOPS

Facts = tuple[int, int, int]


class Watch:
    """Watches one home from now on; `faults` are sentences."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.steps = 0
        self.faults: list[str] = []
        self._tree = self._visible()
        self._contents = {inode for inode, *_ in self._tree.values()}  # what is there already counts as safe
        self._names = {Path(here).stat().st_ino: _entries(here) for here, *_ in os.walk(home)}
        self._fsync = os.fsync
        os.fsync = self._synced
        durable.observers.append(self._observe)

    def is_over(self) -> None:
        """The night is over; nothing may have changed since its last step."""
        self._no_change_since("the end")

    def _synced(self, descriptor: int) -> None:
        self._fsync(descriptor)
        inode = os.fstat(descriptor).st_ino
        self._contents.add(inode)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self._names[inode] = _entries(path)

    def _observe(self, when: str, path: Path) -> None:
        self.steps += 1
        if when.startswith("before"):
            self._no_change_since(f"{when} {path}")
            return
        tree = self._visible()
        stray = [p for p in _changed(self._tree, tree) if p != path and path not in p.parents]
        self.faults += [f"{when} {path}: {p} changed too" for p in stray]
        self._tree = tree
        if when.split()[1] in {"put", "replace", "settle"}:
            self.faults += [f"{when} {path}: {fault}" for fault in self._unsafe(path)]

    def _no_change_since(self, when: str) -> None:
        self.faults += [f"{path} changed outside of a step, {when}" for path in _changed(self._tree, self._visible())]

    def _unsafe(self, final: Path) -> Iterator[str]:
        """What a power cut would now take away of a new name."""
        for path in [final, *(final.rglob("*") if final.is_dir() and not final.is_symlink() else [])]:
            if not path.is_symlink() and path.lstat().st_ino not in self._contents:
                yield f"the content of {path} is not on the disk"
        for path in (final, *final.parents):
            if path == self.home:
                return
            if self._names.get(path.parent.stat().st_ino, {}).get(path.name) != path.lstat().st_ino:
                yield f"the name {path} is not on the disk"

    def _visible(self) -> dict[Path, Facts]:
        """Every file and link outside of workshops."""
        found: dict[Path, Facts] = {}
        for folder, folders, files in os.walk(self.home):
            here = Path(folder)
            if here.relative_to(self.home).as_posix() in WORKSHOPS:
                folders.clear()
                continue
            for path in (here / name for name in [*folders, *files]):
                if path.is_symlink() or not path.is_dir():
                    facts = path.lstat()
                    found[path] = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        return found


def _entries(folder: Path | str) -> dict[str, int]:
    return {entry.name: entry.inode() for entry in os.scandir(folder)}


def _changed(before: dict[Path, Facts], after: dict[Path, Facts]) -> list[Path]:
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
