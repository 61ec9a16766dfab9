"""Who is told what: one message per failure, one when it is mended, a digest a week."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from pipelines.days import TOKYO
from pipelines.findings import Finding, Place
from pipelines.operations import messages
from pipelines.operations import tell as telling
from pipelines.operations.channels import Undelivered, Unreachable
from pipelines.operations.ledger import Ledger, Open, State, closing, opening
from pipelines.operations.messages import Message
from pipelines.operations.problems import Problem
from pipelines.operations.tell import tell
from tests.kit import Town, town
from tests.night.towns import add_derived

WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"
MONDAY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # 02:00 in Tokyo
SATURDAY = 6


@dataclass
class Inbox:
    """A channel that keeps what it is sent.

    `broken` lets it fail, `dead` departments' addresses only; `killed` ends the process just after sending.
    """

    name: str = "inbox"
    got: list[Message] = field(default_factory=list)
    broken: bool = False
    killed: bool = False
    dead: Mapping[str, Undelivered] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.tried.append(message.id)
        if self.broken:
            raise Undelivered("ConnectError")
        if message.department in self.dead:
            raise self.dead[message.department]
        self.got.append(message)
        if self.killed:
            raise KeyboardInterrupt

    def kinds(self) -> list[tuple[str, str]]:
        return [(message.kind, message.dataset) for message in self.got]


@dataclass
class City:
    """A town whose nights tell an inbox."""

    town: Town
    inbox: Inbox
    night: int = 0

    def pass_night(self, days: int = 1) -> list[str]:
        """The next night, `days` later; what could not be told, by code."""
        self.night += days
        untold = tell(self.town.open(), self.town.home, self.town.night(), MONDAY + timedelta(days=self.night))
        return [finding.code for finding in untold]


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Two datasets and one derived from the first."""
    made, inbox = town(tmp_path, [WASTE, PARK]), Inbox()
    add_derived(made)
    monkeypatch.setattr(telling, "channels", lambda _: [inbox])
    return City(made, inbox)


def spoiled(path: Path, text: str) -> Callable[[], None]:
    """Spoil one figure of a delivery; call the answer to mend it."""
    before = path.read_bytes()
    book = openpyxl.load_workbook(path)
    cell = next(c for row in book.worksheets[0].iter_rows(min_row=5) for c in row if str(c.value).startswith("9"))
    cell.value = text
    book.save(path)
    return lambda: _restore(path, before)


