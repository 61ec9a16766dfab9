"""What the check `unsurprising` shows: how a release that is held back differs from the last, and how to let it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import dagster as dg

from pipelines.errors import OpenDataError
from pipelines.findings import Finding, Language
from pipelines.held import SHORT
from pipelines.night import Result
from pipelines.pipeline import Pipeline
from pipelines.release.difference import KINDS
from pipelines.steward import markdown
from pipelines.steward.links import Links, Spot
from pipelines.steward.waiting import Change, Waiting, waiting

MOST: Final = 200
BYTES: Final = 40_000
_HEADS: Final[dict[Language, tuple[str, ...]]] = {
    "ja": ("変更", "キー", "項目", "公開中", "新", "新しい値のセル"),
    "en": ("change", "key", "field", "published", "new", "cell of the new value"),
}


def metadata(
    pipeline: Pipeline, links: Links, result: Result, findings: Sequence[Finding]
) -> Mapping[str, dg.MetadataValue]:
    """The difference as a table in each language, and the command. Nothing where nothing waits."""
    if not findings:
        return {}
    try:
        found = waiting(pipeline, result.name, MOST)
    except OpenDataError:  # the delivery changed or went in this very moment: the next night looks again
        return {}
    counts, command = found.difference, f"opendata approve {found.name} {found.candidate[:SHORT]} --reason …"
    return {
        "承認 / approve": dg.MetadataValue.text(command),
        "差分の件数 / rows": dg.MetadataValue.text(f"+{counts.added} ~{counts.changed} -{counts.removed}"),
        "公開中の版との差": dg.MetadataValue.md(_table(links, result, found, "ja")),
        "difference to what is published": dg.MetadataValue.md(_table(links, result, found, "en")),
    }


def _table(links: Links, result: Result, found: Waiting, language: Language) -> str:
    rows = [_row(links, result, change, language) for change in found.changes]
    return markdown.page(markdown.table(_HEADS[language], rows, BYTES))


def _row(links: Links, result: Result, change: Change, language: Language) -> list[str]:
    where = " ".join(filter(None, (change.sheet, change.cell)))
    cell = markdown.text(", ".join(change.refs))
    if where and result.delivery:
        address = links.cell(Spot(result.delivery.sha256, change.file, change.sheet, change.cell))
        cell = markdown.link(where, address)
    texts = (" ".join(change.key), change.field, change.old or "", change.new or "")
    return [KINDS[change.change].said(language), *map(markdown.text, texts), cell]
