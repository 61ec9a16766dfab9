"""Fixtures of the tests of Dagster's own records and processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.dagster_home import prepare
from pipelines.settings import Settings
from tests.running.postgres import Server, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL; each test that writes makes a database of its own."""
    with postgres() as running:
        yield running


@pytest.fixture
def dagster_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home with our settings."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OPENDATA_DAGSTER_POSTGRES", raising=False)
    prepare(Settings(home=tmp_path / "home"))
    return tmp_path / "home"
