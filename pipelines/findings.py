"""Findings: one thing wrong, where, what was expected and found, and what to do about it.

A `Finding` names a rule of the registry by its stable code and carries only facts; every word that a
person reads comes from the registry, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Language = Literal["ja", "en"]
Severity = Literal["error", "warn"]
Task = Literal["department", "operator"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages. `{name}` places are filled from a finding's facts."""

    ja: str
    en: str

    def said(self, language: Language) -> str:
        """The sentence in one language, as it stands."""
        return self.ja if language == "ja" else self.en

    def fill(self, language: Language, facts: Mapping[str, str]) -> str:
        """The same with its places filled; a place without a fact is a bug and raises KeyError."""
        return self.said(language).format_map(facts)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding. `bad` and `good` are examples that a test runs or a person can follow."""

    code: str
    severity: Severity
    task: Task
    title: Text
    expected: Text
    remedy: Text
    bad: str
    good: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is. `cell` is an A1 address or range as a spreadsheet shows it; `line` a line of a text file."""

    dataset: str = ""
    file: str = ""
    sheet: str = ""
    cell: str = ""
    line: int = 0
    field: str = ""

    def text(self) -> str:
        """`file ▸ sheet ▸ cell`, leaving out what is not known."""
        line = f"{self.file}:{self.line}" if self.line else self.file
        field_ = f"({self.field})" if self.field else ""
        return visible(" ▸ ".join(part for part in (self.dataset, line, self.sheet, self.cell) if part) + field_)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `facts` fill the rule's texts; `count` is the true total, `samples` only some of the values."""

    code: str
    place: Place = Place()
    found: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    samples: Sequence[str] = ()
    severity_override: Severity | None = None

    @property
    def rule(self) -> Rule:
        """The rule of the registry that this finding breaks."""
        from pipelines.findings_registry import REGISTRY

        return REGISTRY[self.code]

    @property
    def severity(self) -> Severity:
        """`error` holds the dataset back, `warn` is shown and goes out."""
        return self.severity_override or self.rule.severity

    def text(self, language: Language) -> str:
        """One line a steward can forward: place, what is wrong, expected, found, remedy."""
        labels, signs = self._labels, _SIGNS[language]
        where = f"{self.place.text()}{signs.colon}" if self.place != Place() else ""
        times = _TIMES.fill(language, {"count": f"{self.count:,}"}) if self.count > 1 else ""
        title, expected, remedy = (
            text.fill(language, self.facts).strip() for text in (self.rule.title, self.rule.expected, self.rule.remedy)
        )
        parts = [(labels.expected, expected), (labels.found, self.quoted(language)), (labels.remedy, remedy)]
        told = (f"{label.said(language)}{signs.colon}{text}" for label, text in parts if text)
        return f"[{self.code}] {where}{signs.stop.join([title + times, *told])}{signs.end}"

    def quoted(self, language: Language, limit: int = 120) -> str:
        """What was found in quotes, on one line, with control characters made visible; long text is cut."""
        line = visible(self.found)
        shown = f"{line[:limit]}…" if len(line) > limit else line
        return shown and _SIGNS[language].quotes.format(shown)

    @property
    def _labels(self) -> _Labels:
        return CELL_LABELS if self.code.startswith("cell.") else LABELS

    def at(self, **where: str) -> Finding:
        """The same finding with some of its place filled in."""
        return replace(self, place=replace(self.place, **where))  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, object]:
        """JSON form: facts first, then the texts in both languages."""
        place = {k: v for k, v in vars_of(self.place).items() if v}
        return {
            "code": self.code,
            "severity": self.severity,
            "task": self.rule.task,
            "place": place,
            "found": self.found,
            "facts": dict(self.facts),
            "count": self.count,
            "samples": list(self.samples),
            "text": {"ja": self.text("ja"), "en": self.text("en")},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Finding:
        """Read back what `as_dict` wrote."""
        place, facts, samples = data["place"], data["facts"], data["samples"]
        if not (isinstance(place, dict) and isinstance(facts, dict) and isinstance(samples, list)):
            raise TypeError("a finding is a JSON object with place, facts and samples")
        return cls(
            code=str(data["code"]),
            place=Place(**place),
            found=str(data["found"]),
            facts={str(k): str(v) for k, v in facts.items()},
            count=int(str(data["count"])),
            samples=tuple(str(s) for s in samples),
            severity_override="warn" if data["severity"] == "warn" else "error",
        )


def vars_of(place: Place) -> dict[str, str | int]:
    """The fields of a place by name, in order."""
    return {name: getattr(place, name) for name in Place.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class _Labels:
    """What stands before each part of a finding's line."""

    expected: Text
    found: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class _Signs:
    """How a language separates the parts of a line, ends it, and quotes."""

    colon: str
    stop: str
    end: str
    quotes: str


LABELS = _Labels(Text("条件", "Expected"), Text("実際", "Found"), Text("対応", "Remedy"))
CELL_LABELS = replace(LABELS, expected=Text("正しい形", "Expected"), found=Text("入力値", "Found"))
_SIGNS: dict[Language, _Signs] = {"ja": _Signs("：", "。", "。", "「{}」"), "en": _Signs(": ", ". ", "", "“{}”")}
_TIMES = Text("（{count}件）", " ({count} times)")


def visible(text: str) -> str:
    """On one line; characters that are not seen, or that turn what follows around, by their number in hex."""
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\x{ord(c):02x}" for c in text)
