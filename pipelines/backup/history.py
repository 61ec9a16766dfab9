"""Whether two logs are one history: the entries that both have are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.findings import Finding, Place
from pipelines.store import Store

_SHORT = 12  # hex digits that tell two hashes apart in a message


def entry_path(store: Store, number: int) -> Path:
    """Where an entry of the log stands or would stand."""
    return store.root / "log" / f"{number:08d}.json"


def require_same(store: Store, kept: Sequence[str]) -> None:
    """Raise ConfigurationError unless one log goes on from the other; what is lost or damaged here says nothing.

    `kept` has the hashes of the entries 1, 2, … of the other log. Each entry names the one before it by hash: where an
    entry is the same in both, all before it are of one history, whatever became of them here.
    """
    found, after = _sound(store), entry_path(store, len(kept) + 1)
    if kept and after.is_file() and (parent := _parent(after)):
        if parent != kept[-1]:
            raise other_history(len(kept), kept[-1], parent, store.root)
        return
    shared = max((n for n, sha256 in enumerate(kept, 1) if found.get(n) == sha256), default=0)
    for number, sha256 in list(enumerate(kept, 1))[shared:]:
        if number in found:
            raise other_history(number, sha256, found[number], store.root)


def require_continued(kept: Sequence[str], log: Sequence[str], place: Path) -> None:
    """Raise ConfigurationError unless a log has all that is kept, and perhaps more."""
    for number, sha256 in enumerate(kept, 1):
        found = log[number - 1] if number <= len(log) else ""
        if found != sha256:
            raise other_history(number, sha256, found, place)


def other_history(number: int, kept: str, found: str, place: Path) -> ConfigurationError:
    """That an entry of the log is another one than the backup has, or is not there."""
    facts = {"number": str(number), "kept": kept[:_SHORT]}
    return ConfigurationError(Finding("backup.other_history", Place(file=str(place)), found[:_SHORT] or "—", facts))


def _sound(store: Store) -> Mapping[int, str]:
    """The hash of every entry of a log that can be read as what its name says."""
    found = {}
    for path in (store.root / "log").glob("[0-9]*.json"):
        content = path.read_bytes()
        if _document(content).get("number") == int(path.stem):
            found[int(path.stem)] = hashlib.sha256(content).hexdigest()
    return found


def _parent(path: Path) -> str:
    return str(_document(path.read_bytes()).get("parent", ""))


def _document(content: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
