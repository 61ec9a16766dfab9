"""Whatever goes wrong at whatever request: readers see whole releases, nothing is left over, the next run ends it."""

from __future__ import annotations

import pytest

from tests.ckan.matrix import SCENARIOS, Leg, Matrix, Scenario
from tests.ckan.proxy import FAULTS, Fault

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def _holds(matrix: Matrix, scenario: Scenario, cases: list[tuple[Leg, Fault]]) -> None:
    before = {key: (tally.cases, tally.struck) for key, tally in matrix.tallies.items()}
    for leg, fault in cases:
        matrix.run(scenario, leg, fault)
    mine = [tally for tally in matrix.tallies.values() if tally.scenario == scenario.name]
    assert sum(tally.cases for tally in mine) - sum(before.get((t.scenario, t.fault), (0, 0))[0] for t in mine) == len(
        cases
    )
    assert [text for tally in mine for text in (*tally.wrong_reads, *tally.wrong_states, *tally.left)] == []


@pytest.mark.parametrize("name", BY_NAME)
def test_some_faults_at_some_requests_are_made_good(matrix: Matrix, name: str) -> None:
    """Each fault at one request of each scenario, at those first that change something."""
    scenario = BY_NAME[name]
    turn = list(BY_NAME).index(name)
    _holds(matrix, scenario, list(_slice(matrix, scenario, turn)))


def _slice(matrix: Matrix, scenario: Scenario, turn: int) -> list[tuple[Leg, Fault]]:
    """Half of the faults, each at another writing request."""
    cases = list(matrix.cases(scenario))
    writing = [request.point for request in matrix.undisturbed(scenario.legs[0]).requests if request.is_writing]
    chosen = []
    for number, kind in enumerate(FAULTS[turn % 2 :: 2]):
        point = writing[(number + turn) % len(writing)]
        chosen.append(next(case for case in cases if case[1] == Fault(kind, point)))
    return chosen


@pytest.mark.long
@pytest.mark.parametrize("name", BY_NAME)
def test_every_fault_at_every_request_is_made_good(matrix: Matrix, name: str) -> None:
    """Every request of the scenario × every fault."""
    _holds(matrix, BY_NAME[name], list(matrix.cases(BY_NAME[name])))
