"""A town with a history, its backups, and everything that a reader of its catalogue sees."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines import durable
from pipelines.backup import Saved, backup
from tests import edits
from tests.kit import Town, town

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"


def edited(made: Town, figure: int = 903) -> None:
    """The department corrects a figure."""
    edits.cells({"B7": str(figure)})(made.delivery(WASTE))


def with_history(folder: Path) -> Town:
    """Two datasets, one of which was corrected once, and a database as Dagster keeps it."""
    made = town(folder, [WASTE, PARK])
    made.night()
    edited(made)
    made.night()
    (made.home / "records").mkdir()
    with closing(sqlite3.connect(made.home / "records" / "runs.db")) as runs:
        runs.execute("PRAGMA journal_mode = WAL")
        runs.execute("CREATE TABLE runs AS SELECT 1 AS id")
        runs.commit()
    return made


def copied(folder: Path, original: Town) -> Town:
    """The same town once more, for a test to break."""
    shutil.copytree(original.root, folder / "town")
    shutil.copytree(original.home, folder / "home", symlinks=True)
    return Town(folder / "town", folder / "home")


def saved(made: Town, vault: Path, keep: int = 30) -> Saved:
    return backup(made.settings, vault, NOW, keep)


def seen(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def public(made: Town) -> dict[str, bytes]:
    """What a reader of the catalogue gets at every address: links are followed, and where they lead is no address."""
    root, found = made.home / "catalogue", {}
    for folder, names, files in os.walk(root, followlinks=True):
        names[:] = [name for name in names if name not in {".views", ".workshop"}]
        paths = [Path(folder, name) for name in files]
        found |= {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return found


class Cut(BaseException):
    """The process ends here."""


@contextmanager
def cut_at(number: int) -> Iterator[list[str]]:
    """End at the step of that number, counted from 0; yields the steps that came to pass."""
    steps: list[str] = []

    def observe(action: str, path: Path) -> None:
        if len(steps) == number:
            raise Cut(action)
        steps.append(f"{action} {path}")

    durable.observers.append(observe)
    try:
        yield steps
    finally:
        durable.observers.remove(observe)
