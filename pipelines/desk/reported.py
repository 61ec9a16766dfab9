"""A report of a check as marks for a workbook, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.checking.report import Group, Report
from pipelines.desk.indexsheet import Cover
from pipelines.desk.marks import Mark, area
from pipelines.desk.words import word
from pipelines.findings import Language


def cover_of(report: Report, language: Language, *remarks: str) -> Cover:
    """What stands above the list of findings."""
    score = f" {word('score', language)} {report.score}/100" if report.score is not None else ""
    return Cover(report.headline.said(language), report.summary.said(language) + score, remarks)


def marks_of(report: Report, language: Language, only_sheet: str = "") -> list[Mark]:
    """The findings in their order, one mark for each sheet of each. Of a text file all stand on `only_sheet`."""
    return [mark for group in report.groups for mark in _of_group(group, language, only_sheet)]


def _of_group(group: Group, language: Language, only_sheet: str) -> Iterator[Mark]:
    sheets = list(dict.fromkeys(place.sheet or only_sheet for place in group.places)) or [only_sheet]
    for sheet in sheets:
        places = [place.range for place in group.places if (place.sheet or only_sheet) == sheet and place.range]
        yield Mark(
            sheet=sheet,
            places=[place for place in places if is_address(place)],
            title=title_of(group, language),
            text=_text(group, language),
            severity="error" if group.blocking else "warn",
            count=group.count if len(sheets) == 1 else max(len(places), 1),
            cells=_proposals(group, language, sheet, only_sheet),
        )


def title_of(group: Group, language: Language) -> str:
    """The rule's id, or the code where there is none, and what is wrong."""
    return f"[{group.rule or group.code}] {group.title.said(language)}"


def _text(group: Group, language: Language) -> str:
    parts = [(key, getattr(group, key).said(language)) for key in ("found", "expected", "remedy")]
    lines = [f"{word(key, language)}: {text}" for key, text in parts if text]
    changes = [_change(s.found, s.proposal, language) for s in group.samples if s.proposal]
    return "\n".join([*lines, *(f"{word('proposals', language)}: {change}" for change in changes[:3])])


def _proposals(group: Group, language: Language, sheet: str, only_sheet: str) -> dict[str, str]:
    """What to write instead, at the cells where that can be derived."""
    here = [s for s in group.samples if (s.sheet or only_sheet) == sheet and s.proposal and is_address(s.cell)]
    return {sample.cell: _change(sample.found, sample.proposal, language) for sample in here}


def _change(found: str, proposal: str, language: Language) -> str:
    return word("proposal", language, found=found, proposal=proposal)


def is_address(text: str) -> bool:
    """Whether a spreadsheet knows the place: a CSV can have more rows than a sheet."""
    try:
        area(text)
    except ValueError:
        return False
    return True
