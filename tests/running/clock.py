"""A wall clock that can be moved, for every process that looks at it: Python, SQLite, PostgreSQL alike.

libfaketime adds so many seconds to the wall clock. No other clock is moved, and nothing runs faster: what waits for an
hour of the wall clock is over when the clock was moved by an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


@dataclass(frozen=True)
class Clock:
    """The file that says how far ahead the clock is."""

    file: Path

    @property
    def ahead(self) -> float:
        """So many seconds."""
        return float(self.file.read_text(encoding="ascii")) if self.file.exists() else 0.0

    @property
    def now(self) -> datetime:
        """What it shows; for a process that looks at the real one."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def set(self, moment: datetime) -> None:
        """It is this moment now, for whoever looks at it; for a process that looks at the real one."""
        self._write((moment - datetime.now(UTC)).total_seconds())

    def move(self, by: timedelta) -> None:
        """It is so much later now."""
        self._write(self.ahead + by.total_seconds())

    def _write(self, ahead: float) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{ahead:+.3f}\n", encoding="ascii")
        new.replace(self.file)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to look at it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(HERE / "moved"),
        }
