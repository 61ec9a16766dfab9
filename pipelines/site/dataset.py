"""A release → the pages of its dataset, one in each language, and its chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import DatasetTurn, Item
from pipelines.charts import Chart, NoChart, chart_of, described, specification, svg
from pipelines.charts.chart import period_label, period_of
from pipelines.charts.units import unit_text
from pipelines.charts.words import figure
from pipelines.findings import Finding, Language
from pipelines.findings_registry import REGISTRY
from pipelines.release.descriptor import Json
from pipelines.site.facts import FILES, contributor, dictionary, downloads, goals_of, revisions
from pipelines.site.linked import dataset_document
from pipelines.site.page import Place, Site, embedded, render
from pipelines.site.rows import FirstRows, first_rows
from pipelines.site.words import Words
from pipelines.store.store import document_json
from pipelines.words import FREQUENCIES, listed

_LONG: Mapping[Language, int] = {"ja": 160, "en": 320}


def dataset_files(turn: DatasetTurn, site: Site) -> dict[str, Item]:
    """The files of one dataset, by their addresses below its folder."""
    name = turn.release.manifest.name
    chart = chart_of(turn.release.manifest, turn.release.store)
    rows = first_rows(turn.release)
    files: dict[str, Item] = {}
    for language, path in FILES.items():
        place = Place(f"{name}/", language, site.base)
        files |= _pictures(chart, language)
        files[path] = _page(turn, place, site, chart, rows)
    return files


def _pictures(chart: Chart | NoChart, language: Language) -> dict[str, Item]:
    if isinstance(chart, NoChart):
        return {}
    spec = specification(chart, language)
    return {
        f"chart.{language}.svg": svg(spec, chart.title.said(language)),
        f"chart.{language}.vl.json": document_json(spec),
    }


def _page(turn: DatasetTurn, place: Place, site: Site, chart: Chart | NoChart, rows: FirstRows) -> bytes:
    words = Words(place.language)
    manifest = turn.release.manifest
    description = manifest.build.description
    files = downloads(turn, words)
    history = revisions(turn.release)
    facts: dict[str, object] = {
        "name": manifest.name,
        "version": manifest.version,
        "rows": manifest.build.count,
        "title": words.of(description, "title"),
        "description": words.of(description, "description"),
        "lead": _lead(words.of(description, "description"), words),
        "department_id": description["department"],
        "department": words.of(contributor(description, 0), "title"),
        "publisher": words.of(contributor(description, 1), "title"),
        "contact": site.city.contact_of(str(description["department"])),
        "licence": cast("list[dict[str, str]]", description["licenses"])[0],
        "identifier": f"urn:uuid:{description['id']}",
        "period": period_of(description, place.language),
        "frequency": FREQUENCIES[str(description["updateFrequency"])].said(place.language),
        "goals": goals_of(description),
        "areas": _areas(description, words),
        "notes": [note[place.language] for note in cast("list[dict[str, str]]", description.get("notes") or [])],
        "sources": description.get("sources") or [],
        "inputs": _titles(description, words),
        "downloads": files,
        "revisions": history,
        "fields": dictionary(manifest.build.table_schema, words),
        "first": rows,
        "figure": _figure(chart, place.language),
        "single": _single(turn.release, rows, words),
    }
    document = dataset_document(turn.release, facts, place)
    return render("dataset.html", place, site, **facts, **_quality(turn.release, words), document=embedded(document))


def _lead(text: str, words: Words) -> tuple[str, str]:
    """The first sentence, and the rest where the text is long."""
    if len(text) < _LONG[words.language]:
        return text, ""
    first, stop, rest = text.partition("。" if words.language == "ja" else ". ")
    return first + stop.strip(), rest


def _titles(description: Json, words: Words) -> defaultdict[str, str]:
    """The titles of the datasets that a derived one is computed from; releases of older code have none."""
    sources = cast("list[dict[str, object]]", description.get("sources") or [])
    named = {str(source["path"]).partition("/")[0]: words.of(source, "title") for source in sources if "path" in source}
    return defaultdict(str, named)


def _areas(description: Json, words: Words) -> str:
    spatial = cast("list[dict[str, str]]", description.get("spatialCoverage") or [])
    names = [words.of(cast("Mapping[str, object]", area), "name") for area in spatial]
    return listed(names, words.language)


def _figure(chart: Chart | NoChart, language: Language) -> dict[str, object]:
    """The chart with its words and its figures as a table: periods down, series across."""
    if isinstance(chart, NoChart):
        return {"reason": chart.reason.said(language)}
    sentences = described(chart, language)
    series = [(one.name.said(language), dict(one.points)) for one in chart.series]
    table = [
        (period_label(period, chart.period, language), [figure(p[period]) if period in p else "" for _, p in series])
        for period in (chart.periods if chart.kind == "line" else chart.periods[-1:])
    ]
    head, unit = chart.measure.said(language), unit_text(chart.unit).said(language)
    return {"sentences": sentences, "names": [n for n, _ in series], "table": table, "measure": head, "unit": unit}


def _single(release: Wanted, rows: FirstRows, words: Words) -> dict[str, str] | None:
    """The one figure of a dataset of one row: it needs no chart."""
    fields = cast("list[dict[str, object]]", release.manifest.build.table_schema["fields"])
    measures = [number for number, field in enumerate(fields) if field["type"] in {"integer", "number"}]
    if release.manifest.build.count != 1 or not measures or "unit" not in fields[measures[0]]:
        return None
    field = fields[measures[0]]
    text = rows.rows[0][measures[0]].text
    unit = unit_text(str(field["unit"]))
    found = {"measure": words.of(field, "title"), "text": text, "unit": unit.said(words.language)}
    return found if text else None


def _quality(release: Wanted, words: Words) -> dict[str, object]:
    """The checks that were made before publication, and what they noted."""
    checks = release.manifest.build.checks
    return {
        "checks": [
            {
                "name": str(check["name"]),
                "kind": words(f"check.{str(check['code']).partition('.')[0]}"),
                "passed": bool(check["passed"]),
            }
            for check in checks
        ],
        "passed": sum(bool(check["passed"]) for check in checks),
        "warnings": [_noted(Finding.from_dict(one), words) for one in release.manifest.build.warnings],
    }


def _noted(finding: Finding, words: Words) -> dict[str, str]:
    """What a check noted, for readers: what it is, what was found, and where; the remedy is the department's."""
    known = finding.code in REGISTRY
    title = finding.rule.title.fill(words.language, finding.facts) if known else finding.code
    place = " ▸ ".join(part for part in (finding.place.sheet, finding.place.cell) if part)
    return {"title": title, "found": finding.found, "place": place}
