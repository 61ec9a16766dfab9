"""What a check came to: plain frozen data that the terminal, the HTML report and the annotated copy all show.

Nothing here is computed; words stand in both languages and come from the registries, so that a face only lays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pipelines.findings import Task, Text
from pipelines.words import ADVICE, LOOK, counted
from pipelines.words import SEVERITIES as WEIGHTS

Json: TypeAlias = "dict[str, object]"
Kind = Literal["xlsx", "xls", "csv", "html", "empty", "unknown"]
# The severities of the Digital Agency's sample checker, the gravest first. What holds a dataset back is `fatal`,
# what the contract only warns of is `medium`.
Severity = Literal["fatal", "critical", "major", "high", "medium", "minor", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("fatal", "critical", "major", "high", "medium", "minor", "low")
# `file`: it can't be opened; `contract`: what the night asks of a known dataset; the others are levels of the rules.
Level = Literal["file", "contract", "L1", "L2", "L3"]
# `ready`: hand it in as it is; `mend`: something holds it back; `unreadable`: nothing could be checked.
Verdict = Literal["ready", "mend", "unreadable"]


@dataclass(frozen=True, slots=True)
class Range:
    """An A1 address or range of a sheet (`B5`, `B5:B90`, `3:3` rows, `C:C` columns); the sheet is empty for a CSV.

    An empty range is the sheet as a whole; an empty sheet and range the file as a whole.
    """

    sheet: str
    range: str

    def as_dict(self) -> Json:
        """JSON form."""
        return {"sheet": self.sheet, "range": self.range}


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the places of a group: what stands there, and what to write instead where that can be derived."""

    sheet: str
    cell: str
    found: str
    proposal: str = ""

    def as_dict(self) -> Json:
        """JSON form."""
        return {"sheet": self.sheet, "cell": self.cell, "found": self.found, "proposal": self.proposal}


@dataclass(frozen=True, slots=True)
class Group:
    """One fault with all its places.

    `rule` is the id of one of the 30 rules (`L1-12`), empty for what the contract asks; `blocking` whether it has to be
    mended before the file is handed in. `count` is the true number of places, `places` joins neighbours and has the
    first of them only where there are very many; `samples` are a few. `found` is one line in both languages.
    """

    code: str
    rule: str
    level: Level
    severity: Severity
    blocking: bool
    whose: Task
    title: Text
    found: Text
    expected: Text
    remedy: Text
    places: Sequence[Range] = ()
    count: int = 1
    samples: Sequence[Sample] = ()

    @property
    def weight(self) -> Text:
        """How much it matters: what does not hold the file back is advice, or for a person to look at."""
        if self.level == "contract" and not self.blocking:
            return LOOK
        return (WEIGHTS if self.blocking else ADVICE)[self.severity]

    def as_dict(self) -> Json:
        """JSON form."""
        texts = {name: text_as_dict(getattr(self, name)) for name in ("title", "found", "expected", "remedy")}
        return {
            "code": self.code,
            "rule": self.rule,
            "level": self.level,
            "severity": self.severity,
            "blocking": self.blocking,
            "whose": self.whose,
            **texts,
            "count": self.count,
            "places": [place.as_dict() for place in self.places],
            "samples": [sample.as_dict() for sample in self.samples],
        }


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A rule that was not judged here, and why: a person has to look."""

    rule: str
    level: Level
    severity: Severity
    title: Text
    why: Text

    def as_dict(self) -> Json:
        """JSON form."""
        texts = {"title": text_as_dict(self.title), "why": text_as_dict(self.why)}
        return {"rule": self.rule, "level": self.level, "severity": self.severity, **texts}


@dataclass(frozen=True, slots=True)
class Recognised:
    """The dataset that a file looks like a delivery of. `confidence` from 0 to 1; `why` says what agrees."""

    dataset: str
    title: Text
    confidence: float
    why: Text

    def as_dict(self) -> Json:
        """JSON form."""
        texts = {"title": text_as_dict(self.title), "why": text_as_dict(self.why)}
        return {"dataset": self.dataset, "confidence": self.confidence, **texts}


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that the public will see change. `key` is the row's primary key; `change` as in changes.csv."""

    change: Literal["added", "changed", "removed"]
    key: str
    field: Text
    old: str
    new: str
    jump: bool = False

    def as_dict(self) -> Json:
        """JSON form."""
        values = {"key": self.key, "field": text_as_dict(self.field), "old": self.old, "new": self.new}
        return {"change": self.change, **values, "jump": self.jump}


