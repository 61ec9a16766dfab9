"""The report is plain data that says everything in both languages."""

from __future__ import annotations

import json

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
