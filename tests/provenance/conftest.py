"""What the tests of provenance share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.night import Night
from pipelines.pipeline import Pipeline


@pytest.fixture(scope="session")
def catalogue(city: tuple[Pipeline, Night]) -> Path:
    """The catalogue of the whole city."""
    return city[0].catalogues[0].root
