"""The scenes that nights are killed in, and the table of what became of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kills.scenes import Scene, Tally, scenes
from tests.kills.zygote import Nights, zygote

TALLIES = pytest.StashKey[list[Tally]]()


@pytest.fixture(scope="session")
def nights() -> Iterator[Nights]:
    """A process that forks children."""
    with zygote() as found:
        yield found


@pytest.fixture(scope="session")
def all_scenes(nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scene]]:
    """Every town before its night."""
    with scenes(nights, tmp_path_factory.mktemp("kills")) as found:
        yield found


@pytest.fixture
def tallies(request: pytest.FixtureRequest) -> list[Tally]:
    """Where a test puts a line for the table."""
    return request.config.stash.setdefault(TALLIES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if tallies := terminalreporter.config.stash.get(TALLIES, []):
        heads = ("points", "kills", "stops", "looks", "wrong states", "wrong reads")
        terminalreporter.section("nights killed")
        terminalreporter.line(f"{'':<34}" + "".join(f"{head:>14}" for head in heads))
        for tally in tallies:
            terminalreporter.line(tally.row)
