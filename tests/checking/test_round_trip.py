"""A department breaks a shipped delivery; `check` finds it before the night does, with the codes of the night."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.checking.check import check_file
from pipelines.checking.contract import groups_of
from pipelines.checking.report import Report
from pipelines.findings import Finding
from tests.kit import Town, result, town
from tests.night import faults
from tests.night.faults import FAULTS, Fault
from tests.night.towns import copied

NAMES = [faults.WASTE, faults.PREMIUMS, faults.HOUSEHOLD, faults.HISTORY]
# Ten ways over four kinds of files; a missing file can't be checked before it is handed in.
TEN = [
    (faults.WASTE, "letter"),
    (faults.WASTE, "doubled_key"),
    (faults.WASTE, "header"),
    (faults.WASTE, "sheet"),
    (faults.WASTE, "html_page"),
    (faults.WASTE, "cut_off"),
    (faults.PREMIUMS, "decimals"),
    (faults.HOUSEHOLD, "ragged"),
    (faults.HOUSEHOLD, "encoding"),
    (faults.HISTORY, "shifted"),
]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Five datasets after a good night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("healthy"), NAMES)
    assert made.night().exit_code == 0
    return made


def fault_of(dataset: str, name: str) -> Fault:
    return next(fault for fault in FAULTS if (fault.dataset, fault.name) == (dataset, name))


def asked(report: Report) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Code, count and places of what the contract says; the rules' own findings are advice here."""
    groups = [group for group in report.groups if not group.rule]
    return sorted((group.code, group.count, [(p.sheet, p.range) for p in group.places]) for group in groups)


def said(findings: list[Finding]) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """The same of a night's findings."""
    return sorted((g.code, g.count, [(p.sheet, p.range) for p in g.places]) for g in groups_of(findings))


@pytest.mark.parametrize(("dataset", "name"), TEN, ids=lambda part: part)
def test_check_says_before_what_the_night_says_after(healthy: Town, tmp_path: Path, dataset: str, name: str) -> None:
    """Codes, counts, sheets and cells are the same, and the verdict holds the file back as the night does."""
    own = copied(healthy, tmp_path)
    path = own.delivery(dataset)
    fault_of(dataset, name).edit(path)
    report = check_file(path, dataset=dataset, pipeline=own.open()).report
    assert report.verdict in {"mend", "unreadable"}
    night = result(own.night(), dataset)
    assert night.outcome == "held"
    assert asked(report) == said(list(night.findings))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_night_publishes_is_ready(healthy: Town, name: str) -> None:
    """The shipped deliveries are recognised and ready, whatever the rules advise, and change nothing."""
    report = check_file(healthy.delivery(name), pipeline=healthy.open()).report
    assert (report.dataset, report.verdict) == (name, "ready")
    assert report.difference is not None
    assert (report.difference.added, report.difference.changed, report.difference.removed) == (0, 0, 0)
