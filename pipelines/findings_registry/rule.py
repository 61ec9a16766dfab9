"""How a kind of finding is written down: one call, a row of the table."""

from __future__ import annotations

from pipelines.findings import Rule, Severity, Task, Text

CELL = ("「{field_ja}」の", "“{field_en}”: ")


def rule(
    code: str,
    task: Task,
    title: tuple[str, str],
    expected: tuple[str, str],
    remedy: tuple[str, str],
    bad: str,
    good: str,
    severity: Severity = "error",
) -> Rule:
    """One kind of finding; an error unless said otherwise."""
    return Rule(code, severity, task, Text(*title), Text(*expected), Text(*remedy), bad, good)
