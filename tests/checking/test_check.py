"""What `opendata check` says of whole files, without and with a dataset, and that it writes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.checking.check import check_file
from pipelines.checking.report import Report
from tests import edits
from tests.kit import Town, town
from tests.night.towns import files
from tests.reading.sheets import text_file, workbook
from tests.shell.command import environment

WASTE = "waste_per_capita"
CLEAN = "年度,ごみの量(t)\n2021,998\n2022,902\n2023,871\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town that has published one workbook; its files are not to be changed."""
    made = town(tmp_path_factory.mktemp("published"), [WASTE])
    assert made.night().exit_code == 0
    return made


def codes(report: Report) -> list[str]:
    return [group.code for group in report.groups]


def changed(published: Town, tmp_path: Path, edit: edits.Edit) -> Path:
    path = tmp_path / published.delivery(WASTE).name
    path.write_bytes(published.delivery(WASTE).read_bytes())
    edit(path)
    return path


def test_a_clean_file_passes_and_says_so(published: Town, tmp_path: Path) -> None:
    """A plain CSV has no finding, the full score, and says so in words."""
    report = check_file(text_file(tmp_path / "x.csv", CLEAN), pipeline=published.open()).report
    assert (report.verdict, report.score, codes(report)) == ("ready", 100, [])
    assert report.summary.ja == "0件・合格"


def test_every_rule_is_accounted_for(published: Town, tmp_path: Path) -> None:
    """Of the 30 rules those that were not judged are named with the reason."""
    report = check_file(text_file(tmp_path / "x.csv", CLEAN), pipeline=published.open()).report
    assert [rule.rule for rule in report.not_judged] == [
        "L1-10", "L1-11", "L1-12", "L1-13", "L2-06", "L3-02", "L3-07", "L3-08",
    ]  # fmt: skip


def test_a_fault_down_a_column_is_one_finding_with_count_and_range(published: Town, tmp_path: Path) -> None:
    """Ninety cells with a unit are one group with its range, its true count, and proposals."""
    rows: Sequence[Sequence[object]] = [("区", "ごみの量"), *((f"区{i}", f"{900 + i}ｇ") for i in range(1200))]
    report = check_file(workbook(tmp_path / "x.xlsx", rows), pipeline=published.open()).report
    (found,) = [group for group in report.groups if group.rule == "L2-01"]
    assert (found.count, [place.range for place in found.places]) == (1200, ["B2:B1201"])
    assert (found.samples[0].found, found.samples[0].proposal) == ("900ｇ", "900")
    assert report.verdict == "mend"


def test_a_delivery_is_recognised_and_its_contract_asked(published: Town, tmp_path: Path) -> None:
    """The file of last time is known by its headers and name; what the night refuses holds it back."""
    path = changed(published, tmp_path, edits.cells({"B7": "９Ｏ２"}))
    report = check_file(path, pipeline=published.open()).report
    assert report.recognised is not None
    assert (report.dataset, report.recognised.confidence) == (WASTE, 1.0)
    assert [(g.code, g.places[0].range) for g in report.groups if g.blocking] == [("cell.integer", "B7")]
    assert report.verdict == "mend"
    assert report.difference is None  # a figure that can't be read does not vanish from what is public


def test_with_a_contract_the_rules_are_advice(published: Town, tmp_path: Path) -> None:
    """A workbook with title and merged header is ready when the night would publish it."""
    path = changed(published, tmp_path, edits.resaved)
    report = check_file(path, pipeline=published.open()).report
    assert report.verdict == "ready"
    assert {"readable.merged_cells", "readable.outside_table"} <= set(codes(report))
    assert not any(group.blocking for group in report.groups)


def test_the_difference_to_the_last_release_is_shown(published: Town, tmp_path: Path) -> None:
    """A changed value, a jump, and a row more are what the public will see."""
    path = changed(published, tmp_path, edits.cells({"B5": 997, "B6": 420, "A8": "令和3年度", "B8": 890}))
    difference = check_file(path, pipeline=published.open()).report.difference
    assert difference is not None
    assert (difference.added, difference.changed, difference.removed, difference.jumps) == (1, 2, 0, 1)
    assert (difference.samples[0].key, difference.samples[0].new, difference.samples[0].jump) == ("2017", "420", True)


def test_an_unsure_likeness_is_told_and_not_relied_on(published: Town, tmp_path: Path) -> None:
    """A file that has the headers but neither sheet nor name is told as a possibility; no contract is asked."""
    rows = [("年度", "1人1日当たり排出量(g)"), (2021, 900), (2022, 880)]
    report = check_file(workbook(tmp_path / "なにか.xlsx", rows), pipeline=published.open()).report
    assert report.dataset is None
    assert report.recognised is None or report.recognised.confidence < 0.75


def test_checking_writes_nothing(published: Town, tmp_path: Path) -> None:
    """Store and catalogue are as they were, whatever was checked."""
    before = files(published.home)
    for edit in (edits.resaved, edits.cells({"B7": "９Ｏ２"}), edits.cut_off):
        check_file(changed(published, tmp_path, edit), dataset=WASTE, pipeline=published.open())
    assert files(published.home) == before


@pytest.mark.parametrize(
    ("edit", "code", "told"),
    [
        (edits.resaved, 0, "提出できます（改善の提案 7種）"),
        (edits.cells({"B7": "９Ｏ２"}), 1, "修正が必要です"),
        (edits.html_page, 2, "ファイルを読めません"),
        (edits.emptied, 2, "ファイルを読めません"),
    ],
)
def test_exit_codes_and_verdicts(
    published: Town,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    edit: edits.Edit,
    code: int,
    told: str,
) -> None:
    """0: hand it in; 1: mend it; 2: it can't be read. The verdict stands in words, the JSON has the same."""
    path = changed(published, tmp_path, edit)
    for name, value in environment(published, OPENDATA_LANG_OPTION="ja").items():
        monkeypatch.setenv(name, value)
    for options in (["--lang", "ja"], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["opendata", "check", str(path), "--dataset", WASTE, *options])
        assert cli.run() == code
    shown, _, data = capfd.readouterr().out.partition("\n{\n")
    assert told in shown
    assert json.loads("{" + data)["headline"]["ja"] == told
