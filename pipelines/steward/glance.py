"""A release at a glance, in one language, as Markdown: verdict, chart, what changed, the first and last rows.

Everything comes from the release's own files, so the page of an old run stays true. The goal is that of the plan as
it was released at the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.charts import Chart, NoChart, chart_of, described, plain_svg, specification
from pipelines.charts.chart import Goal
from pipelines.findings import Language, Text
from pipelines.release.record import Manifest
from pipelines.steward import markdown
from pipelines.steward.changes import MOST, Change, changes_of, changes_table
from pipelines.steward.rows import Preview, Shelf, preview_of, preview_table

TABLE_BYTES: Final = 10_000  # of each of the two tables, in each language: an event is kept for years
_DOTS: Final = 60  # points beyond which a line has none, for the same reason
_HEADS: Final[dict[str, Text]] = {
    "chart": Text("グラフ", "Chart"),
    "changes": Text("前の版からの変更", "Changes against the release before"),
    "rows": Text("最初と最後の行（値を押すと元のセル）", "First and last rows (a value leads to its cell)"),
    "first": Text("最初の版です。", "This is the first release."),
    "more": Text(f"先頭の{MOST}件です。", f"These are the first {MOST}."),
    "same": Text("値は変わっていません。", "No value changed."),
    "rekeyed": Text("主キーが変わったため、すべての行が新しい行です。", "The key changed, so every row is new."),
}


@dataclass(frozen=True, slots=True)
class _Read:
    """What the page needs of the release's files; read once for both languages."""

    chart: Chart | NoChart
    changes: Sequence[Change]
    preview: Preview


def glances(shelf: Shelf, release: Manifest, goal: Goal | None) -> dict[Language, str]:
    """The page in each language."""
    read = _Read(
        chart_of(release, shelf.store, goal), changes_of(shelf.store, release), preview_of(shelf.store, release)
    )
    return {"ja": _glance(shelf, release, read, "ja"), "en": _glance(shelf, release, read, "en")}


def _glance(shelf: Shelf, release: Manifest, read: _Read, language: Language) -> str:
    parts = {
        "chart": _chart(read.chart, language),
        "changes": _changes(shelf, release, read.changes, language),
        "rows": preview_table(shelf, release, read.preview, language, TABLE_BYTES),
    }
    sections = (f"### {_HEADS[name].said(language)}\n\n{text}" for name, text in parts.items())
    return markdown.page("\n\n".join(sections))


def _chart(chart: Chart | NoChart, language: Language) -> str:
    if isinstance(chart, NoChart):
        because = chart.reason.said(language)
        return f"グラフはありません（{because}）。" if language == "ja" else f"No chart, because {because}."
    words = "\n".join(f"- {markdown.text(line)}" for line in described(chart, language))
    dots = chart.kind == "bar" or sum(len(series.points) for series in chart.series) <= _DOTS
    picture = plain_svg(specification(chart, language), dots=dots)
    return f"{markdown.image(chart.title.said(language), picture)}\n\n{words}"


def counts(release: Manifest, language: Language) -> str:
    """How many rows came and went and how many values changed, in a line."""
    found = release.difference
    if found is None:
        return _HEADS["first"].said(language)
    if found.is_empty:
        return _HEADS["same"].said(language)
    return found.counts.said(language)


def _changes(shelf: Shelf, release: Manifest, changes: Sequence[Change], language: Language) -> str:
    if release.difference and not release.difference.is_empty and "changes.csv" not in release.files:
        return _HEADS["rekeyed"].said(language)
    parts = [counts(release, language)]
    if changes:
        parts.append(changes_table(shelf, release, changes, language, TABLE_BYTES))
    if len(changes) == MOST:
        parts.append(_HEADS["more"].said(language))
    return "\n\n".join(parts)
