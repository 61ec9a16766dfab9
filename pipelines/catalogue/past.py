"""Whether other releases stand at immutable addresses than the log names, as after an older backup was put back.

What stands at an immutable address was published, whatever became of the log. It is never written over: whoever has the
log that names it goes on from there. A dataset that the log withdraws is withdrawn all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pipelines import durable
from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.public_record import RECORD_FILE, digest_of_record
from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place
from pipelines.release.version import order


def require_own(releases: Path, want: Wanted) -> None:
    """Raise CatalogueError where releases were published that the log does not know, unless they are withdrawn."""
    if not want.withdrawn and (unknown := strangers(releases, want)):
        raise other_release(want, ", ".join(unknown))


def other_release(want: Wanted, shown: str) -> CatalogueError:
    """The error that something is public which the log does not know; `shown` is its version."""
    return CatalogueError(Finding("catalogue.other_release", Place(dataset=want.manifest.name), shown))


def strangers(releases: Path, want: Wanted) -> list[str]:
    """Versions that were published and that the log does not know, or knows with another content."""
    return [*_others(releases, want), *_later(releases, want)]


def _later(releases: Path, want: Wanted) -> Iterator[str]:
    """Versions after the last one of the log."""
    last = want.store.log.head().current[want.manifest.name].version
    names = [path.name for path in releases.glob("*.*.*")]
    return (name for name in sorted(names, key=order) if order(name) > order(last) and _is_whole(releases / name))


def _others(releases: Path, want: Wanted) -> Iterator[str]:
    """Versions at which something else was published. A record names the one before it: one that agrees ends it."""
    release: Wanted | None = want
    while release:
        folder = releases / release.ref.version
        if folder.is_dir():
            record = folder / RECORD_FILE
            if record.is_file() and durable.sha256_of(record) == digest_of_record(release):
                return
            if _is_whole(folder):
                yield release.ref.version
        release = release.before


def _is_whole(folder: Path) -> bool:
    """Whether a release is as its own record says; else it is a damaged one, which is mended."""
    try:
        files = json.loads((folder / RECORD_FILE).read_bytes())["files"]
        return all(durable.sha256_of(folder / path) == facts["sha256"] for path, facts in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
