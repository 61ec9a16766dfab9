"""The night on one page, as Markdown: every dataset with state, reason and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from pipelines.findings import Finding, Language
from pipelines.night import Night, Result
from pipelines.pipeline import Pipeline
from pipelines.plan import Plan, Planned
from pipelines.shell.words import REASONS
from pipelines.steward import markdown
from pipelines.steward.checked import cell_link
from pipelines.steward.links import Links
from pipelines.words import STATES, listed

BYTES: Final = 40_000
_PLAN: Final[dict[Language, tuple[str, ...]]] = {
    "ja": ("データセット", "状態", "理由"),
    "en": ("dataset", "state", "reason"),
}
_RESULTS: Final[dict[Language, tuple[str, ...]]] = {
    "ja": ("データセット", "状態", "版", "セル", "内容", "対応"),
    "en": ("dataset", "state", "version", "cell", "what", "remedy"),
}


def plan_table(plan: Plan, pipeline: Pipeline, language: Language) -> str:
    """What a night is going to do with every dataset, and why; what is to be done comes first."""
    items = sorted([*plan, *plan.departed], key=lambda item: item.state == "unchanged")
    rows = (_planned(item, pipeline, language) for item in items)
    return markdown.page(markdown.table(_PLAN[language], rows, BYTES))


def _planned(item: Planned, pipeline: Pipeline, language: Language) -> list[str]:
    words = [STATES[item.state].said(language), REASONS[item.why].said(language)]
    return [_dataset(item.name, pipeline, language), *map(markdown.text, words)]


def results_table(night: Night, pipeline: Pipeline, links: Links, language: Language) -> str:
    """What a night did with every dataset that is not unchanged, with each error's remedy and cell."""
    results = [result for result in night.results if result.outcome != "unchanged"]
    rows = (row for result in results for row in _result(result, pipeline, links, language))
    table = [markdown.table(_RESULTS[language], rows, BYTES)] if results else []
    return markdown.page("\n\n".join([_counted(night.results, language), *table]))


def _counted(results: Iterable[Result], language: Language) -> str:
    counts = Counter(result.outcome for result in results)
    return listed([f"{STATES[outcome].said(language)} {count}" for outcome, count in counts.most_common()], language)


def _result(result: Result, pipeline: Pipeline, links: Links, language: Language) -> Iterator[list[str]]:
    """One row, or one for each error."""
    errors = [finding for finding in result.findings if finding.severity == "error"]
    version = result.ref.version if result.ref else "—"
    head = [_dataset(result.name, pipeline, language), STATES[result.outcome].said(language), version]
    if not errors:
        yield [*head, "", "", ""]
    for finding in errors:
        yield [*head, _cell(links, result, finding), *_finding(finding, language)]


def _finding(finding: Finding, language: Language) -> list[str]:
    """What is wrong, with the found value, and what to do."""
    title, remedy = (text.fill(language, finding.facts) for text in (finding.rule.title, finding.rule.remedy))
    return [markdown.text(f"{title} {finding.quoted(language)}".rstrip()), markdown.text(remedy)]


def _cell(links: Links, result: Result, finding: Finding) -> str:
    place = finding.place
    where = " ".join(filter(None, (place.sheet, place.cell))) or place.file
    address = cell_link(links, result, finding)
    return markdown.link(where, address) if address else markdown.text(where)


def _dataset(name: str, pipeline: Pipeline, language: Language) -> str:
    if name not in pipeline.repository.datasets:
        return markdown.text(name)  # it has no page any more
    title = pipeline.repository[name].schema.title
    return f"[{markdown.text(title.said(language))}](/assets/release/{name})"
