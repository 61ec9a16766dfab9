"""What the checker finds in real files is what is committed; `make acceptance` shows and measures the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.checking.check import check_file
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings
from tests.acceptance.known import REASONS, Told, changes, expected, files, told
from tests.kit import shared


def test_no_verdict_changes_unseen(tmp_path: Path) -> None:
    """Every file of the list is found by its hash, and has the findings by code that are expected of it."""
    pipeline = Pipeline.open(Settings(root=REPOSITORY, home=tmp_path))
    found = dict(files([shared("realdata")]))
    known = expected()
    assert known.keys() <= found.keys()
    wrong = {}
    for sha256, before in known.items():
        path = found[sha256]
        if lines := changes(before, told(path.name, check_file(path, pipeline=pipeline).report)):
            wrong[path.name] = lines
    assert wrong == {}


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (Told("a", "mend", 90, {"x": 2, "y": 1}), []),
        (
            Told("a", "ready", 90, {"x": 3, "z": 1}),
            ["verdict mend → ready", "x: 2 → 3 places", "y: 1 → 0 places", "z: 0 → 1 places"],
        ),
    ],
)  # fmt: skip
def test_every_change_is_a_line(after: Told, lines: list[str]) -> None:
    """Verdict and every code whose places changed."""
    assert changes(Told("a", "mend", 90, {"x": 2, "y": 1}), after) == lines


def test_every_change_has_its_reason() -> None:
    """The reasons of all changes so far stand beside the list."""
    assert all(line.startswith("- ") for line in REASONS.read_text("utf-8").splitlines()[2:])
