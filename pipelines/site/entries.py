"""The datasets as the lists of the site show them."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.catalogue.producer import IndexTurn
from pipelines.charts.chart import period_of
from pipelines.datasets import City
from pipelines.site.facts import goals_of
from pipelines.site.topics import topics_of
from pipelines.site.words import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset in a list. `rank` is the place of its department in the city's list."""

    name: str
    title: str
    description: str
    department: str
    department_title: str
    rank: int
    period: str
    rows: int
    version: str
    goals: list[int]
    topics: list[str]


def entries_in(turn: IndexTurn, words: Words, city: City) -> list[Entry]:
    """Every dataset that the index names, by department and title."""
    found = [_entry(turn, name, words, city) for name in turn.releases]
    return sorted(found, key=lambda entry: (entry.rank, entry.title))


def _entry(turn: IndexTurn, name: str, words: Words, city: City) -> Entry:
    manifest = turn.releases[name].manifest
    description = manifest.build.description
    code = str(description["department"])
    known = list(city.departments)
    title = city.departments[code].title if code in city.departments else None
    return Entry(
        name=name,
        title=words.of(description, "title"),
        description=_short(words.of(description, "description"), words),
        department=code,
        department_title=title.said(words.language) if title else code,
        rank=known.index(code) if code in known else len(known),
        period=period_of(description, words.language),
        rows=manifest.build.count,
        version=manifest.version,
        goals=goals_of(description),
        topics=topics_of(description),
    )


def _short(text: str, words: Words) -> str:
    """The first sentence; of a very long one its beginning."""
    stop, longest = ("。", 90) if words.language == "ja" else (". ", 180)
    first = text.partition(stop)[0]
    if len(first) > longest:
        return first[:longest].rstrip() + "…"
    return first + stop.strip() if first != text else text
