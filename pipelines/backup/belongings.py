"""What a home has besides the objects and the log of its store: memos, Dagster's records, what people were told.

Everything is kept that is not known to be made again, so that what is added to a home one day is not forgotten here.
Files of SQLite are copied through SQLite, which gives one state of each, also while it is written.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pipelines.settings import Settings

_MADE_AGAIN = {"catalogue", "workshop", ".workshop"}
_OF_SQLITE = ("-wal", "-shm", "-journal")
_MAGIC = b"SQLite format 3\0"


def roots(settings: Settings) -> dict[str, Path]:
    """The folders to look through, by the first part of a path in a backup: the home, and Dagster's if it is apart."""
    home = settings.home.resolve()
    dagster = Path(os.environ.get("DAGSTER_HOME") or home).resolve()
    return {"home": home} if dagster.is_relative_to(home) else {"home": home, "dagster": dagster}


def belongings(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Each file to keep, with its path in a backup."""
    for label, root in roots(settings).items():
        for path in _files(root):
            yield f"{label}/{path.relative_to(root).as_posix()}", path


def place(settings: Settings, path: str) -> tuple[Path, Path]:
    """The folder and the path where a file of a backup belongs. What was Dagster's goes home if nothing is apart."""
    label, _, rest = path.partition("/")
    found = roots(settings)
    root = found.get(label, found["home"])
    return root, root / rest


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if not _is_made_again(here / name, root))
        yield from (here / name for name in sorted(files) if _is_kept(here / name))


def _is_made_again(folder: Path, root: Path) -> bool:
    """Whether a folder is left out: the catalogue, half-finished things, and what the log and the objects are in."""
    return folder.name in _MADE_AGAIN or folder.relative_to(root).as_posix() in {"store/objects", "store/log"}


def _is_kept(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.endswith(_OF_SQLITE)


def is_database(path: Path) -> bool:
    """Whether a file is one of SQLite."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def snapshot(database: Path, to: Path) -> None:
    """Copy a database of SQLite as it is at one moment; of an unchanged one, the same bytes each time."""
    with (
        closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        source.backup(copy)
