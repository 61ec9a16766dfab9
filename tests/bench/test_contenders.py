"""The contenders of `make bench` do the same work: what they find and what they write is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.durable import sha256_of
from pipelines.settings import Settings
from pipelines.store import Store
from tests.bench.contenders import hand, ours
from tests.bench.synthetic import make_town


def test_ours_and_the_hand_written_sql_come_to_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same implausible cells, and a CSV of the same bytes."""
    root, folder = tmp_path / "town", tmp_path
    make_town(root, 20_000)
    ours(root, folder)
    hand(root, folder)
    assert capsys.readouterr().out == 2 * "implausible 1\n"
    assert Store(Settings(root=root, home=folder / "home").store).has(sha256_of(folder / "t.csv"))
