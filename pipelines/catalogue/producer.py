"""What else the public gets beside the released files: pages, charts, feeds, other formats. The seam for new ones.

A *producer* makes public files, either for one dataset or for the whole index:

    of_release(turn)    {"<name>.xlsx": …}                      addresses below <name>/releases/<version>/, and <name>/
    of_dataset(turn)    {"index.html": …, "en/index.html": …}   addresses below <name>/
    of_tombstone(turn)  the same where a dataset was withdrawn: what stays at its addresses
    of_index(turn)      {"index.html": …, "sitemap.xml": …}     addresses below the catalogue's root

What is made `of_release` stands at an immutable address and is made once, see `forms`; the others follow code and log.

It is a pure function: of the release (its manifest, its files in the store, what the log says of it and of those before
it) or of the index, and of its own code, templates and settings, which `version` names. So the catalogue can tell
without running it whether its files are current, and an unchanged night imports no template engine. The same input
gives the same bytes: no clock, no random, no order of a set.

To add one: write a room on the floor of `site`, and put a Producer into `pipelines/public.py`. How its files
reach the public, survive a kill and are mended when damaged is `shelf`'s business, not its. Producers run in the
order of that list and see what those before them made, so the pages, which are last, offer all of it for download.

An address belongs to one producer; two that want the same one are a fault of the program. Large files may be given as
a Path below the workshop. A Link leads to another address of the catalogue, counted from its root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias, TypeVar

from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json


@dataclass(frozen=True, slots=True)
class Link:
    """An address that leads to another one, which is counted from the catalogue's root."""

    target: str


Item: TypeAlias = bytes | Path | Link
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReleaseTurn:
    """A release gets its other forms: the release, and a folder for scratch."""

    release: Wanted
    workshop: Path


@dataclass(frozen=True, slots=True)
class DatasetTurn:
    """One dataset is shown anew: its release, a folder for scratch, and what producers before this one made of it.

    `forms` has bytes and sha256 of what stands beside the released files; in `made` there are links to it.
    """

    release: Wanted
    workshop: Path
    made: Mapping[str, Item]
    forms: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexTurn:
    """The index is shown anew: its bytes, its entries by dataset, and the release behind each entry.

    `withdrawn` has the last release of each dataset whose entry is a tombstone; `entries` and `releases` have the rest.
    """

    index: bytes
    entries: Mapping[str, Json]
    releases: Mapping[str, Wanted]
    workshop: Path
    made: Mapping[str, Item]
    withdrawn: Mapping[str, Wanted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Producer:
    """What makes public files. `version` is cheap and changes whenever the same input could give other bytes.

    `edition` is to `of_release` what `version` is to the others, but raised by hand.
    """

    name: str
    version: Callable[[], str]
    of_dataset: Callable[[DatasetTurn], Mapping[str, Item]] | None = None
    of_index: Callable[[IndexTurn], Mapping[str, Item]] | None = None
    of_release: Callable[[ReleaseTurn], Mapping[str, bytes | Path]] | None = None
    edition: str = ""
    of_tombstone: Callable[[DatasetTurn], Mapping[str, Item]] | None = None


def with_more(made: Mapping[str, T], files: Mapping[str, T]) -> dict[str, T]:
    """What was made, and more. Raises ValueError where two producers want one address."""
    if taken := made.keys() & files.keys():
        raise ValueError(f"two producers want the address {min(taken)}")
    return {**made, **files}


@cache
def rooms_version(rooms: tuple[str, ...], libraries: tuple[str, ...] = ()) -> str:
    """The hash of every file in some rooms or modules of `pipelines` (code, templates, styles), and of libraries."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(p for room in rooms for p in [root / room, *(root / room).rglob("*")] if _counts(p)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    for library in libraries:
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"
