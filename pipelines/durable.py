"""The only ways in which store and catalogue change a disk, each safe to be killed in.

Nothing is ever written where a reader looks: a file grows in a *workshop* of its own and gets its
name in one step, by a link (put if absent) or a rename (replace). `observers` sees every such step
before and after; the tests drive their kills from the list of steps that it yields.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

observers: list[Callable[[str, Path], None]] = []


@contextmanager
def _step(action: str, path: Path) -> Iterator[None]:
    for observe in observers:
        observe(f"before {action}", path)
    yield
    for observe in observers:
        observe(f"after {action}", path)


def write(path: Path, content: bytes) -> None:
    """Write a new file inside a workshop and wait until it is on the disk."""
    with _step("write", path), path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy(source: Path, path: Path) -> str:
    """Copy a file into a workshop, wait until it is on the disk, and return the sha256 of the copy."""
    with _step("copy", path):
        shutil.copyfile(source, path)
        flush(path)
    return sha256_of(path)


def fill(folder: Path, files: Mapping[str, bytes | Path], links: Mapping[str, str]) -> None:
    """Make a folder in a workshop with files (bytes, or paths that are moved into it) and links; all on the disk."""
    with _step("fill", folder):
        made = {
            folder,
            *(above for path in [*files, *links] for above in (folder / path).parents if folder in above.parents),
        }
        for part in sorted(made):
            part.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            _place(content, folder / path)
        for path, target in links.items():
            (folder / path).symlink_to(target)
        for part in made:
            sync(part)


def _place(content: bytes | Path, path: Path) -> None:
    if isinstance(content, Path):
        content.rename(path)
    else:
        path.write_bytes(content)
    flush(path)


def put(path: Path, final: Path) -> bool:
    """Give a workshop's file its final name unless something has it. False when it was there already."""
    make_folder(final.parent)
    with _step("put", final):
        is_ours = _linked(path, final)
        sync(final.parent)  # also where another was first: it may have been killed before its own sync
    return is_ours


def _linked(path: Path, final: Path) -> bool:
    try:
        os.link(path, final)
    except FileExistsError:
        return False
    return True


def settle(folder: Path, final: Path) -> bool:
    """Rename a finished folder into place. False when a folder that is not empty stands there already."""
    make_folder(final.parent)
    sync(folder)
    with _step("settle", final):
        try:
            folder.rename(final)
        except OSError:
            if not final.is_dir():
                raise
            return False
        sync(final.parent)
    return True


def replace(path: Path, final: Path) -> None:
    """Let a workshop's file or link take a name over from whatever has it, in one step."""
    with _step("replace", final):
        path.replace(final)
        sync(final.parent)


def remove(path: Path) -> None:
    """Take a file, link or folder away."""
    with _step("remove", path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it is there, and wait until their names are on the disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush(path: Path) -> None:
    """Wait until a file that something else wrote is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def workshop(root: Path) -> Iterator[Path]:
    """A private folder below `root` for half-finished things, gone afterwards.

    Its owner holds a lock on it. What a killed process left behind is not locked, so whoever opens the
    next workshop sweeps it up.
    """
    make_folder(root)
    _sweep(root)
    folder = Path(tempfile.mkdtemp(dir=root))
    with held(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    for folder in root.iterdir():
        with _attempt(folder) as ours:
            if ours:
                shutil.rmtree(folder, ignore_errors=True)


def held(folder: Path) -> AbstractContextManager[None]:
    """Hold a folder: whoever else wants to waits until the block ends, or its process."""
    return _locked(folder, fcntl.LOCK_EX)


def shared(folder: Path) -> AbstractContextManager[None]:
    """Use a folder beside others; whoever wants it `alone` doesn't get it until the block ends, or its process."""
    return _locked(folder, fcntl.LOCK_SH)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody uses the folder; True keeps others waiting until the block ends, or its process."""
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield True
    except BlockingIOError:
        yield False


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _attempt(folder: Path) -> Iterator[bool]:
    """Whether nobody holds the folder; True keeps it held until the block ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # swept by somebody else meanwhile
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _is_old(folder)
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _is_old(folder: Path, seconds: float = 60) -> bool:
    """A workshop is not locked in the instant between its making and its locking: leave very new ones alone."""
    import time

    try:
        return time.time() - folder.stat().st_mtime > seconds
    except FileNotFoundError:
        return False
