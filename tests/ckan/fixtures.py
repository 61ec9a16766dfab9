"""Fixtures of the tests that let publications go wrong; conftest.py takes them in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ckan.instance import Ckan
from tests.ckan.matrix import Matrix, Tally, table
from tests.ckan.person import Person, person_of
from tests.ckan.proxy import proxying
from tests.ckan.scenes import Scenes, make
from tests.ckan.state import forget
from tests.kills.zygote import Nights, zygote

TALLIES = pytest.StashKey[list[Tally]]()


@pytest.fixture(scope="session")
def publishers() -> Iterator[tuple[Nights, Nights]]:
    """Two processes that fork publishers: one for those under test, one for those that come in between."""
    with zygote() as nights, zygote() as rivals:
        yield nights, rivals


@pytest.fixture(scope="session")
def scenes(ckan: Ckan, publishers: tuple[Nights, Nights], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenes]:
    """A synthetic dataset whose releases lie in a store; CKAN has nothing of it."""
    made = make(ckan, *publishers, tmp_path_factory.mktemp("scenes"), "trials_stops")
    forget(ckan, made.package)
    yield made
    forget(ckan, made.package)


@pytest.fixture(scope="session")
def matrix(scenes: Scenes, request: pytest.FixtureRequest) -> Iterator[Matrix]:
    """The matrix; its table is printed when the session ends."""
    with proxying() as proxy:
        made = Matrix(scenes, proxy)
        yield made
    request.config.stash[TALLIES] = list(made.tallies.values())


@pytest.fixture(scope="session")
def person(ckan: Ckan) -> Person:
    """Somebody who edits the organisation's datasets in the browser."""
    return person_of(ckan, "environment")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if tallies := terminalreporter.config.stash.get(TALLIES, []):
        terminalreporter.section("publications into CKAN that went wrong")
        for line in table(tallies):
            terminalreporter.line(line)
