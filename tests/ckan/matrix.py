"""The matrix: what a publisher asks of CKAN × what can go wrong, while somebody reads; and the table of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.ckan.outsider import REMADE, SURPLUS, Reader
from tests.ckan.proxy import FAULTS, Fault, Proxy, Request
from tests.ckan.scenes import Scenes
from tests.ckan.state import State, differences, forget, orphans, state


@dataclass(frozen=True)
class Leg:
    """One way from what CKAN shows to what it should show. `before`: None for nothing at all."""

    before: str | None
    after: str
    windows: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scenario:
    """A kind of publication. Where the way back is of the same kind, it is tried in turn with the way there."""

    name: str
    legs: Sequence[Leg]


SCENARIOS = (
    Scenario("first publication", [Leg(None, "old")]),
    Scenario("update: rows come, go and change", [Leg("old", "new"), Leg("new", "old")]),
    Scenario("update: more rows go than come", [Leg("old", "few", frozenset({SURPLUS}))]),
    Scenario(
        "change of columns and types",
        [Leg("new", "columns", frozenset({REMADE})), Leg("columns", "new", frozenset({REMADE}))],
    ),
    Scenario("withdrawal", [Leg("old", "gone")]),
    Scenario("withdrawal undone", [Leg("gone", "old")]),
)


@dataclass(frozen=True)
class Undisturbed:
    """What a leg asks of CKAN when nothing goes wrong, and where it ends."""

    requests: Sequence[Request]
    state: State


@dataclass
class Tally:
    """What became of one fault in one scenario."""

    scenario: str
    fault: str
    cases: int = 0
    struck: int = 0
    by_itself: int = 0
    looks: int = 0
    in_windows: Counter[str] = field(default_factory=Counter)
    wrong_reads: list[str] = field(default_factory=list)
    wrong_states: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, ...]:
        """The figures of its row, in the order of HEADS."""
        windows = self.in_windows.total()
        wrong = (len(self.wrong_reads), len(self.wrong_states), len(self.left))
        return self.cases, self.by_itself, self.looks, windows, *wrong


HEADS = ("cases", "done in the same run", "looks", "in a window", "wrong reads", "wrong states", "left over")


@dataclass
class Matrix:
    """Runs cases one after the other on one dataset; what CKAN shows at the end of one is where the next begins."""

    scenes: Scenes
    proxy: Proxy
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    _undisturbed: dict[Leg, Undisturbed] = field(default_factory=dict)
    _now: str | None = ""

    def cases(self, scenario: Scenario) -> Iterator[tuple[Leg, Fault]]:
        """Every request of a scenario × every fault; of legs that ask the same, in turn."""
        first, *others = scenario.legs
        points = [request.point for request in self.undisturbed(first).requests]
        same = [leg for leg in others if [r.point for r in self.undisturbed(leg).requests] == points]
        legs, turn = [first, *same], 0
        for point in points:
            for kind in FAULTS:
                yield legs[turn % len(legs)], Fault(kind, point)
                turn += 1

    def undisturbed(self, leg: Leg) -> Undisturbed:
        """What a leg is when nothing goes wrong; tried once."""
        if leg not in self._undisturbed:
            self._undisturbed[leg] = self._go(leg)
        return self._undisturbed[leg]

    def _go(self, leg: Leg) -> Undisturbed:
        """Let a leg go undisturbed; there and back first, so that superseded files are what they stay."""
        back = Leg(leg.after, leg.before or "", leg.windows)
        if leg.before is None:
            forget(self.scenes.ckan, self.scenes.package)
        elif back not in self._undisturbed or self._now != leg.before:
            for state_before in (leg.before, leg.after, leg.before):
                assert self.scenes.publish(state_before) == 0
        assert self.scenes.publish(leg.after, self.proxy) == 0
        self._now = leg.after
        return Undisturbed(list(self.proxy.requests), state(self.scenes.ckan, self.scenes.package))

    def run(self, scenario: Scenario, leg: Leg, fault: Fault) -> None:
        """Let one request go wrong, let the next run come, and compare."""
        expected = self.undisturbed(leg)
        self._begin(leg)
        scenes, tally = self.scenes, self._tally(scenario, fault)
        reader = reader_of(scenes, leg)
        with reader.polling():
            ended = scenes.publish_badly(leg.after, self.proxy, fault)
            struck = self.proxy.struck
            healed = scenes.publish(leg.after, self.proxy)
        reader.look()
        self._now = leg.after
        at = f"{scenario.name}, {leg.before} → {leg.after}, {fault.kind} at {fault.point}: "
        found = differences(state(scenes.ckan, scenes.package), expected.state)
        tally.cases += 1
        tally.struck += struck
        tally.by_itself += ended == 0
        tally.looks += reader.looks
        tally.in_windows += reader.in_windows
        tally.wrong_reads += [at + complaint for complaint in reader.complaints]
        tally.wrong_states += [at + text for text in [*_badly(ended, healed, struck), *found]]
        tally.left += [at + orphan for orphan in orphans(scenes.ckan, scenes.package)]

    def moved(self, state_now: str) -> None:
        """Take note of what CKAN shows now, after a test of its own kind."""
        self._now = state_now

    def _begin(self, leg: Leg) -> None:
        """Bring CKAN to where a leg begins."""
        if leg.before is None:
            forget(self.scenes.ckan, self.scenes.package)
        elif self._now != leg.before:
            assert self.scenes.publish(leg.before) == 0

    def _tally(self, scenario: Scenario, fault: Fault) -> Tally:
        key = scenario.name, fault.kind
        return self.tallies.setdefault(key, Tally(scenario.name, fault.kind))


def reader_of(scenes: Scenes, leg: Leg) -> Reader:
    """Somebody who polls the dataset while it goes a way."""
    way = (leg.before, leg.after) if leg.before else None
    return Reader(scenes.ckan.url, scenes.name, scenes.package, scenes.releases, leg.windows, way)


def _badly(ended: object, healed: object, struck: bool) -> Iterator[str]:
    if not struck:
        yield "the fault did not strike"
    if ended not in {0, 4, "SIGKILL"}:
        yield f"the run ended with {ended}"
    if healed != 0:
        yield f"the next run ended with {healed}"


def table(tallies: Sequence[Tally]) -> list[str]:
    """The table in Markdown."""
    head = f"| scenario | fault | {' | '.join(HEADS)} |"
    rows = [f"| {t.scenario} | {t.fault} | {' | '.join(map(str, t.counts))} |" for t in tallies]
    sums = [sum(column) for column in zip(*(tally.counts for tally in tallies), strict=True)]
    return [head, "| --- | --- |" + " ---: |" * len(HEADS), *rows, f"| all | | {' | '.join(map(str, sums))} |"]
