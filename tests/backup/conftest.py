"""A home with a history, to be backed up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backup.kit import copied, with_history
from tests.kit import Town


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Read it, don't change it."""
    return with_history(tmp_path_factory.mktemp("original"))


@pytest.fixture
def made(tmp_path: Path, original: Town) -> Town:
    """A copy of it, to be changed."""
    return copied(tmp_path, original)
