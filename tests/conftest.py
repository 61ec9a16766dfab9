"""Fixtures that many tests share."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings

from pipelines.night import Night, run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings
from tests import drawings
from tests.kit import Town, deliveries, town

drawings.prepare()
# `make test` tries the same examples every time: it judges the change, not the day. `make test-long` tries new ones.
settings.register_profile("same", derandomize=True)

STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once: when Python tidies up, duckdb 2.0 prints pages below pytest's closing line."""
    if STATUS in config.stash and not hasattr(config, "workerinput"):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, Night]:
    """The whole city after its first night; read it, don't change it."""
    home = tmp_path_factory.mktemp("city")
    with deliveries():
        pipeline = Pipeline.open(Settings(root=REPOSITORY, home=home))
        night = run_night(pipeline, "test")
    return pipeline, night


@pytest.fixture
def small(tmp_path) -> Town:
    """Three datasets that keep all promises: a workbook, a wide table, and one with a text key."""
    return town(tmp_path, ["waste_per_capita", "nambu_line_station_passengers", "population_by_ward"])
