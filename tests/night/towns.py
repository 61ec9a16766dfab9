"""Towns for the tests of whole nights, and what to look at in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipelines.night import Night
from tests.kit import Town

CHANGE_SCHEMA = """\
title: {ja: 変化（試験用）, en: Change (made for a test)}
description: {ja: 前の年度からの変化。試験のための派生データ。, en: Change against the year before; derived for a test.}
department: environment
update_frequency: annual
licence: CC-BY-4.0
fields:
  - name: fiscal_year
    type: year
    title: {ja: 年度, en: Fiscal year}
    constraints: {required: true}
  - name: change
    type: integer
    title: {ja: 変化, en: Change}
primaryKey: [fiscal_year]
"""
CHANGE_SOURCE = """\
kind: derived
inputs: [waste_per_capita]
sql: >-
  SELECT fiscal_year, grams_per_person_day - lag(grams_per_person_day) OVER (ORDER BY fiscal_year) AS change,
  [ref] AS refs FROM waste_per_capita
"""


def add_derived(town: Town, name: str = "waste_change") -> None:
    """A dataset derived from `waste_per_capita`, and from nothing else."""
    (town.root / "schemas" / f"{name}.yaml").write_text(CHANGE_SCHEMA, encoding="utf-8")
    (town.root / "sources" / f"{name}.yaml").write_text(CHANGE_SOURCE, encoding="utf-8")


def copied(town: Town, folder: Path) -> Town:
    """A copy of a town with its store and catalogue, to be changed."""
    copy = Town(folder / "town", folder / "home")
    shutil.copytree(town.root, copy.root)
    shutil.copytree(town.home, copy.home, symlinks=True)
    return copy


class Seen(NamedTuple):
    """All that a reader of the disk can tell about one file."""

    size: int
    mtime: int
    inode: int
    content: bytes


def files(folder: Path) -> dict[str, Seen]:
    """Every file, link and folder below a folder, by its path; of a link what it leads to, of a folder no content."""
    return {path.relative_to(folder).as_posix(): _seen(path) for path in _below(folder)}


def _below(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if ".workshop" not in path.parts)


def _seen(path: Path) -> Seen:
    facts = path.lstat()
    content = str(path.readlink()).encode() if path.is_symlink() else b"" if path.is_dir() else path.read_bytes()
    return Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino, content)


def touched(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> list[str]:
    """The paths of everything that came, went, or is not as it was in any respect."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def kept(town: Town) -> set[str]:
    """The names of everything that the store keeps: objects, memos and entries of the log."""
    store = town.home / "store"
    found = {path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith("workshop/")}


def outcomes(night: Night) -> dict[str, str]:
    """What a night did, by dataset."""
    return {result.name: result.outcome for result in night.results}


def versions(town: Town) -> dict[str, str]:
    """The release of each dataset that is current in the log."""
    return {name: ref.version for name, ref in town.open().store.log.head().current.items()}
