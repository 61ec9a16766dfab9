"""What the page of the Dagster UI shows to the person who approves: the check that stopped it, and every value."""

from __future__ import annotations

from pathlib import Path

from pipelines.steward import awaited, pages
from pipelines.steward.links import Links
from tests.hand.wards import NAME, deliver, figures, made
from tests.kit import result


def test_the_check_shows_the_difference_cell_by_cell(tmp_path: Path) -> None:
    """Only `unsurprising` fails; it has old and new of each value with its cell, and the command, in both languages."""
    town = made(tmp_path)
    town.night()
    deliver(town, {key: value + 1 for key, value in figures().items()})
    held = result(town.night(), NAME)
    failed = [check.name for check in pages.CHECKS if any(check.covers(finding) for finding in held.findings)]
    assert failed == ["unsurprising"]
    pipeline = town.open()
    shown = awaited.metadata(pipeline, Links.of(town.settings), held, held.findings)
    texts = {key: str(value.value) for key, value in shown.items()}
    assert texts["承認 / approve"].startswith(f"opendata approve {NAME} ")
    assert texts["差分の件数 / rows"] == "+0 ~119 -0"
    for key in ("公開中の版との差", "difference to what is published"):
        assert "2015 01" in texts[key]
        assert "1010" in texts[key]
        assert "1011" in texts[key]
        assert "C2" in texts[key]
