"""The report is plain data that says everything in both languages."""

from __future__ import annotations

import json
from dataclasses import replace

from pipelines.checking.report import Report
from tests.checking.example import example


def test_a_report_is_json_with_both_languages() -> None:
    """JSON has every part of a report, and every text in Japanese and English."""
    data = json.loads(json.dumps(example().as_dict(), ensure_ascii=False))
    assert data["headline"] == {"ja": "修正が必要です", "en": "Needs mending"}
    assert data["totals"] == {"fatal": 2, "critical": 1}
    assert data["places"] == 13
    assert [group["code"] for group in data["groups"]] == [
        "cell.integer",
        "readable.number_as_text",
        "readable.merged_cells",
    ]
    assert data["groups"][1]["samples"][0] == {
        "sheet": "ごみ排出量",
        "cell": "B5",
        "found": "９９８",
        "proposal": "998",
    }
    assert data["difference"]["jumps"] == 1


def test_a_clean_file_says_so_in_words() -> None:
    """No finding is said in words, and a file that can't be read is never called clean."""
    assert Report("a.csv", "", 1, "csv", "ready", 100).summary.ja == "0件・合格"
    assert "合格" not in Report("a.csv", "", 1, "unknown", "unreadable", None).summary.ja


def test_what_holds_nothing_back_is_advice() -> None:
    """A file that can be handed in has nothing fatal; what has to be mended keeps its grave word."""
    report = example()
    assert [(weight.ja, count) for weight, _, count in report.weights] == [
        ("致命的", 1),
        ("推奨度：最高", 1),
        ("推奨度：高", 1),
    ]
    fit = replace(report, verdict="ready", groups=[group for group in report.groups if not group.blocking])
    assert fit.headline.ja == "提出できます（改善の提案 2種）"
    assert fit.headline.en == "Can be handed in (2 suggestions)"
    assert "致命的" not in {weight.ja for weight, _, _ in fit.weights}
