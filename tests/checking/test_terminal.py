"""The report in a terminal says everything in the reader's language."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pipelines.checking.report import Report, Sample
from pipelines.findings import Language
from pipelines.shell import check_report
from tests.checking.example import example


def shown(report: Report, language: Language) -> str:
    out = io.StringIO()
    check_report.show(Console(file=out, width=100), report, language)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ["修正が必要です", "提出前に必ず直すもの", "B5:B12", "９９８ → 998", "1.0.0 から", "毎年同じ様式"]),
        ("en", ["Needs mending", "Mend before handing it in", "B5:B12", "９９８ → 998", "since 1.0.0", "one layout"]),
    ],
)
def test_a_report_reads_in_both_languages(language: Language, words: list[str]) -> None:
    """Verdict, what must be mended, ranges, proposals, the difference, and what is left to a person."""
    text = shown(example(), language)
    assert [word for word in words if word not in text] == []


def test_a_clean_file_is_short() -> None:
    """Nothing but the verdict in words."""
    text = shown(Report("a.csv", "", 1, "csv", "ready", 100), "ja")
    assert "0件・合格" in text
    assert len(text.splitlines()) < 8


def test_text_from_a_file_is_never_markup() -> None:
    """A cell that looks like the terminal's own markup is shown as it stands."""
    group = example().groups[0]
    odd = replace(group, samples=(Sample("[red]", "A1", "[bold]x[/]", "[link=http://x]1[/link]"),))
    assert "[bold]x[/] → [link=http://x]1[/link]" in shown(replace(example(), groups=(odd,)), "en")


def test_a_number_stored_as_text_is_told_as_such() -> None:
    """What to write looks the same, so the difference is said."""
    odd = replace(example().groups[1], samples=(Sample("", "A1", "998", "998"),))
    assert "as a number, not as text" in shown(replace(example(), groups=(odd,)), "en")


def test_no_line_is_cut_at_the_edge_of_the_panel() -> None:
    """The command's own console does not wrap; what stands in a frame has to."""
    out, report = io.StringIO(), example()
    check_report.show(Console(file=out, width=40, soft_wrap=True), report, "ja")
    framed = "".join(line.strip("│ ") for line in out.getvalue().splitlines() if line.startswith("│"))
    assert report.summary.ja.replace(" ", "") in framed.replace(" ", "")