def _restore(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def test_a_failure_that_lasts_is_told_once_and_its_mending_once(city: City) -> None:
    """Three nights with the same fault, then a mended delivery: two messages, the second names the first."""
    city.pass_night()
    mend = spoiled(city.town.delivery(WASTE), "9Ol")
    for _ in range(3):
        city.pass_night()
    mend()
    city.pass_night()
    city.pass_night()
    assert city.inbox.kinds() == [("digest", ""), ("failure", WASTE), ("mended", WASTE)]
    _, failure, mended = city.inbox.got
    assert mended.about == failure.id


def test_another_fault_of_the_same_dataset_is_another_message(city: City) -> None:
    """The department hands in a second bad file: it has to learn what is wrong with that one."""
    mend = spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    mend()
    book = openpyxl.load_workbook(city.town.delivery(WASTE))
    book.worksheets[0].title = "別の名前"
    book.save(city.town.delivery(WASTE))
    city.pass_night()
    assert city.inbox.kinds() == [("failure", WASTE), ("digest", ""), ("failure", WASTE)]


def test_the_same_fault_again_after_it_was_mended_is_a_new_message(city: City) -> None:
    """A message has an id of its own, also where its text is that of an older one."""
    for _ in range(2):
        mend = spoiled(city.town.delivery(WASTE), "9Ol")
        city.pass_night()
        mend()
        city.pass_night()
    failures = [message for message in city.inbox.got if message.kind == "failure"]
    assert len({message.id for message in failures}) == len(failures) == 2


def test_a_dataset_that_waits_for_another_is_no_message(city: City) -> None:
    """What is derived from a dataset that is held back needs no hand."""
    city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    assert ("failure", "waste_change") not in city.inbox.kinds()


def test_the_text_can_be_forwarded_as_it_is(city: City) -> None:
    """Department, dataset, cell, what was found and what to do, in Japanese and English."""
    city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    text = city.inbox.got[-1].text
    assert city.inbox.got[-1].department == "environment"
    japanese = ("環境局 御中", "1人1日あたりのごみ排出量", "9Ol", "ごみ排出量の推移.xlsx")
    english = ("Environmental Protection Bureau", "stays as it is")
    assert [part for part in (*japanese, *english) if part not in text] == []


def test_what_could_not_be_sent_is_sent_by_a_later_night(city: City) -> None:
    """A broken channel loses nothing, and the night says so."""
    city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.inbox.broken = True
    assert city.pass_night() == ["telling.undelivered"]
    city.inbox.broken = False
    assert city.pass_night() == []
    assert city.inbox.kinds() == [("digest", ""), ("failure", WASTE)]


def test_one_dead_address_keeps_no_other_message_back(city: City) -> None:
    """All others get theirs on that very night; what was not sent is sent once its address is alive again, once."""
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.town.delivery(PARK).write_bytes(b"no workbook")
    city.inbox.dead = {"environment": Undelivered("HTTP 404")}
    for _ in range(3):
        assert city.pass_night() == ["telling.undelivered"]
    assert city.inbox.kinds() == [("failure", PARK), ("digest", "")]
    assert f"({WASTE})" in city.inbox.got[-1].text
    city.inbox.dead = {}
    assert city.pass_night() == city.pass_night() == []
    assert city.inbox.kinds() == [("failure", PARK), ("digest", ""), ("failure", WASTE)]


def test_a_mending_that_could_not_be_told_is_told_later_with_its_one_id(city: City) -> None:
    """And the failure after it has a number of its own."""
    mend = spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    mend()
    city.inbox.dead = {"environment": Undelivered("HTTP 404")}
    city.pass_night()
    city.pass_night()
    city.inbox.dead = {}
    city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    kinds = [kind for kind, name in city.inbox.kinds() if name == WASTE]
    assert kinds == ["failure", "mended", "failure"]
    assert len({message.id for message in city.inbox.got}) == len(city.inbox.got)
    assert len(set(city.inbox.tried)) == len(city.inbox.got)


def test_what_could_not_be_sent_names_the_department_of_its_address(city: City) -> None:
    """Whoever sets up the addresses sees which one to look after."""
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.inbox.dead = {"environment": Undelivered("HTTP 404")}
    (untold,) = tell(city.town.open(), city.town.home, city.town.night(), MONDAY)
    assert (untold.found, untold.facts["channel"]) == ("HTTP 404 (environment)", "inbox")


def message_to(department: str, dataset: str) -> Message:
    return Message(f"id of {dataset}", "failure", department, dataset, "", "")


def test_an_address_that_does_not_answer_is_waited_for_once(tmp_path: Path) -> None:
    """Each wait is long: a night on which much is held back must end all the same."""
    ledger, inbox = Ledger(tmp_path / "inbox"), Inbox(dead={"environment": Unreachable("ReadTimeout")})
    sent = [message_to("environment", "a"), message_to("environment", "b"), message_to("", "c")]
    news = [(message, opening(message.dataset, Open("x", message.id, "", ""))) for message in sent]
    assert ledger.deliver(news, inbox, "") == ["ReadTimeout (environment)"]
    assert inbox.tried == ["id of a", "id of c"]
    assert list(ledger.state().open) == ["c"]


def test_what_was_not_sent_changes_nothing_of_what_is_recorded(tmp_path: Path) -> None:
    """Each entry has the state of what people really know."""
    ledger, inbox = Ledger(tmp_path / "inbox"), Inbox()
    told = Open("x", "id", "", "")
    ledger.deliver([(message_to("", name), opening(name, told)) for name in "ab"], inbox, "")
    inbox.dead = {"environment": Undelivered("HTTP 404")}
    ledger.deliver([(message_to("environment", "a"), closing("a")), (message_to("", "b"), closing("b"))], inbox, "")
    assert ledger.state() == State({"a": told}, {"a": 1, "b": 1})


def test_a_kill_between_sending_and_recording_repeats_the_same_id(city: City) -> None:
    """Twice the same id, never two."""
    city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.inbox.killed = True
    with pytest.raises(KeyboardInterrupt):
        city.pass_night()
    city.inbox.killed = False
    city.pass_night()
    _, first, second = city.inbox.got
    assert (first.kind, first.id) == (second.kind, second.id)


def test_a_week_begins_on_monday_in_tokyo(city: City) -> None:
    """At 02:00, when it is Sunday yet by UTC; what is told bears the city's day."""
    city.pass_night(5)
    assert (MONDAY + timedelta(days=5)).astimezone(TOKYO).isoweekday() == SATURDAY
    spoiled(city.town.delivery(WASTE), "9OO")
    city.pass_night()
    assert [message.kind for message in city.inbox.got] == ["digest", "failure"]
    city.pass_night()
    assert [message.kind for message in city.inbox.got] == ["digest", "failure", "digest"]
    assert f"({WASTE}) 2026-11-29–" in city.inbox.got[-1].text


def test_the_digest_comes_once_a_week(city: City) -> None:
    """It names what was published in the week and what still needs a hand since when."""
    for _ in range(6):
        city.pass_night()
    spoiled(city.town.delivery(WASTE), "9Ol")
    city.pass_night()
    digests = [message for message in city.inbox.got if message.kind == "digest"]
    assert len(digests) == 2
    assert f"({WASTE}) 2026-11-30" in digests[-1].text
    assert "11月23日～11月30日" in digests[-1].subject
    assert "11月23日～11月30日に公開したデータセット" in digests[-1].text
    assert re.search(r"期限を過ぎたデータセット\n- .+ \(\w+\) 20\S+まで掲載、期限 20\d\d-", digests[-1].text)


def test_what_the_operator_mends_is_addressed_to_the_operator(city: City) -> None:
    """No department is asked for what it can't mend; one thing is one thing."""
    problem = Problem(WASTE, "environment", "1.0.0", [Finding("bug", Place(WASTE), "KeyError")])
    text = messages.failure(problem, 1, city.town.open().repository).text
    assert text.startswith("運用担当者 各位\n")
    assert "To: the operator\n" in text
    assert "御中" not in text
    assert "is held back: 1 thing needs a look." in text
