"""A clock that stands still: two nights leave the same bytes, also where pages tell when a release was made."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Self


class Still(datetime):
    """A datetime whose now is always the same."""

    @classmethod
    def now(cls, tz: tzinfo | None = UTC) -> Self:
        return cls(2026, 4, 1, 17, 0, 0, tzinfo=tz)


def stop_the_clock() -> None:
    """Let the store's log take its times from it."""
    from pipelines.store import log

    log.datetime = Still
