"""What a rule of the rulebook is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipelines.checking.report import Level, Severity
from pipelines.checking.rules.kit import Judge
from pipelines.checking.sheet import Book
from pipelines.findings import Text

Pair = tuple[str, str]
Example = Callable[[], Book]


@dataclass(frozen=True, slots=True)
class SheetRule:
    """One of the 30 rules. `kinds` are the files that it speaks of; `bad` breaks it, `good` does not."""

    id: str
    code: str
    severity: Severity
    title: Text
    expected: Text
    remedy: Text
    judge: Judge | None
    limits: Text | None
    bad: Example | None
    good: Example | None
    kinds: frozenset[str]

    @property
    def level(self) -> Level:
        """The level, from the id."""
        return "L1" if self.id.startswith("L1") else "L2" if self.id.startswith("L2") else "L3"


WORKBOOKS: Final = frozenset(["xlsx", "xls"])
CSV: Final = frozenset(["csv"])
EVERY: Final = WORKBOOKS | CSV


def rule(
    rule_id: str,
    code: str,
    severity: Severity,
    title: Pair,
    expected: Pair,
    remedy: Pair,
    judge: Judge | None = None,
    bad: Example | None = None,
    good: Example | None = None,
    limits: Pair | None = None,
    kinds: frozenset[str] = EVERY,
) -> SheetRule:
    """One row of a rulebook, as its tables are written."""
    said = Text(*limits) if limits else None
    texts = Text(*title), Text(*expected), Text(*remedy)
    return SheetRule(rule_id, f"readable.{code}", severity, *texts, judge, said, bad, good, kinds)
