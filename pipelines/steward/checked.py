"""What a check shows: findings as a table with places that lead to the cell, what was found, and the remedy."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

import dagster as dg

from pipelines.findings import Finding, Language, visible
from pipelines.night import Result
from pipelines.reading.addresses import is_cell
from pipelines.steward import markdown
from pipelines.steward.links import Links, Spot

PASSED: Final = "0件・合格 / 0 findings, passed"
MOST: Final = 100
BYTES: Final = 40_000
_DIRECT: Final = 3  # cells that can be opened without opening the table
_HEADS: Final[dict[Language, tuple[str, ...]]] = {
    "ja": ("場所", "項目", "件数", "内容", "条件", "実際", "対応", "コード"),
    "en": ("place", "field", "count", "what", "expected", "found", "remedy", "code"),
}


def metadata(links: Links, result: Result, findings: Sequence[Finding]) -> Mapping[str, dg.MetadataValue]:
    """Findings as a table in each language, and links to the first cells."""
    if not findings:
        return {"件数 / findings": dg.MetadataValue.text(PASSED)}
    return {
        "件数 / findings": dg.MetadataValue.int(sum(finding.count for finding in findings)),
        **{label: dg.MetadataValue.url(address) for label, address in _first(links, result, findings).items()},
        "指摘の一覧": dg.MetadataValue.md(findings_table(links, result, findings, "ja")),
        "list of findings": dg.MetadataValue.md(findings_table(links, result, findings, "en")),
    }


def findings_table(links: Links, result: Result, findings: Sequence[Finding], language: Language) -> str:
    """Findings as Markdown, the true number of places with each."""
    rows = (_row(links, result, finding, language) for finding in findings[:MOST])
    return markdown.page(markdown.table(_HEADS[language], rows, BYTES))


def cell_link(links: Links, result: Result, finding: Finding) -> str:
    """The address of a finding's cell, of a range its first, of a whole sheet its top; empty without a delivery."""
    if result.delivery is None:
        return ""
    place = finding.place
    return links.cell(Spot(result.delivery.sha256, place.file, place.sheet, _first_cell(place.cell)))


def _first_cell(address: str) -> str:
    """`B6` of `B6:B9`, `A812` of `812:900`."""
    first = address.partition(":")[0]
    first = f"A{first}" if first.isdigit() else first
    return first if is_cell(first) else "A1"


def _first(links: Links, result: Result, findings: Sequence[Finding]) -> dict[str, str]:
    """The first cells by what they are called: `セル / cell B6`."""
    located = (finding for finding in findings if finding.place.cell)
    found = ((visible(f"セル / cell {f.place.cell}")[:40], cell_link(links, result, f)) for f in located)
    return dict(islice(((label, address) for label, address in found if address), _DIRECT))


def _row(links: Links, result: Result, finding: Finding, language: Language) -> list[str]:
    rule, facts, place = finding.rule, finding.facts, finding.place
    where = " ".join(filter(None, (place.sheet, place.cell or (str(place.line) if place.line else ""))))
    address = cell_link(links, result, finding)
    words = [text.fill(language, facts) for text in (rule.title, rule.expected, rule.remedy)]
    title, expected, remedy = map(markdown.text, words)
    shown = markdown.link(where, address) if address else markdown.text(where or place.file)
    return [
        shown,
        markdown.text(place.field),
        f"{finding.count:,}",
        title,
        expected,
        markdown.text(finding.found),
        remedy,
        f"`{finding.code}`",
    ]
