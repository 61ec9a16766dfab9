"""The list of datasets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from pipelines.findings import Language, Text
from pipelines.pipeline import Pipeline, manifest


@dataclass(frozen=True, slots=True)
class Listed:
    """One dataset: names, department, and the release that is current, if any."""

    name: str
    title_ja: str
    title_en: str
    department: str
    version: str
    rows: int
    period: str


def listed(pipeline: Pipeline) -> list[Listed]:
    """Every dataset of the repository, by department and name."""
    current = pipeline.store.log.head().current
    found = []
    for dataset in pipeline.repository:
        ref = current.get(dataset.name)
        build = manifest(pipeline.store, ref).build if ref else None
        time = build.description.get("temporalCoverage") if build else None
        period = f"{time['start']}–{time['end']}" if isinstance(time, dict) else ""
        title = dataset.schema.title
        version, rows = (ref.version if ref else ""), (build.count if build else 0)
        found.append(Listed(dataset.name, title.ja, title.en, dataset.schema.department, version, rows, period))
    return sorted(found, key=lambda item: (item.department, item.name))


def show(console: Console, found: Sequence[Listed], language: Language) -> None:
    """The list as a table."""
    table = Table()
    for heading in (
        ("所管", "Department"),
        ("名前", "Name"),
        ("題名", "Title"),
        ("版", "Version"),
        ("行", "Rows"),
        ("期間", "Period"),
    ):
        table.add_column(Text(*heading).fill(language, {}))
    for item in found:
        title = item.title_ja if language == "ja" else item.title_en
        table.add_row(item.department, item.name, title, item.version, f"{item.rows:,}", item.period)
    console.print(table)


def as_json(found: Sequence[Listed]) -> str:
    """The list for machines."""
    return json.dumps([asdict(item) for item in found], ensure_ascii=False, indent=2)
