"""Check one file: the 30 rules, and where its dataset is known what the night would do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from pipelines.checking.anatomy import find_table
from pipelines.checking.contract import Asked, ask, groups_of
from pipelines.checking.grouping import group
from pipelines.checking.opening import open_book
from pipelines.checking.recognise import SURE, recognise
from pipelines.checking.report import SEVERITIES, Group, Kind, NotJudged, Recognised, Report, Severity, Verdict
from pipelines.checking.rulebook import RULES, SheetRule
from pipelines.checking.rules.kit import View
from pipelines.checking.sheet import Book
from pipelines.durable import sha256_of
from pipelines.errors import ConfigurationError, DeliveryRefused
from pipelines.findings import Place, Text
from pipelines.pipeline import Pipeline
from pipelines.reading.kinds import format_of

# A rule that is broken takes its weight off a full score, however often it is broken.
WEIGHTS: Final[dict[Severity, int]] = {
    "fatal": 10,
    "critical": 6,
    "major": 4,
    "high": 4,
    "medium": 2,
    "minor": 1,
    "low": 1,
}
# Without a contract these have to be mended before a file is handed in; the others are advice.
BLOCKING: Final[frozenset[Severity]] = frozenset(["fatal", "critical", "major", "high"])
_OTHER_KIND: Final = Text("この形式のファイルには当てはまりません", "does not apply to a file of this kind")


@dataclass(frozen=True, slots=True)
class Checked:
    """A report, and the book that it is about (None when the file could not be read)."""

    report: Report
    book: Book | None


def check_file(path: Path, *, file: str = "", dataset: str | None = None, pipeline: Pipeline | None = None) -> Checked:
    """Check a file under the name that its department gave it. Writes nothing, neither to store nor catalogue.

    `dataset` names the contract to ask; without it one is asked that the file surely is a delivery of. Raises
    UnknownName when there is no such dataset, ConfigurationError when the descriptors can't be used.
    """
    file = file or path.name
    pipeline = pipeline or _pipeline(required=dataset is not None)
    if dataset is not None and pipeline is not None:
        pipeline.repository[dataset]  # an unknown name is told before anything is read
    sha256 = sha256_of(path)
    try:
        book = open_book(path, Place(file=file))
    except DeliveryRefused as refusal:
        return Checked(_unreadable(path, file, sha256, dataset, refusal), None)
    recognised = recognise(pipeline.repository, book, file) if pipeline and dataset is None else None
    chosen = dataset or (recognised.dataset if recognised and recognised.confidence >= SURE else None)
    asked = ask(pipeline, pipeline.repository[chosen], path, file, sha256) if chosen and pipeline else None
    return Checked(_report(path, file, sha256, book, chosen, recognised, asked), book)


def _pipeline(*, required: bool) -> Pipeline | None:
    """The pipeline of the settings; None where there is no city and none is needed."""
    try:
        return Pipeline.open()
    except ConfigurationError as error:
        if required or error.code != "config.no_city":
            raise
        return None


def _report(
    path: Path,
    file: str,
    sha256: str,
    book: Book,
    dataset: str | None,
    recognised: Recognised | None,
    asked: Asked | None,
) -> Report:
    by_rule = judge(book, blocking=asked is None)
    groups = in_order([*(asked.groups if asked else ()), *by_rule])
    verdict: Verdict = "mend" if any(found.blocking for found in groups) else "ready"
    return Report(
        file=file,
        sha256=sha256,
        size=path.stat().st_size,
        kind=book.kind,
        verdict=verdict,
        score=score(book, by_rule),
        dataset=dataset,
        recognised=recognised,
        groups=tuple(groups),
        not_judged=tuple(not_judged(book)),
        difference=asked.difference if asked else None,
    )


def _unreadable(path: Path, file: str, sha256: str, dataset: str | None, refusal: DeliveryRefused) -> Report:
    kind = format_of(path)
    shown = cast("Kind", kind if kind in {"xlsx", "xls", "html", "empty"} else "unknown")
    groups = tuple(groups_of([refusal.finding.at(dataset=dataset or "")]))
    return Report(file, sha256, path.stat().st_size, shown, "unreadable", None, dataset, groups=groups)


def judge(book: Book, *, blocking: bool) -> list[Group]:
    """What the 30 rules find in a book. `blocking`: whether the grave ones have to be mended first."""
    views = [View(book, sheet, find_table(sheet)) for sheet in book.sheets]
    rules = [rule for rule in RULES if book.kind in rule.kinds]
    found = (group(rule, views, blocking=blocking and rule.severity in BLOCKING) for rule in rules)
    return [each for each in found if each is not None]


def not_judged(book: Book) -> list[NotJudged]:
    """The rules that no machine can judge, and those that speak of other kinds of files."""
    return [
        NotJudged(rule.id, rule.level, rule.severity, rule.expected, why) for rule in RULES if (why := _why(rule, book))
    ]


def _why(rule: SheetRule, book: Book) -> Text | None:
    if book.kind not in rule.kinds:
        return _OTHER_KIND
    return rule.limits if rule.judge is None else None


def in_order(groups: Sequence[Group]) -> list[Group]:
    """What to mend first: what holds the file back, the contract before the rules, then by severity."""
    return sorted(
        groups, key=lambda g: (not g.blocking, g.level not in {"file", "contract"}, SEVERITIES.index(g.severity))
    )


def score(book: Book, found: Sequence[Group]) -> int:
    """Of 100: the weight of the rules that are kept among those that were judged."""
    judged = [rule for rule in RULES if rule.judge is not None and book.kind in rule.kinds]
    full = sum(WEIGHTS[rule.severity] for rule in judged)
    return round(100 * (full - sum(WEIGHTS[each.severity] for each in found)) / full)
