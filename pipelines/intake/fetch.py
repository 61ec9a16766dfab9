"""Look at a source, and fetch what it holds into the archive."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from pipelines import durable
from pipelines.datasets import Dataset
from pipelines.errors import SourceUnavailable
from pipelines.findings import Finding, Place
from pipelines.store import Store

LONG = 64 << 20  # bytes
LARGEST = 2 << 30  # bytes; more is nobody's delivery


@dataclass(frozen=True, slots=True)
class Observation:
    """What a look at a source tells: the hash of what it holds, None when only fetching can tell."""

    sha256: str | None
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes that were received and archived, under the name that the department gave them."""

    sha256: str
    file: str


def file_name(dataset: Dataset) -> str:
    """The name of a dataset's delivery, as people know it."""
    source = dataset.source
    return PurePosixPath(source.path or unquote(urlsplit(source.url or "").path)).name


def place_of(dataset: Dataset) -> Place:
    """Where findings about the delivery as a whole are."""
    return Place(dataset=dataset.name, file=file_name(dataset))


def look(dataset: Dataset, folder: Path, store: Store) -> Observation:
    """What the source holds now; writes nothing. Raises SourceUnavailable when it can't be reached."""
    if dataset.source.url is not None:
        from pipelines.intake.http import look_at

        return look_at(dataset.source.url, _token(dataset), place_of(dataset), store)
    with _reachable(dataset):
        return Observation(_hash_of_file(_local(dataset, folder)))


def fetch(dataset: Dataset, folder: Path, store: Store) -> Delivery:
    """Archive what the source holds. Raises SourceUnavailable when it can't be reached, TakenDown when it must not."""
    if dataset.source.url is not None:
        from pipelines.intake.http import download

        sha256 = download(dataset.source.url, _token(dataset), place_of(dataset), store)
        return Delivery(sha256, file_name(dataset))
    with _reachable(dataset):
        path = _local(dataset, folder)
    try:
        return Delivery(archive(path, store), file_name(dataset))
    except OSError:
        with _reachable(dataset):
            _hash_of_file(path)  # the error tells not which of the two it was; a file that can be read, it was not
        raise


@contextmanager
def _reachable(dataset: Dataset) -> Iterator[None]:
    """Turn whatever a share, a disk or a link to itself makes of reading a file into SourceUnavailable."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # RuntimeError: Path.resolve of Python 3.11 at a link that leads to itself. Its own words name a path of ours.
        found = os.strerror((error.errno if isinstance(error, OSError) else None) or errno.ELOOP)
        facts = {"url": dataset.source.path or ""}
        raise SourceUnavailable(Finding("source.unreachable", place_of(dataset), found, facts)) from error


def archive(path: Path, store: Store) -> str:
    """Copy a file into the store, unless its bytes are there, and return their hash.

    A long file is read only once: that it was archived before is rare, and reading it twice is what costs.
    """
    if path.stat().st_size < LONG and store.has(sha256 := durable.sha256_of(path)):
        return sha256
    with store.workshop() as workshop:
        found = durable.copy(path, workshop / "delivery")  # it may have changed since: what was copied counts
        return store.keep(workshop / "delivery", found)


def is_long(dataset: Dataset, folder: Path) -> bool:
    """Whether a delivery in a folder is so long that reading it is worth preparing for."""
    path = folder / (dataset.source.path or "")
    try:
        return path.is_file() and path.stat().st_size >= LONG
    except OSError:  # whoever fetches it says so
        return False


def _local(dataset: Dataset, folder: Path) -> Path:
    """The file, wherever links lead; one that leads out of the folder is nobody's delivery."""
    path, facts = (folder / (dataset.source.path or "")).resolve(), {"path": dataset.source.path or ""}
    if not path.is_relative_to(folder.resolve()):
        raise SourceUnavailable(Finding("source.outside", place_of(dataset), "", facts))
    if not path.is_file():
        raise SourceUnavailable(Finding("source.missing", place_of(dataset), "", facts))
    if (size := path.stat().st_size) > LARGEST:
        raise SourceUnavailable(Finding("source.too_large", place_of(dataset), str(size), {"largest": str(LARGEST)}))
    return path


def _hash_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _token(dataset: Dataset) -> str | None:
    name = dataset.source.token_variable
    return os.environ.get(name, "").strip() or None if name else None
