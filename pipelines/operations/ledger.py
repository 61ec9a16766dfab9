"""What was told by one channel: numbered entries, each put if absent; the last one is the state.

    <home>/told/<channel>/00000001.json

A message is sent first and recorded then. So one that was sent just before a kill is sent again, with the same id, and
none is ever lost. One that could not be sent leaves the state as it was, and keeps no other back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pipelines import durable
from pipelines.operations.channels import Channel, Undelivered, Unreachable
from pipelines.operations.messages import Message
from pipelines.store.store import document_json


@dataclass(frozen=True, slots=True)
class Open:
    """A problem that was told of and is not mended: what it was, by which message, to whom, since when."""

    problem: str
    message: str
    route: str
    since: str


@dataclass(frozen=True, slots=True)
class State:
    """What a channel's readers know: problems by dataset, how many failures each dataset has had, the last digest."""

    open: Mapping[str, Open] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    week: str = ""

    def next_number(self, name: str) -> int:
        """Which failure of its kind the next one is."""
        return self.failures.get(name, 0) + 1

    def opened(self, name: str, told: Open) -> State:
        """The state once people were told that something is wrong."""
        return replace(self, open={**self.open, name: told}, failures={**self.failures, name: self.next_number(name)})

    def closed(self, name: str) -> State:
        """The state once people were told that it is mended."""
        return replace(self, open={other: told for other, told in self.open.items() if other != name})


Change = Callable[[State], State]  # what a message does to the state once it was sent


def opening(name: str, told: Open) -> Change:
    """People are told that something is wrong."""
    return lambda state: state.opened(name, told)


def closing(name: str) -> Change:
    """People are told that it is mended."""
    return lambda state: state.closed(name)


class Ledger:
    """The ledger of one channel below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Two nights that end at the same moment tell people one after the other, so that each thing is told once."""
        durable.make_folder(self._folder)
        with durable.held(self._folder):
            yield

    def state(self) -> State:
        """What has been told so far."""
        if not (number := self._last()):
            return State()
        data = json.loads(self._path(number).read_bytes())["state"]
        return State({name: Open(**told) for name, told in data["open"].items()}, data["failures"], data["week"])

    def deliver(self, news: Iterable[tuple[Message, Change]], channel: Channel, time: str) -> list[str]:
        """Send each message and record it, with the state that holds from then on; what could not be sent, and why.

        An address that does not answer is waited for once.
        """
        state, faults, silent = self.state(), list[str](), set[str]()
        for message, change in news:
            if message.department in silent:
                continue
            try:
                state = self._sent(message, change(state), channel, time)
            except Undelivered as fault:
                faults.append(f"{fault} ({message.department})" if message.department else str(fault))
                silent |= {message.department} if isinstance(fault, Unreachable) else set()
        return list(dict.fromkeys(faults))

    def _sent(self, message: Message, after: State, channel: Channel, time: str) -> State:
        """The state once a message was sent and recorded. Raises Undelivered."""
        entry = {"message": asdict(message), "time": time, "state": asdict(after)}
        with durable.workshop(self._folder / "workshop") as workshop:
            durable.write(workshop / "entry", document_json(entry))  # a full disk shows before anybody was told
            channel.send(message)
            durable.put(workshop / "entry", self._path(self._last() + 1))
        return after

    def _last(self) -> int:
        return max((int(path.stem) for path in self._folder.glob("[0-9]*.json")), default=0)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.json"
