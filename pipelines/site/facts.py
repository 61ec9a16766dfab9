"""What the page of a dataset tells, from its release, the log, and what other producers made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import DatasetTurn, Item, Link
from pipelines.charts.units import unit_text
from pipelines.days import day_of
from pipelines.findings import Language
from pipelines.release.descriptor import MEDIA_TYPES, Json
from pipelines.release.difference import Difference
from pipelines.site.words import Words

_HIDDEN = {"datapackage.current.json", "forms.json"}
_MEDIA = {
    **MEDIA_TYPES,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}

# The pages of a dataset below its folder; `/en/<name>/` leads to its folder `en`.
FILES: Mapping[Language, str] = {"ja": "index.html", "en": "en/index.html"}

_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxLength")
_RULES = (*_BOUNDS, "pattern", "enum", "unique", "required")


@dataclass(frozen=True, slots=True)
class Download:
    """One file at its stable address."""

    path: str
    label: str
    bytes: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One release, as the log tells of it; of one that brought older content back, or was taken down, why."""

    version: str
    day: str
    rows: int
    difference: Difference | None
    has_changes: bool
    is_first: bool
    rollback: str = ""
    takedown: str = ""


def downloads(turn: DatasetTurn, words: Words) -> list[Download]:
    """Every file that is offered: the released ones first, then what other producers made."""
    release = turn.release
    released = [
        Download(path, _label(path, words), int(str(facts["bytes"])), str(facts["sha256"]), _media(path))
        for path, facts in [*release.manifest.files.items(), *turn.forms.items()]
        if path not in _HIDDEN
    ]
    made = [(path, item) for path, item in turn.made.items() if not isinstance(item, Link)]
    return [*sorted(released, key=_rank), *(_made(path, item, words) for path, item in sorted(made))]


def _made(path: str, item: Item, words: Words) -> Download:
    content = item.read_bytes() if isinstance(item, Path) else cast("bytes", item)
    return Download(path, _label(path, words), len(content), hashlib.sha256(content).hexdigest(), _media(path))


def _rank(download: Download) -> tuple[int, str]:
    stem, _, suffix = download.path.rpartition(".")
    order = {"provenance": 3, "changes": 2, "datapackage": 1, "release": 4}.get(stem, 0)
    return order, suffix


def _label(path: str, words: Words) -> str:
    stem, _, suffix = path.partition(".")
    known = {"datapackage", "provenance", "changes", "release"}
    key = stem if stem in known else suffix
    try:
        return words(f"format.{key}")
    except KeyError:
        return words("format.other", suffix=suffix.upper())


def _media(path: str) -> str:
    return _MEDIA.get(path.rpartition(".")[2], "application/octet-stream")


def revisions(release: Wanted) -> list[Revision]:
    """Every release up to this one, the newest first."""
    log, name = release.store.log, release.manifest.name
    moments, back = log.moments(name), log.rollbacks(name)
    return [
        _revision(one, moments.get(one.ref.manifest, ""), back.get(one.ref.manifest, "")) for one in _chain(release)
    ]


def _chain(release: Wanted) -> Iterator[Wanted]:
    one: Wanted | None = release
    while one:
        yield one
        one = one.before


def _revision(one: Wanted, moment: str, rollback: str) -> Revision:
    manifest = one.manifest
    day = day_of(moment) if moment else ""
    has_changes = "changes.csv" in manifest.files
    rows, difference, is_first = manifest.build.count, manifest.difference, not manifest.parent
    takedown = _reason_of_takedown(one) if manifest.is_taken else ""
    return Revision(one.ref.version, day, rows, difference, has_changes, is_first, rollback, takedown)


def _reason_of_takedown(one: Wanted) -> str:
    stone = one.store.stone(str(one.manifest.gone[f"{one.manifest.name}.csv"]["sha256"]))
    return str(stone["reason"]) if stone else ""


def contributor(description: Mapping[str, object], number: int) -> Mapping[str, object]:
    """Who made a dataset: the department is the first, the city the second."""
    return cast("list[Mapping[str, object]]", description["contributors"])[number]


def goals_of(description: Mapping[str, object]) -> list[int]:
    """The numbers of the goals that a dataset belongs to."""
    targets = cast("list[str]", description.get("sdgs") or [])
    return sorted({int(target.partition(".")[0]) for target in targets})


def dictionary(table_schema: Json, words: Words) -> list[dict[str, object]]:
    """The fields as rows of a table."""
    key = cast("list[str]", table_schema["primaryKey"])
    fields = cast("list[dict[str, object]]", table_schema["fields"])
    return [_field(field, words, is_key=str(field["name"]) in key) for field in fields]


def _field(field: Mapping[str, object], words: Words, *, is_key: bool) -> dict[str, object]:
    unit = unit_text(str(field.get("unit") or ""))
    return {
        "name": field["name"],
        "title": words.of(field, "title"),
        "description": words.of(field, "description"),
        "type": words(f"type.{field['type']}", decimals=field.get("decimals", "")),
        "unit": unit.said(words.language),
        "rules": _rules(cast("Mapping[str, object]", field.get("constraints") or {}), words),
        "is_key": is_key,
        "is_number": field["type"] in {"integer", "number"},
    }


def _place(constraint: tuple[str, object]) -> int:
    """Where a person expects a constraint: the least value before the greatest."""
    return _RULES.index(constraint[0]) if constraint[0] in _RULES else len(_RULES)


def _rules(constraints: Mapping[str, object], words: Words) -> Sequence[str]:
    return [
        words(f"constraint.{name}", value=_shown(value))
        for name, value in sorted(constraints.items(), key=_place)
        if value is not False
    ]


def _shown(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
