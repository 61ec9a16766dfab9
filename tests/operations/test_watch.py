"""Somebody learns of nights that have stopped, although these can no longer speak."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.findings import Finding, Place
from pipelines.operations import watch as watching
from pipelines.operations.channels import Undelivered
from pipelines.operations.heartbeat import beat
from pipelines.operations.messages import Message
from pipelines.operations.watch import watch
from pipelines.processes import process_of
from tests.kit import town

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


class Inbox:
    """A channel that keeps what it is sent."""

    name = "inbox"

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.broken = False
        self.refused = "\0"

    def send(self, message: Message) -> None:
        if self.broken or self.refused in message.text:
            raise Undelivered("ConnectError")
        self.got.append(message)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """The one channel that there is."""
    made = Inbox()
    monkeypatch.setattr(watching, "channels", lambda _: [made])
    return made


def test_what_stops_the_nights_does_not_stop_the_watcher(tmp_path: Path, inbox: Inbox) -> None:
    """One unknown key, so no night and no look at the store: the operator hears of both, and of their end."""
    made = town(tmp_path, ["housing_seismic_retrofit"])
    beat(made.home, made.night(), [], NOW)
    schema = made.root / "schemas" / "housing_seismic_retrofit.yaml"
    good = schema.read_text(encoding="utf-8")
    schema.write_text(f"{good}unknown: 1\n", encoding="utf-8")
    for hour in (1, 40, 41):
        watch(made.settings, NOW + timedelta(hours=hour))
    schema.write_text(good, encoding="utf-8")
    beat(made.home, made.night(), [], NOW + timedelta(hours=42))
    watch(made.settings, NOW + timedelta(hours=42))
    told = [(message.kind, message.department) for message in inbox.got]
    assert told == [("alarm", ""), ("alarm", ""), ("calm", ""), ("calm", "")]
    assert ["unknown_key" in message.text for message in inbox.got] == [True, False, True, False]


def test_people_who_could_not_be_told_are_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By every channel that works, to the general address, though a department's own is dead."""
    dead, alive = Inbox(), Inbox()
    dead.name, dead.broken, alive.name = "dead", True, "alive"
    monkeypatch.setattr(watching, "channels", lambda _: [dead, alive])
    made = town(tmp_path, ["housing_seismic_retrofit"])
    beat(made.home, made.night(), [Finding("telling.undelivered", Place(), "HTTP 404", {"channel": "dead"})], NOW)
    for hour in (1, 2):
        watch(made.settings, NOW + timedelta(hours=hour))
    beat(made.home, made.night(), [], NOW + timedelta(hours=3))
    watch(made.settings, NOW + timedelta(hours=3))
    assert [(message.kind, message.department) for message in alive.got] == [("alarm", ""), ("calm", "")]
    assert "telling.undelivered" in alive.got[0].text


def test_an_alarm_that_is_not_taken_keeps_no_other_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is tried by itself."""
    inbox = Inbox()
    inbox.refused = "config.unknown_key"
    monkeypatch.setattr(watching, "channels", lambda _: [inbox])
    made = town(tmp_path, ["housing_seismic_retrofit"])
    with (made.root / "schemas" / "_city.yaml").open("a", encoding="utf-8") as city:
        city.write("unknown: 1\n")
    for _ in range(2):
        watch(made.settings, NOW)
    assert ["health.night" in message.text for message in inbox.got] == [True]


def test_a_night_at_work_makes_neither_an_alarm_nor_its_end(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a catalogue is as it should be shows once the night is over."""
    made = town(tmp_path, ["housing_seismic_retrofit"])
    monkeypatch.setenv("DAGSTER_HOME", str(made.home))
    beat(made.home, made.night(), [], NOW)
    (made.home / "catalogue" / "housing_seismic_retrofit" / "current").unlink()
    with process_of(made.home, "run").this():
        watch(made.settings, NOW)
    assert inbox.got == []
    watch(made.settings, NOW)
    with process_of(made.home, "run").this():
        watch(made.settings, NOW)
    assert [message.kind for message in inbox.got] == ["alarm"]
    made.night()
    watch(made.settings, NOW)
    assert [message.kind for message in inbox.got] == ["alarm", "calm"]


def test_an_alarm_is_not_over_because_nobody_could_look(tmp_path: Path, inbox: Inbox) -> None:
    """Nobody knows what a catalogue shows while descriptors can't be read."""
    made = town(tmp_path, ["housing_seismic_retrofit"])
    beat(made.home, made.night(), [], NOW)
    (made.home / "catalogue" / "housing_seismic_retrofit" / "current").unlink()
    watch(made.settings, NOW)
    with (made.root / "schemas" / "_city.yaml").open("a", encoding="utf-8") as city:
        city.write("unknown: 1\n")
    watch(made.settings, NOW + timedelta(hours=1))
    assert [message.kind for message in inbox.got] == ["alarm", "alarm"]


def test_stopped_nights_are_told_once_and_their_return_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours of silence: one alarm, also where the first try to send it failed; then one that says that it is over."""
    inbox = Inbox()
    monkeypatch.setattr(watching, "channels", lambda _: [inbox])
    made = town(tmp_path, ["housing_seismic_retrofit"])
    beat(made.home, made.night(), [], NOW)
    watch(made.settings, NOW + timedelta(hours=20))
    assert inbox.got == []
    inbox.broken = True
    watch(made.settings, NOW + timedelta(hours=27))
    inbox.broken = False
    for hour in (28, 29, 30):
        watch(made.settings, NOW + timedelta(hours=hour))
    beat(made.home, made.night(), [], NOW + timedelta(hours=31))
    for hour in (32, 33):
        watch(made.settings, NOW + timedelta(hours=hour))
    alarm, calm = inbox.got
    assert (alarm.kind, calm.kind, calm.about) == ("alarm", "calm", alarm.id)
    assert "health.night" in alarm.text
