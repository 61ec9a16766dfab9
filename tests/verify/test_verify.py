"""`opendata verify` finds and names every way in which a published catalogue can be other than it says."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pytest

from pipelines.errors import ConfigurationError
from pipelines.verify import Report, verify
from pipelines.verify.place import Folder, Unreadable, Web, document
from tests.kit import Town, town

WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A catalogue after each of three nights; a figure was corrected before the second and before the third."""
    made = town(tmp_path_factory.mktemp("verify"), [WASTE, PARK])
    found = {}
    for night in ("first", "second", "third"):
        assert made.night().exit_code == 0
        found[night] = made.home / night
        shutil.copytree(made.home / "catalogue", found[night], symlinks=True)
        _change(made)
    return found


def _change(made: Town) -> None:
    path = made.delivery(WASTE)
    book = openpyxl.load_workbook(path)
    cell = next(c for row in book.worksheets[0].iter_rows(min_row=5) for c in row if str(c.value)[:1] in "987")
    cell.value = str(cell.value).replace(str(cell.value)[0], str(int(str(cell.value)[0]) - 1), 1)
    book.save(path)


@pytest.fixture
def catalogue(history: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the newest, to be tampered with."""
    return Path(shutil.copytree(history["third"], tmp_path / "catalogue", symlinks=True))


def codes(report: Report) -> set[tuple[str, str]]:
    return {(finding.code, finding.place.file) for finding in report.findings}


def test_a_good_catalogue_is_well(history: dict[str, Path]) -> None:
    """Every release of every dataset is looked at, and nothing is found; a rollback can't be told without a head."""
    report = verify(str(history["third"]))
    assert (report.findings, report.exit_code, report.is_rolled_back) == ([], 0, None)
    assert (report.datasets, report.releases) == (2, 4)
    assert "--since" in "".join(report.lines("en"))


def test_a_later_catalogue_goes_on_from_a_remembered_head(history: dict[str, Path]) -> None:
    """The head of an earlier visit is found in the history of each later one, and in that of the same night."""
    heads = [verify(str(path)).head for path in history.values()]
    assert len(set(heads)) == 3
    for head in heads:
        assert verify(str(history["third"]), head).is_rolled_back is False


def test_a_catalogue_that_was_rolled_back_is_found(history: dict[str, Path]) -> None:
    """The whole folder of an earlier night is in itself well; only a remembered head tells."""
    head = verify(str(history["third"])).head
    assert verify(str(history["second"])).findings == []
    report = verify(str(history["second"]), head)
    assert (report.is_rolled_back, report.exit_code) == (True, 1)
    assert codes(report) == {("verify.rolled_back", "changes.jsonl")}


def _one_byte(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-4] + bytes([content[-4] ^ 1]) + content[-3:])


def _release(version: str, file: str) -> str:
    return f"{WASTE}/releases/{version}/{file}"


@pytest.mark.parametrize("version", ["1.0.0", "1.0.2"])
@pytest.mark.parametrize("file", [f"{WASTE}.csv", f"{WASTE}.parquet", "provenance.json", "datapackage.json"])
def test_one_byte_of_a_released_file(catalogue: Path, version: str, file: str) -> None:
    """A changed byte in any file of any release, its descriptor too, is found and the file named."""
    _one_byte(catalogue / _release(version, file))
    assert ("verify.hash", _release(version, file)) in codes(verify(str(catalogue)))


def test_one_byte_of_another_form(catalogue: Path) -> None:
    """So is one of the current workbook."""
    _one_byte(catalogue / _release("1.0.2", f"{WASTE}.xlsx"))
    assert codes(verify(str(catalogue))) == {("verify.hash", _release("1.0.2", f"{WASTE}.xlsx"))}


def _swapped(root: Path) -> None:
    """The folder of one release at the address of another."""
    shutil.rmtree(root / WASTE / "releases" / "1.0.1")
    shutil.copytree(root / WASTE / "releases" / "1.0.0", root / WASTE / "releases" / "1.0.1")


def _dropped(root: Path) -> None:
    shutil.rmtree(root / WASTE / "releases" / "1.0.0")


def _rewritten(root: Path) -> None:
    """A descriptor with another licence, and its hash in the record put right."""
    path = root / _release("1.0.2", "datapackage.json")
    path.write_bytes(path.read_bytes().replace(b"CC-BY", b"CC-NO"))
    _put_right(root / _release("1.0.2", "release.json"), "datapackage.json", path)


def _put_right(record: Path, name: str, path: Path) -> None:
    from pipelines.durable import sha256_of

    document = json.loads(record.read_bytes())
    document["files"][name]["sha256"] = sha256_of(path)
    record.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _older_entry(root: Path) -> None:
    """An index that shows an older release of one dataset, with true hashes."""
    from pipelines.durable import sha256_of

    path = root / "catalogue.json"
    index = json.loads(path.read_bytes())
    entry = next(entry for entry in index["datasets"] if entry["name"] == WASTE)
    older = root / _release("1.0.1", "release.json")
    entry |= {"version": "1.0.1", "files": json.loads(older.read_bytes())["files"], "forms": {}}
    entry["record"] = {"sha256": sha256_of(older), "bytes": older.stat().st_size}
    path.write_text(json.dumps(index), encoding="utf-8")


