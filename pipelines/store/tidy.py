"""What was never published does not stay for ever: after a time it is removed from the store.

What the log names, directly or by a manifest, is never touched: releases and their deliveries do not expire. Of the
rest, memos go first and then the objects that nothing names any more. So a tidying that is killed leaves no memo of
what is gone, and a delivery that still lies at its source is received and judged again, with the same verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pipelines import durable
from pipelines.store.burial import lists
from pipelines.store.store import Store, canonical_json, parsed

_HASH = re.compile(rb"\b[0-9a-f]{64}\b")
Memo = Mapping[str, object]


def tidy_store(store: Store, before: datetime) -> int:
    """Remove what was put before a moment and never published; how many objects. None while the store is in use."""
    durable.make_folder(store.root)
    with durable.alone(store.root) as nobody_else:
        return _tidy(store, before.timestamp()) if nobody_else else 0


def _tidy(store: Store, before: float) -> int:
    published, identities = _published(store)
    old = {path.name: path for path in _below(store.root / "objects") if path.stat().st_mtime < before}
    if not old.keys() - published:
        return 0
    memos = {path: parsed(path.read_bytes(), path) for path in _below(store.root / "memos")}
    outlived = [path for path, memo in memos.items() if _is_outlived(path, memo, before, published, identities)]
    kept = [memo for path, memo in memos.items() if path not in set(outlived)]
    doomed = sorted(old.keys() - published - _named(store, kept))
    for path in [*outlived, *(old[name] for name in doomed)]:
        durable.remove(path)
    return len(doomed)


def _published(store: Store) -> tuple[set[str], set[str]]:
    """Every object that the log has ever named, by a manifest or directly, and the identity of every release."""
    entries = list(store.log.entries())
    refs = {ref for entry in entries for ref in entry.current.values()}
    manifests = {ref.manifest for ref in refs}
    return manifests | _hashes(store, manifests) | lists(store, entries), {ref.identity for ref in refs}


def _is_outlived(path: Path, memo: Memo, before: float, published: set[str], identities: set[str]) -> bool:
    """Whether an old memo tells of something that was never published: a verdict, a build, an address's delivery."""
    if path.stat().st_mtime >= before:
        return False
    if memo.keys() == {"sha256"}:
        return memo["sha256"] not in published
    if "arrived" in memo:
        return memo["delivery"] not in published
    if memo.keys() == {"findings"} or memo.get("outcome") == "held":
        return True
    return memo.get("outcome") == "valid" and memo["identity"] not in identities


def _named(store: Store, memos: Sequence[Memo]) -> set[str]:
    """The objects that memos name, and those that these name in turn."""
    directly = {name.decode() for memo in memos for name in _HASH.findall(canonical_json(memo))}
    builds = {str(memo[key]) for memo in memos for key in ("build", "findings") if key in memo}
    return directly | _hashes(store, builds)


def _hashes(store: Store, names: Iterable[str]) -> set[str]:
    """All hashes that stand in some documents of the store."""
    documents = (store.address(name) for name in names if store.has(name))
    return {found.decode() for path in documents for found in _HASH.findall(path.read_bytes())}


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("??/*")) if path.is_file())
