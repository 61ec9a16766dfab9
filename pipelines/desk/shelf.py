"""The results of checks, in memory for some minutes, each under an address that nobody can guess."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of one check: its page (its links lack the address) and the annotated copy, if there is one."""

    page: str
    copy: bytes
    name: str

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.page.encode()) + len(self.copy)


class Shelf:
    """Outcomes by token. The oldest make room; nothing is written anywhere."""

    def __init__(self, seconds: float, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most_bytes, clock
        self._kept: OrderedDict[str, tuple[float, Outcome]] = OrderedDict()

    def put(self, outcome: Outcome) -> str:
        """Keep an outcome and return its token."""
        token = secrets.token_urlsafe(24)
        self._kept[token] = (self._clock() + self._seconds, outcome)
        self.tidy()
        return token

    def get(self, token: str) -> Outcome | None:
        """An outcome that is still there."""
        self.tidy()
        return self._kept[token][1] if token in self._kept else None

    def forget(self, token: str) -> None:
        """Let an outcome go; no matter whether it is there."""
        self._kept.pop(token, None)

    def tidy(self) -> None:
        """Let go of what is too old, then of the oldest until the rest fits."""
        now = self._clock()
        while self._kept and (next(iter(self._kept.values()))[0] <= now or self._too_much()):
            self._kept.popitem(last=False)

    def _too_much(self) -> bool:
        return len(self._kept) > 1 and sum(outcome.size for _, outcome in self._kept.values()) > self._most

    def __len__(self) -> int:
        return len(self._kept)