def _without(root: Path) -> None:
    """A dataset that was taken out of the index."""
    path = root / "catalogue.json"
    index = json.loads(path.read_bytes())
    index["datasets"] = [entry for entry in index["datasets"] if entry["name"] != PARK]
    path.write_text(json.dumps(index), encoding="utf-8")


def _history_edited(root: Path) -> None:
    path = root / "changes.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0].replace(b"1.0.0", b"9.0.0"), *lines[1:]]))


def _forged(root: Path) -> None:
    """A figure changed, its hash put right in the index, and no word of records there."""
    from pipelines.durable import sha256_of

    table = root / _release("1.0.2", f"{WASTE}.csv")
    table.write_bytes(table.read_bytes().replace(b"902", b"802"))
    path = root / "catalogue.json"
    index = json.loads(path.read_bytes())
    entry = next(entry for entry in index["datasets"] if entry["name"] == WASTE)
    entry["files"][table.name]["sha256"] = sha256_of(table)
    entry["forms"] = {}
    del entry["record"]
    path.write_text(json.dumps(index), encoding="utf-8")


def _stable_astray(root: Path) -> None:
    path = root / WASTE / "datapackage.json"
    path.unlink()
    path.symlink_to("releases/1.0.0/datapackage.current.json")


TAMPERED: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a swapped version": (_swapped, "verify.record", _release("1.0.1", "release.json")),
    "a dropped release": (_dropped, "verify.missing_release", _release("1.0.0", "release.json")),
    "a rewritten descriptor": (_rewritten, "verify.record", _release("1.0.2", "release.json")),
    "an older entry": (_older_entry, "verify.outdated", "catalogue.json"),
    "a forged release without a record": (_forged, "verify.record", _release("1.0.2", "release.json")),
    "a dataset taken out": (_without, "verify.missing_release", f"{PARK}/releases/1.0.0/release.json"),
    "a rewritten history": (_history_edited, "verify.history", "changes.jsonl:2"),
    "a stable address astray": (_stable_astray, "verify.stable", f"{WASTE}/datapackage.json"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_catalogue(catalogue: Path, how: str) -> None:
    """What was done is found under its code, and the file is named."""
    harm, code, file = TAMPERED[how]
    harm(catalogue)
    report = verify(str(catalogue))
    assert report.exit_code == 1
    assert (code, file) in codes(report)


def test_an_index_may_lead_nowhere_outside(catalogue: Path) -> None:
    """Paths of a hostile catalogue that climb out are refused, not read."""
    path = catalogue / "catalogue.json"
    path.write_bytes(path.read_bytes().replace(f"{WASTE}/releases/1.0.2/{WASTE}.xlsx".encode(), b"../../secret.xlsx"))
    (catalogue.parent / "secret.xlsx").write_bytes(b"secret")
    assert ("verify.unreadable", "../../secret.xlsx") in codes(verify(str(catalogue)))


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a\\..\\x", "http://x/y", ""])
def test_paths_that_climb_out(tmp_path: Path, path: str) -> None:
    """No folder and no server is asked for them."""
    for place in (Folder(tmp_path), Web("http://127.0.0.1:9/")):
        with pytest.raises(Unreadable, match="leads out"):
            document(place, path)


def test_a_link_that_climbs_out_is_not_followed(tmp_path: Path) -> None:
    """Nor is a link that leads out of the folder."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to("../secret")
    with pytest.raises(Unreadable, match="outside"):
        document(Folder(tmp_path / "root"), "link")


def test_a_file_longer_than_its_record_is_not_read_on(tmp_path: Path) -> None:
    """Reading stops at the recorded size."""
    (tmp_path / "long").write_bytes(b"x" * 100)
    with pytest.raises(Unreadable, match="100 bytes, more than 99"):
        document(Folder(tmp_path), "long", 99)


def test_no_catalogue_at_all(tmp_path: Path) -> None:
    """That is an error of whoever asks, with an exit code of its own."""
    for target in (str(tmp_path), str(tmp_path / "nothing"), "http://127.0.0.1:9/"):
        with pytest.raises(ConfigurationError) as refused:
            verify(target)
        assert (refused.value.code, refused.value.exit_code) == ("verify.no_catalogue", 2)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(catalogue: Path) -> Iterator[str]:
    """The catalogue on a web server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(catalogue))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_over_http_the_same_is_found(catalogue: Path, served: str) -> None:
    """A URL is verified as a folder is, with or without catalogue.json at its end."""
    assert verify(served).findings == []
    _one_byte(catalogue / _release("1.0.0", f"{WASTE}.csv"))
    for address in (served, f"{served}catalogue.json"):
        assert codes(verify(address)) == {("verify.hash", _release("1.0.0", f"{WASTE}.csv"))}
