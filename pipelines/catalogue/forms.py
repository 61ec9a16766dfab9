"""What stands beside the released files at a release's immutable address: its public record, and other forms of it.

    <name>/releases/<version>/release.json      the record: every released file's hash, and that of the record before it
    <name>/releases/<version>/<name>.xlsx …     what producers make of a release (`Producer.of_release`)
    <name>/releases/<version>/takedown.json     where files were taken down: which, when and why

Each is made once for a release and kept in the store under its hash; a memo tells which, so that a night that changes
nothing makes none, and a damaged copy comes back byte for byte. A producer's `edition` is raised by hand, and only when
what it made was wrong: other code or another library is no reason to change bytes that stand at an immutable address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import Producer, ReleaseTurn, with_more
from pipelines.catalogue.public_record import RECORD_FILE, public_record
from pipelines.catalogue.tombstone import stones
from pipelines.store import Store
from pipelines.store.store import digest_of

Facts: TypeAlias = "Mapping[str, object]"
_RECORD = Producer(
    "record", lambda: "", of_release=lambda turn: {RECORD_FILE: public_record(turn.release)}, edition="1"
)
_STONE = Producer("takedown", lambda: "", of_release=lambda turn: stones(turn.release), edition="1")


class Forms:
    """The record of every release and what some producers make of it."""

    def __init__(self, producers: Sequence[Producer]) -> None:
        self._producers = [producer for producer in producers if producer.of_release]

    def _of(self, want: Wanted) -> Sequence[Producer]:
        """Of a release that was taken down no more is made than what says so."""
        if not want.manifest.gone:
            return [_RECORD, *self._producers]
        return [_RECORD, _STONE] if want.manifest.is_taken else [_RECORD, _STONE, *self._producers]

    def known(self, want: Wanted) -> dict[str, Facts] | None:
        """Bytes and sha256 of each by its path; None when some of them have not been made yet. Reads memos only."""
        found: dict[str, Facts] = {}
        for producer in self._of(want):
            if (files := _known(want, producer)) is None:
                return None
            found |= files
        return found

    def made(self, want: Wanted) -> dict[str, Facts]:
        """The same, made where it is not known."""
        found: dict[str, Facts] = {}
        for producer in self._of(want):
            files = _known(want, producer)
            found = with_more(found, _make(want, producer) if files is None else files)
        return found


def _key(want: Wanted, producer: Producer) -> str:
    gone = [sorted(want.manifest.gone)] if want.manifest.gone else []  # a zip has to be made again without them
    return digest_of(["form of a release", producer.name, producer.edition, want.ref.manifest, *gone])


def _known(want: Wanted, producer: Producer) -> dict[str, Facts] | None:
    memo = want.store.memo(_key(want, producer))
    return None if memo is None else {path: facts for path, facts in memo.items() if isinstance(facts, dict)}


def _make(want: Wanted, producer: Producer) -> dict[str, Facts]:
    assert producer.of_release is not None
    with want.store.workshop() as folder:
        made = producer.of_release(ReleaseTurn(want, folder))
        files = {path: _stored(content, want.store) for path, content in sorted(made.items())}
    want.store.remember(_key(want, producer), files)
    return dict(files)


def _stored(content: bytes | Path, store: Store) -> Facts:
    if isinstance(content, bytes):
        return {"bytes": len(content), "sha256": store.put(content)}
    return {"bytes": content.stat().st_size, "sha256": store.put_file(content)}
