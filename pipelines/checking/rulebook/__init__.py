"""The 30 rules of 「行政データにおける機械可読性に関するルール」(2026-03-31): ids, levels, severities, words, judges, examples.

Titles say what is wrong. Severities are those of the Digital Agency's sample checker. `limits` says what of a rule a
machine can't see; a rule without a judge is left to a person. docs/rules.md and tests come from here.
"""

from __future__ import annotations

from typing import Final

from pipelines.checking.rulebook.level_1 import LEVEL_1
from pipelines.checking.rulebook.level_2 import LEVEL_2
from pipelines.checking.rulebook.level_3 import LEVEL_3
from pipelines.checking.rulebook.rule import Example, SheetRule

__all__ = ["BY_CODE", "RULES", "Example", "SheetRule"]

RULES: Final = (*LEVEL_1, *LEVEL_2, *LEVEL_3)
BY_CODE: Final = {rule.code: rule for rule in RULES}
