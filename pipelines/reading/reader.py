"""The process that has the reader in Rust open workbooks: `python -m pipelines.reading.reader SECONDS MEGABYTES`.

It answers `pipelines.reading.apart`, in lines of JSON, until its standard input ends:

    {"open": path}    {"sheets": [name, …]}
    {"read": name}    {"rows": [[text, …], …]} as often as needed, then {"merged": …, "times": …, "wrong": …}
    {"close": …}      nothing
    a damaged file    {"damaged": why}, in place of any of these
    one that is gone  {"unreadable": why}, as also where disk or share fail: it says nothing of what is in the file

SECONDS of the processor are given to each workbook. What takes more time or memory ends this process, not the night.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from pipelines.reading.cells import NotReadable
from pipelines.reading.texts import Value, text_of

Answer = dict[str, object]
_CELLS: Final = 50_000  # of one line, about
_BLOCK: Final = 1 << 20


def main() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the asking process hears, too, and ends our input
    seconds, megabytes = map(int, sys.argv[1:])
    hold_to(resource.RLIMIT_AS, megabytes << 20)
    hold_to(resource.RLIMIT_CORE, 0)
    _go_first()
    reader = _Reader(seconds)
    for line in sys.stdin.buffer:
        for answer in reader.answers(json.loads(line)):
            _say(answer)


def _go_first() -> None:
    """Should the machine's memory run short, this process is ended and not the night's."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def hold_to(what: int, most: int) -> None:
    """Limit this process, within the limit that it was born with."""
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _say(answer: Answer) -> None:
    try:
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # nobody hears it any more
        os._exit(0)


@dataclass
class _Reader:
    """Holds one workbook open at a time."""

    seconds: int
    path: str = ""
    book: CalamineWorkbook | None = None

    def answers(self, question: dict[str, str]) -> Iterator[Answer]:
        """What a question is answered with, a damaged file's answer included.

        The reader panics at some damaged .xls. Its PanicException has no name to import and is no Exception.
        """
        try:
            yield from self._answers(question)
        except (CalamineError, OSError) as error:
            yield {"damaged" if _is_readable(self.path) else "unreadable": str(error)}
        except (ValueError, OverflowError, MemoryError) as error:
            yield {"damaged": str(error) or type(error).__name__}
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            yield {"damaged": str(error)}

    def _answers(self, question: dict[str, str]) -> Iterator[Answer]:
        if "open" in question:
            hold_to(resource.RLIMIT_CPU, self.seconds + int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])))
            self.path = question["open"]
            self.book = CalamineWorkbook.from_path(self.path)
            yield {"sheets": [str(name) for name in self.book.sheet_names]}
        elif "read" in question and self.book is not None:
            yield from _read(self.book.get_sheet_by_name(question["read"]))
        else:
            self.book = None


def _is_readable(path: str) -> bool:
    """Whether a file can be read to its end. An error of the reader's tells not whether that or the content was it."""
    try:
        with Path(path).open("rb") as file:
            while file.read(_BLOCK):
                pass
    except OSError:
        return False
    return True


def _read(sheet: CalamineSheet) -> Iterator[Answer]:
    left = [""] * (sheet.start[1] if sheet.start else 0)  # the iterator leaves out what is empty on the left, not above
    texts = _Texts()
    rows: list[list[str]] = []
    cells = 0
    for number, row in enumerate(sheet.iter_rows()):
        rows.append(left + texts.of(number, len(left), row))
        cells += len(rows[-1])
        if cells >= _CELLS:
            yield {"rows": rows}
            rows, cells = [], 0
    yield {"rows": rows}
    yield {"merged": sheet.merged_cell_ranges or [], "times": texts.times, "wrong": texts.wrong}


@dataclass
class _Texts:
    """Turns values into texts; notes which are times, and which are no value at all."""

    times: list[tuple[int, int]] = field(default_factory=list)
    wrong: list[tuple[int, int, str]] = field(default_factory=list)

    def of(self, number: int, first: int, row: Iterable[Value]) -> list[str]:
        """The texts of a row, whose first value stands in the column `first`."""
        return [
            value if isinstance(value, str) else self._text(number, column, value)
            for column, value in enumerate(row, start=first)
        ]

    def _text(self, row: int, column: int, value: Value) -> str:
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            self.times.append((row, column))
        try:
            return text_of(value)
        except NotReadable:
            self.wrong.append((row, column, repr(value)))
            return str(value)


if __name__ == "__main__":
    main()
