"""The store: put if absent, append, memos; what is missing or damaged is told, never passed on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.errors import ExitCode, StoreError
from pipelines.store import Entry, ReleaseRef, Rollback, Store, Withdrawal
from pipelines.store.entry import decode, encode
from pipelines.store.store import canonical_json, digest_of

FIRST, SECOND, THIRD = (ReleaseRef(f"1.0.{n}", f"identity-{n}", f"manifest-{n}") for n in range(3))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def record(store: Store, name: str, ref: ReleaseRef | None) -> Entry:
    """Make a release current, whatever was before."""
    return store.log.record(name, lambda _: ref, "run-1", "nightly")


# --- objects


def test_an_object_stands_under_the_hash_of_its_bytes(store: Store) -> None:
    """What is put is found under its sha256, byte for byte."""
    content = "ごみ\r\n".encode()
    sha256 = store.put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert (store.has(sha256), store.path(sha256).read_bytes()) == (True, content)


def test_what_is_put_twice_is_written_once(store: Store) -> None:
    """The same bytes again change nothing, not even a time."""
    path = store.path(store.put(b"a"))
    before = path.stat()
    store.put(b"a")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_is_put_as_its_bytes_are(store: Store) -> None:
    """A workshop's file and the same bytes are one object."""
    with store.workshop() as folder:
        (folder / "x").write_bytes(b"table")
        assert store.put_file(folder / "x") == store.put(b"table")


def test_a_workshop_leaves_nothing_behind(store: Store) -> None:
    """Half-finished things are gone when their owner is."""
    with store.workshop() as folder:
        (folder / "half").write_bytes(b"x")
    assert not folder.exists()


def test_a_missing_object_is_told(store: Store) -> None:
    """A store that lost an object says which, as a fault of the store."""
    with pytest.raises(StoreError) as caught:
        store.path("0" * 64)
    assert (caught.value.code, caught.value.exit_code) == ("store.object_missing", ExitCode.BROKEN)
    assert "0" * 64 in caught.value.finding.place.file


@pytest.mark.parametrize("content", [b"{}", b"", b'{"a": 2}\n'])
def test_a_damaged_document_is_told(store: Store, content: bytes) -> None:
    """A document whose bytes are no longer those of its name is not read."""
    sha256 = store.put_json({"a": 1})
    store.address(sha256).write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.read_json(sha256)
    assert caught.value.code == "store.object_damaged"


def test_a_document_comes_back_as_it_was_put(store: Store) -> None:
    """JSON round trip, Japanese included."""
    document = {"題": "ごみ", "n": 1, "list": [None, True, "…"]}
    assert store.read_json(store.put_json(document)) == document


def test_the_order_of_keys_makes_no_other_document(store: Store) -> None:
    """Hashes are taken of one serialisation: sorted keys, UTF-8, a newline at the end."""
    assert store.put_json({"b": 1, "a": "あ"}) == store.put_json({"a": "あ", "b": 1})
    assert canonical_json({"b": 1, "a": "あ"}) == '{\n "a": "あ",\n "b": 1\n}\n'.encode()
    assert digest_of({"a": 1}) != digest_of({"a": "1"})


# --- memos


def test_the_first_memo_stays(store: Store) -> None:
    """What a step came to on the same inputs is remembered once and never changed."""
    assert store.memo("ab12") is None
    store.remember("ab12", {"outcome": "valid"})
    store.remember("ab12", {"outcome": "held"})
    assert store.memo("ab12") == {"outcome": "valid"}


@pytest.mark.parametrize("left", [b"", b"[1]", b'{"outcome": ', b"\xff"])
def test_a_damaged_memo_is_none_and_makes_room_for_the_next(store: Store, left: bytes) -> None:
    """It can be made again at any time, so it must not end a night, nor stay."""
    store.remember("ab12", {"outcome": "valid"})
    store.remember("cd34", {"outcome": "valid"})
    path = next((store.root / "memos").rglob("ab12.json"))
    path.write_bytes(left)
    assert store.memo("ab12") is None
    assert list(store.memos()) == [{"outcome": "valid"}]
    store.remember("ab12", {"outcome": "held"})
    assert store.memo("ab12") == {"outcome": "held"}


# --- the log


def test_an_empty_store_is_an_empty_catalogue(store: Store) -> None:
    """Before the first entry nothing is current, and nothing is written to find that out."""
    assert (store.log.head(), list(store.log.entries())) == (Entry(), [])
    assert not store.root.exists()


def test_each_entry_names_the_one_before_and_the_whole_state(store: Store) -> None:
    """An entry has its parent's hash, when, who and why, what changed, and each release current from then on."""
    record(store, "waste", FIRST)
    record(store, "parks", FIRST)
    record(store, "waste", SECOND)
    one, two, three = store.log.entries()
    assert [entry.number for entry in (one, two, three)] == [1, 2, 3]
    assert (one.parent, two.parent, three.parent) == ("", one.sha256, two.sha256)
    assert [entry.changed for entry in (one, two, three)] == [("waste",), ("parks",), ("waste",)]
    assert (one.current, three.current) == ({"waste": FIRST}, {"waste": SECOND, "parks": FIRST})
    assert (three.run, three.reason, three.author) == ("run-1", "nightly", "nightly")
    assert datetime.fromisoformat(three.time).tzinfo is not None
    assert store.log.head() == three


def test_an_entry_is_a_numbered_file_that_stays(store: Store) -> None:
    """The log is `log/00000001.json …`; a later entry touches no earlier one."""
    record(store, "waste", FIRST)
    path = store.root / "log" / "00000001.json"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    record(store, "waste", SECOND)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert hashlib.sha256(before[0]).hexdigest() == next(store.log.entries()).sha256


