"""The checker meets the same hostile files as the night: it opens them or refuses them by code, and never breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.checking.check import check_file, judge
from pipelines.checking.opening import open_book
from pipelines.errors import DeliveryRefused
from pipelines.findings import Place
from pipelines.findings_registry import REGISTRY
from tests.hostile.files import FILES, Hostile
from tests.kit import Town
from tests.reading.sheets import text_file

HARMLESS = {"deep.xlsx", "dimension_lies.xlsx", "macro.xlsx", "links.xlsx", "runs.xlsx"}


@pytest.mark.parametrize("hostile", FILES, ids=lambda hostile: hostile.name)
def test_a_hostile_file_is_opened_or_refused_by_code(tmp_path: Path, hostile: Hostile) -> None:
    """What only looks dangerous is judged as any other file; everything else is refused before it costs anything."""
    path = tmp_path / hostile.name
    hostile.make(path)
    try:
        judge(open_book(path, Place(file=path.name)), blocking=True)
        refused = ""
    except DeliveryRefused as refusal:
        refused = refusal.code
    assert refused in REGISTRY or (refused == "" and path.name in HARMLESS)


def test_broken_quotes_are_told_with_their_line(tmp_path: Path) -> None:
    """As the night tells them, and with its code."""
    path = text_file(tmp_path / "x.csv", '年度,量\n2020,"1"0\n2021,2\n')
    report = check_file(path, pipeline=Town(Path(__file__).parents[2], tmp_path / "home").open()).report
    assert (report.verdict, report.groups[0].code, report.groups[0].places[0].range) == (
        "unreadable",
        "csv.quotes",
        "2:2",
    )
