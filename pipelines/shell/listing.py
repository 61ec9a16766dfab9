"""The list of datasets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from rich.console import Console
from rich.table import Table

from pipelines.findings import Language
from pipelines.pipeline import Pipeline, manifest
from pipelines.words import rows_counted


@dataclass(frozen=True, slots=True)
class Listed:
    """One dataset: names, department, and the release that is current, if any."""

    name: str
    title_ja: str
    title_en: str
    department: str
    department_ja: str
    department_en: str
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
        title, department = dataset.schema.title, dataset.schema.department
        of = pipeline.repository.city.departments[department].title
        version, rows = (ref.version if ref else ""), (build.count if build else 0)
        found.append(
            Listed(dataset.name, title.ja, title.en, department, of.ja, of.en, version, rows, period),
        )
    return sorted(found, key=lambda item: (item.department, item.name))


def show(console: Console, found: Sequence[Listed], language: Language) -> None:
    """The list, department by department; names are never cut."""
    for department, items in groupby(found, key=lambda item: getattr(item, f"department_{language}")):
        table = Table(title=f"[bold]{department}[/]", title_justify="left", box=None, pad_edge=False, show_header=False)
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for item in items:
            title = item.title_ja if language == "ja" else item.title_en
            table.add_row(
                item.name, item.version or "—", rows_counted(item.rows).said(language), f"{title} [dim]{item.period}[/]"
            )
        console.print(table)


def as_json(found: Sequence[Listed]) -> str:
    """The list for machines."""
    return json.dumps([asdict(item) for item in found], ensure_ascii=False, indent=2)
