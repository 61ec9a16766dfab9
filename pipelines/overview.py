"""The night on one page, as Markdown in both languages: every dataset with state, reason and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from pipelines.findings import Finding, Text
from pipelines.night import Night, Result
from pipelines.pipeline import Pipeline
from pipelines.plan import Plan, Planned
from pipelines.shell.words import REASONS, STATES
from pipelines.steward import markdown
from pipelines.steward.checked import cell_link
from pipelines.steward.links import Links

BYTES: Final = 60_000
_PLAN: Final = ("データセット / dataset", "状態 / state", "理由 / reason")
_RESULTS: Final = (*_PLAN[:2], "版 / version", "内容 / what", "対応 / remedy", "セル / cell")
_QUIET: Final = {"unchanged"}


def plan_table(plan: Plan, pipeline: Pipeline) -> str:
    """What a night is going to do with every dataset, and why; what is to be done comes first."""
    items = sorted(plan, key=lambda item: item.state == "unchanged")
    return markdown.table(_PLAN, (_planned(item, pipeline) for item in items), BYTES)


def _planned(item: Planned, pipeline: Pipeline) -> list[str]:
    return [_dataset(item.name, pipeline), _both(STATES[item.state]), _both(REASONS[item.why])]


def results_table(night: Night, pipeline: Pipeline, links: Links) -> str:
    """What a night did with every dataset that is not unchanged, with each error's remedy and cell."""
    results = [result for result in night.results if result.outcome not in _QUIET]
    rows = (row for result in results for row in _result(result, pipeline, links))
    return "\n\n".join(
        [_counted(night.results), markdown.table(_RESULTS, rows, BYTES)] if results else [_counted(night.results)]
    )


def _counted(results: Iterable[Result]) -> str:
    counts = Counter(result.outcome for result in results)
    return "、".join(f"{_both(STATES[outcome])}: {count}" for outcome, count in counts.most_common())


def _result(result: Result, pipeline: Pipeline, links: Links) -> Iterator[list[str]]:
    """One row, or one for each error."""
    errors = [finding for finding in result.findings if finding.severity == "error"]
    version = result.ref.version if result.ref else "—"
    head = [_dataset(result.name, pipeline), _both(STATES[result.outcome]), version]
    if not errors:
        yield [*head, "", "", ""]
    for finding in errors:
        yield [*head, *_finding(finding), _cell(links, result, finding)]


def _finding(finding: Finding) -> list[str]:
    """What is wrong and what to do, and the found value between them."""
    rule, facts = finding.rule, finding.facts
    found = f" {markdown.text(f'「{finding.found}」')}" if finding.found else ""
    title, remedy = (Text(text.fill("ja", facts), text.fill("en", facts)) for text in (rule.title, rule.remedy))
    return [f"{_both(title)}{found}", _both(remedy)]


def _cell(links: Links, result: Result, finding: Finding) -> str:
    place = finding.place
    where = " ".join(filter(None, (place.sheet, place.cell))) or place.file
    address = cell_link(links, result, finding)
    return markdown.link(where, address) if address else markdown.text(where)


def _dataset(name: str, pipeline: Pipeline) -> str:
    title = pipeline.repository[name].schema.title
    return f"[{markdown.text(title.ja)}](/assets/release/{name}) {markdown.text(name)}"


def _both(text: Text) -> str:
    return markdown.text(f"{text.ja} / {text.en}") if text.ja else ""
