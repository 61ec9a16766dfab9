"""The sign of life that a night leaves: when it ended and how. By it a watcher notices that the nights have stopped.

<home>/last_night.json
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines import durable
from pipelines.errors import ExitCode
from pipelines.findings import Finding
from pipelines.night import Night
from pipelines.store.store import document_json

NAME = "last_night.json"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How the last night ended, and when one last ended well: something held back is no fault of the night."""

    finished: str
    exit_code: int
    last_well: str
    outcomes: dict[str, int] = field(default_factory=dict)
    untold: list[dict[str, object]] = field(default_factory=list)


def beat(home: Path, night: Night, untold: Sequence[Finding], now: datetime) -> None:
    """Leave the sign."""
    time, before = now.isoformat(timespec="seconds"), last_beat(home)
    is_well = night.exit_code in {ExitCode.WELL, ExitCode.FINDINGS}
    last_well = time if is_well else before.last_well if before else ""
    outcomes = dict(Counter(str(result.outcome) for result in night.results))
    sign = Heartbeat(time, int(night.exit_code), last_well, outcomes, [finding.as_dict() for finding in untold])
    with durable.workshop(home / "workshop") as workshop:
        durable.write(workshop / NAME, document_json(asdict(sign)))
        durable.replace(workshop / NAME, home / NAME)


def last_beat(home: Path) -> Heartbeat | None:
    """The sign that the last night left; None when there was none, or it can't be read."""
    try:
        return Heartbeat(**json.loads((home / NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