def test_no_change_makes_no_entry(store: Store) -> None:
    """Where nothing is to be made current, the log stays as it is."""
    record(store, "waste", FIRST)
    assert record(store, "waste", None) == store.log.head()
    assert len(list(store.log.entries())) == 1


def test_a_writer_that_lost_looks_again(store: Store) -> None:
    """Of two writers of one number the second decides anew, on the state that the first left."""
    record(store, "waste", FIRST)
    asked: list[ReleaseRef | None] = []

    def decide(current: ReleaseRef | None) -> ReleaseRef:
        asked.append(current)
        if len(asked) == 1:
            record(Store(store.root), "waste", SECOND)
        return THIRD

    store.log.record("waste", decide, "run-2", "nightly")
    assert asked == [FIRST, SECOND]
    assert [entry.current["waste"] for entry in store.log.entries()] == [FIRST, SECOND, THIRD]


def test_a_writer_that_lost_may_have_nothing_left_to_do(store: Store) -> None:
    """When the winner made the same release current, the loser writes nothing."""

    def decide(current: ReleaseRef | None) -> ReleaseRef | None:
        if current == FIRST:
            return None
        record(Store(store.root), "waste", FIRST)
        return FIRST

    assert store.log.record("waste", decide, "run-2", "nightly").number == 1
    assert len(list(store.log.entries())) == 1


def test_what_was_withdrawn_meanwhile_gets_no_release(store: Store) -> None:
    """Whether it was withdrawn before a writer asked or while it decided; once it is given back it gets one."""
    record(store, "waste", FIRST)

    def decide(_: ReleaseRef | None) -> ReleaseRef:
        Store(store.root).log.withdraw("waste", "steward", "gone", "")
        return SECOND

    assert store.log.record("waste", decide, "run-2", "nightly").current["waste"] == FIRST
    assert record(store, "waste", SECOND).number == 2
    store.log.give_back("waste", "steward", "back")
    assert record(store, "waste", SECOND).current["waste"] == SECOND


def test_the_entry_of_a_moment_is_the_catalogue_of_that_moment(store: Store) -> None:
    """as_of gives the last entry up to a moment, inclusive; before the first there was nothing."""
    dated(store, [("2026-01-10T02:00:00+09:00", FIRST), ("2026-01-11T02:00:00+09:00", SECOND)])
    found = [
        store.log.as_of(datetime(2026, 1, day, 17, 0, second, tzinfo=UTC)) for day, second in ((8, 0), (9, 0), (10, 1))
    ]
    assert [entry.current.get("waste") for entry in found] == [None, FIRST, SECOND]


def dated(store: Store, entries: list[tuple[str, ReleaseRef]]) -> None:
    """A log whose entries were made at given times."""
    folder = store.root / "log"
    folder.mkdir(parents=True)
    parent = ""
    for number, (time, ref) in enumerate(entries, 1):
        current = {"waste": {"version": ref.version, "identity": ref.identity, "manifest": ref.manifest}}
        entry = {"number": number, "parent": parent, "time": time, "changed": ["waste"], "current": current}
        content = json.dumps(entry).encode()
        (folder / f"{number:08d}.json").write_bytes(content)
        parent = hashlib.sha256(content).hexdigest()


def test_a_changed_entry_breaks_the_chain(store: Store) -> None:
    """An entry that was written over is found by the parent that the next one names."""
    for ref in (FIRST, SECOND, THIRD):
        record(store, "waste", ref)
    path = store.root / "log" / "00000002.json"
    path.write_bytes(path.read_bytes().replace(b"1.0.1", b"9.9.9"))
    with pytest.raises(StoreError) as caught:
        list(store.log.entries())
    assert caught.value.code == "store.log_broken"
    assert caught.value.finding.place.file.endswith("00000003.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"number": 1}'])
def test_a_damaged_entry_is_told(store: Store, content: bytes) -> None:
    """An entry that is no entry is named by its file."""
    record(store, "waste", FIRST)
    path = store.root / "log" / "00000001.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.log.head()
    assert (caught.value.code, caught.value.finding.place.file) == ("store.log_broken", str(path))


def test_a_gap_is_told_with_the_first_missing_entry(store: Store) -> None:
    """A log without one of its entries is no log."""
    for ref in (FIRST, SECOND, THIRD):
        record(store, "waste", ref)
    (store.root / "log" / "00000002.json").unlink()
    with pytest.raises(StoreError) as caught:
        store.log.head()
    assert caught.value.finding.place.file.endswith("00000002.json")


def test_a_withdrawal_without_an_english_reason_has_the_bytes_that_it_always_had() -> None:
    """So the chain of hashes stays, and no tombstone is another one than before; with one it is read back."""
    gone = Withdrawal("2026-11-24T00:00:00+00:00", "steward", "重複していた", "other")
    written = encode(Entry(number=1, withdrawn={"waste": gone}))
    assert list(json.loads(written)["withdrawn"]["waste"]) == ["time", "author", "reason", "replacement"]
    both = replace(gone, reason_en="It was there twice")
    assert decode(encode(Entry(number=1, withdrawn={"waste": both}))).withdrawn == {"waste": both}


def test_a_rollback_without_one_before_has_the_bytes_that_it_always_had() -> None:
    """With one it is read back, and tells all, the newest first."""
    first, second = (Rollback("2026-11-24T00:00:00+00:00", "steward", "誤り", f"manifest-{n}") for n in range(2))
    written = encode(Entry(number=1, rolled_back={"waste": first}))
    assert list(json.loads(written)["rolled_back"]["waste"]) == ["time", "author", "reason", "manifest"]
    both = replace(second, earlier=(first,))
    read = decode(encode(Entry(number=1, rolled_back={"waste": both}))).rolled_back["waste"]
    assert (read, read.all) == (both, (second, first))