@dataclass(frozen=True, slots=True)
class Difference:
    """What a release of this file would change against the last one: rows added and removed, values changed.

    `jumps` counts the changed values that differ by more than half; `samples` has jumps first.
    """

    since: str
    rows: int
    added: int
    changed: int
    removed: int
    jumps: int = 0
    samples: Sequence[Changed] = ()

    def as_dict(self) -> Json:
        """JSON form."""
        counts = {name: getattr(self, name) for name in ("since", "rows", "added", "changed", "removed", "jumps")}
        return {**counts, "samples": [sample.as_dict() for sample in self.samples]}


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of one file came to. `groups` stand in the order in which to mend them.

    `dataset` is the one whose contract was asked (named by the user, or recognised); `recognised` what the file looks
    like, also where that was not sure enough to ask. `score` is of 100, None where nothing could be judged.
    """

    file: str
    sha256: str
    size: int
    kind: Kind
    verdict: Verdict
    score: int | None
    dataset: str | None = None
    recognised: Recognised | None = None
    groups: Sequence[Group] = ()
    not_judged: Sequence[NotJudged] = ()
    difference: Difference | None = None

    @property
    def totals(self) -> dict[Severity, int]:
        """The number of groups by severity, the gravest first, without those that are none."""
        counts = {severity: sum(group.severity == severity for group in self.groups) for severity in SEVERITIES}
        return {severity: count for severity, count in counts.items() if count}

    @property
    def places(self) -> int:
        """How many places there are to mend, over all groups."""
        return sum(group.count for group in self.groups)

    @property
    def headline(self) -> Text:
        """The verdict in one line."""
        if self.verdict == "ready" and self.groups:
            number = len(self.groups)
            return Text(f"提出できます（改善の提案 {number}種）", f"Can be handed in ({counted(number, 'suggestion')})")
        return HEADLINES[self.verdict]

    @property
    def weights(self) -> list[tuple[Text, Severity, int]]:
        """How many groups there are of each weight, what has to be mended first, each with its severity."""
        counts: dict[Text, tuple[Severity, int]] = {}
        for group in sorted(self.groups, key=lambda one: (not one.blocking, SEVERITIES.index(one.severity))):
            severity, number = counts.get(group.weight, (group.severity, 0))
            counts[group.weight] = severity, number + 1
        return [(weight, *found) for weight, found in counts.items()]

    @property
    def summary(self) -> Text:
        """How many findings there are, in words: a clean file says so."""
        if not self.groups and self.verdict == "ready":
            return Text("0件・合格", "0 findings: passed")
        blocking = sum(group.blocking for group in self.groups)
        ja = f"指摘 {len(self.groups)}種・{self.places:,}か所（うち提出前に必ず直すもの {blocking}種）"
        kinds, places = counted(len(self.groups), "finding"), counted(self.places, "place")
        return Text(ja, f"{kinds} in {places} ({blocking} to mend before handing in)")

    def as_dict(self) -> Json:
        """JSON form: facts first; both languages whatever was chosen."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "size": self.size,
            "kind": self.kind,
            "dataset": self.dataset,
            "recognised": self.recognised.as_dict() if self.recognised else None,
            "verdict": self.verdict,
            "headline": text_as_dict(self.headline),
            "summary": text_as_dict(self.summary),
            "score": self.score,
            "totals": self.totals,
            "places": self.places,
            "groups": [group.as_dict() for group in self.groups],
            "not_judged": [rule.as_dict() for rule in self.not_judged],
            "difference": self.difference.as_dict() if self.difference else None,
        }


HEADLINES: Final[dict[Verdict, Text]] = {
    "ready": Text("このまま提出できます", "Ready to hand in"),
    "mend": Text("修正が必要です", "Needs mending"),
    "unreadable": Text("ファイルを読めません", "The file can't be read"),
}


def text_as_dict(text: Text) -> dict[str, str]:
    """Both languages of a text."""
    return {"ja": text.ja, "en": text.en}
