"""Every rule finds its bad example and leaves its good one alone; ids, levels and severities are the published ones."""

from __future__ import annotations

import re

import pytest

from pipelines.checking.anatomy import find_table
from pipelines.checking.grouping import group
from pipelines.checking.report import Group
from pipelines.checking.rulebook import RULES, SheetRule
from pipelines.checking.rules.kit import View
from pipelines.checking.sheet import Book
from tests.kit import shared

JUDGED = [rule for rule in RULES if rule.judge]


def found(rule: SheetRule, book: Book) -> Group | None:
    return group(rule, [View(book, sheet, find_table(sheet)) for sheet in book.sheets], blocking=True)


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.id)
def test_a_rule_finds_what_breaks_it(rule: SheetRule) -> None:
    """The example that breaks a rule is found, with places that are counted."""
    assert rule.bad is not None
    told = found(rule, rule.bad())
    assert told is not None
    assert told.rule == rule.id
    assert told.count >= len(told.places) >= 1


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.id)
def test_a_rule_leaves_alone_what_keeps_it(rule: SheetRule) -> None:
    """The example that keeps a rule is not found."""
    assert rule.good is not None
    assert found(rule, rule.good()) is None


def test_ids_and_severities_are_those_of_the_rules() -> None:
    """All 30 rules are there, with the severities that ../shared/japanese-open-data-rules.md lists."""
    text = shared("japanese-open-data-rules.md").read_text("utf-8")
    listed = re.findall(r"^\| (L[123]-\d\d) \|.*\| (\w+) \|$", text, re.MULTILINE)
    assert len(listed) == 30
    assert [(rule.id, rule.severity) for rule in RULES] == listed


def test_a_rule_without_a_judge_says_why() -> None:
    """What a machine can't judge is not guessed at, and the reason stands in both languages."""
    left = [rule for rule in RULES if rule.judge is None]
    assert [rule.id for rule in left] == ["L3-02", "L3-07", "L3-08"]
    assert all(rule.limits and rule.limits.ja and rule.limits.en for rule in left)
