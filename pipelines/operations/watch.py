"""The watcher: tells the operator once when nights have stopped, a disk fills or a store breaks, and once it is over.

It runs by a timer of its own, apart from nights and Dagster, so that somebody learns of a death that can't speak.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.findings import Finding
from pipelines.operations import messages
from pipelines.operations.channels import Environment, channels
from pipelines.operations.health import Health, health
from pipelines.operations.ledger import Change, Ledger, Open, State, closing, opening
from pipelines.operations.messages import Message
from pipelines.operations.tell import FOLDER
from pipelines.settings import Settings

_NIGHTS_TELL = ("health.late",)  # in the digest


def watch(settings: Settings, now: datetime, environment: Environment = os.environ) -> Health:
    """Look, and tell what is new by every channel. What could not be sent is tried again the next time."""
    found = health(settings, now)
    alarms = {f.code: f for f in reversed(found.findings) if f.code not in _NIGHTS_TELL}
    for channel in channels(environment):
        ledger = Ledger(settings.home / FOLDER / f"{channel.name}-watch")
        news = _news(ledger.state(), alarms, found.unseen, now)
        ledger.deliver(news, channel, now.isoformat(timespec="seconds"))
    return found


def _news(
    state: State, alarms: Mapping[str, Finding], unseen: tuple[str, ...], now: datetime
) -> Iterator[tuple[Message, Change]]:
    """Each alarm that is new, and each that is over, with what it changes once it was sent."""
    for code in sorted(state.open.keys() - alarms.keys()):
        if not code.startswith(unseen):  # else nobody could look whether it is over
            yield messages.calm(code, state.open[code].message), closing(code)
    for code, finding in sorted(alarms.items()):
        if code not in state.open:
            message = messages.alarm(finding, state.next_number(code))
            yield message, opening(code, Open(code, message.id, "", now.isoformat(timespec="seconds")))
