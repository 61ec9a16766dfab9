"""The reader in Rust works in a process of its own: what a file does to it costs that file and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.errors import DeliveryRefused, ReaderEnded
from pipelines.findings import Place
from pipelines.reading import apart
from pipelines.reading.grid import read_workbook, sheet_names
from pipelines.reading.sheetxml import Faults
from pipelines.settings import REPOSITORY
from tests.hostile.files import FILES
from tests.hostile.zips import dense
from tests.kit import Town, result

PLACE = Place("x", "x.xlsx")
DEADLY = next(one for one in FILES if one.name == "short_dimension_lies.xls")  # it ends a reader that opens it unseen


def _is_read(path: Path) -> bool:
    return read_workbook(dense(path, 3, "AB"), PLACE, None).rows == [["値", ""], ["2.5", "2.5"], ["3.5", "3.5"]]


def test_a_file_that_ends_its_reader_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    """A failed allocation ends the reader's process with SIGABRT; the refusal says so, and another process is begun."""
    DEADLY.make(tmp_path / "x.xls")
    with pytest.raises(DeliveryRefused) as raised, apart.opened(tmp_path / "x.xls", PLACE) as book:
        book.read(book.sheets[0])
    assert (raised.value.code, raised.value.finding.found) == ("file.damaged", "SIGABRT")
    assert _is_read(tmp_path / "y.xlsx")


def _sees_nothing(_path: Path, _place: Place) -> Callable[[str], Faults]:
    """A look that lets everything by."""
    return lambda _sheet: {}


def test_a_night_loses_one_delivery_to_a_file_that_ends_its_reader(
    small: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its dataset is held back, and every other goes out. The look that would have refused it is blind here."""
    DEADLY.make(small.delivery("waste_per_capita"))
    monkeypatch.setattr("pipelines.reading.grid.look_over", _sees_nothing)
    night = small.night()
    found = result(night, "waste_per_capita")
    assert [(finding.code, finding.found) for finding in found.findings] == [("file.damaged", "SIGABRT")]
    assert {one.outcome for one in night.results if one.name != "waste_per_capita"} == {"published"}


def test_a_reader_that_somebody_ends_says_nothing_of_the_file(tmp_path: Path) -> None:
    """Killed for want of memory, say: nothing is remembered of the delivery, and it is read again."""
    path = dense(tmp_path / "x.xlsx", 3, "AB")
    with apart.opened(path, PLACE) as book:
        os.kill(book.process.pid, signal.SIGKILL)
        with pytest.raises(ReaderEnded) as raised:
            book.read(book.sheets[0])
    assert (raised.value.finding.found, raised.value.exit_code) == ("SIGKILL", 4)
    assert _is_read(tmp_path / "y.xlsx")


def test_a_file_that_is_gone_says_nothing_of_itself(tmp_path: Path) -> None:
    """Nor does one that can't be read: it is no damaged file, whose refusal would be remembered."""
    with pytest.raises(ReaderEnded) as raised, apart.opened(tmp_path / "x.xlsx", PLACE):
        pass
    assert (raised.value.code, "os error 2" in raised.value.finding.found) == ("store.unreadable", True)
    assert _is_read(tmp_path / "y.xlsx")


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, RecursionError])
@pytest.mark.parametrize("heard", [0, 1, 2])
def test_an_answer_that_was_not_heard_to_its_end_is_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], heard: int
) -> None:
    """Whatever ends the question, want of memory or Ctrl-C in a notebook: the next file is answered with its own."""
    asked, other = dense(tmp_path / "x.xlsx", 9000, "ABCDEFGH"), dense(tmp_path / "y.xlsx", 3, "AB")
    answers = iter(range(99))
    with monkeypatch.context() as patch:
        loads = json.loads

        def fail(line: bytes) -> object:
            if next(answers) == heard:
                raise error
            return loads(line)

        patch.setattr(apart.json, "loads", fail)
        with pytest.raises(error):
            read_workbook(asked, PLACE, None)
    for _ in range(2):
        assert len(read_workbook(other, PLACE, None).rows) == 3
        assert sheet_names(other, PLACE) == ["表"]


def test_an_error_of_the_block_ends_no_reader(tmp_path: Path) -> None:
    """What was asked has been answered: the process has nothing left to say and stays."""
    path = dense(tmp_path / "x.xlsx", 3, "AB")
    with pytest.raises(ZeroDivisionError), apart.opened(path, PLACE) as book:
        raise ZeroDivisionError
    with apart.opened(path, PLACE) as again:
        assert again.process.pid == book.process.pid


def test_where_memory_runs_short_the_reader_goes_first(tmp_path: Path) -> None:
    """The kernel ends the process of the highest score."""
    with apart.opened(dense(tmp_path / "x.xlsx", 3, "AB"), PLACE) as book:
        scores = [int(Path(f"/proc/{one}/oom_score_adj").read_text()) for one in (book.process.pid, "self")]
    assert scores[0] > scores[1]


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds are the processor's, so that a busy machine refuses nothing."""
    apart.close()
    monkeypatch.setattr(apart, "MOST_READER_SECONDS", 0)
    path = dense(tmp_path / "x.xlsx", 250_000, "ABCDEFGH")
    with pytest.raises(DeliveryRefused) as raised, apart.opened(path, PLACE) as book:
        book.read(book.sheets[0])
    assert (raised.value.code, raised.value.finding.found) == ("file.damaged", "SIGXCPU")


def test_a_file_in_memory_is_read(tmp_path: Path) -> None:
    """The desk keeps what is handed in where only a handle of its own process leads to it."""
    handle = os.memfd_create("delivery")
    os.write(handle, dense(tmp_path / "x.xlsx", 3, "AB").read_bytes())
    assert read_workbook(Path(f"/proc/self/fd/{handle}"), PLACE, None).rows[1] == ["2.5", "2.5"]
    os.close(handle)


def test_nothing_is_imported_from_the_folder_that_somebody_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`opendata check` is called in folders of downloads."""
    apart.close()
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    assert _is_read(tmp_path / "x.xlsx")


def test_the_reader_ends_with_whoever_asked_it(tmp_path: Path) -> None:
    """Also when that one is killed and can say nothing more."""
    path = dense(tmp_path / "x.xlsx", 3, "AB")
    script = f"""
        import time
        from pathlib import Path
        from pipelines.findings import Place
        from pipelines.reading import apart
        with apart.opened(Path({str(path)!r}), Place()) as book:
            print(book.process.pid, flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as asking:
        assert asking.stdout
        reader = Path("/proc") / asking.stdout.readline().strip()
        assert reader.exists()
        asking.kill()
    end = time.monotonic() + 30
    while reader.exists() and "State:\tZ" not in (reader / "status").read_text():
        assert time.monotonic() < end, "it goes on"
        time.sleep(0.05)
