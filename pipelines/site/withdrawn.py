"""A dataset that is withdrawn → its pages from then on, at the same addresses: when, why, and what to use instead."""

from __future__ import annotations

from dataclasses import replace

from pipelines.catalogue.producer import DatasetTurn, Item
from pipelines.catalogue.tombstone import sentences, substitute
from pipelines.findings import Language
from pipelines.release.descriptor import Json
from pipelines.site.facts import FILES, contributor, revisions
from pipelines.site.page import Place, Site, embedded, render
from pipelines.site.words import Words


def tombstone_files(turn: DatasetTurn, site: Site) -> dict[str, Item]:
    """The pages of a withdrawn dataset, by their addresses below its folder."""
    name = turn.release.manifest.name
    return {file: _page(turn, Place(f"{name}/", language, site.base), site) for language, file in FILES.items()}


def _page(turn: DatasetTurn, place: Place, site: Site) -> bytes:
    words, gone = Words(place.language), turn.release.withdrawn
    assert gone is not None
    description, instead = turn.release.manifest.build.description, substitute(turn.release, gone)
    title = words.of(description, "title")
    facts: dict[str, object] = {
        "name": turn.release.manifest.name,
        "title": title,
        "department_id": description["department"],
        "department": words.of(contributor(description, 0), "title"),
        "sentence": _sentence(turn, place.language),
        "instead": {"name": instead["name"], "title": words.of(instead, "title")} if instead else None,
        "revisions": revisions(turn.release),
    }
    document: Json = {"@context": "https://schema.org", "@type": "WebPage", "name": title, "inLanguage": place.language}
    return render("withdrawn.html", place, site, **facts, document=embedded(document))


def _sentence(turn: DatasetTurn, language: Language) -> str:
    """When and why. What to use instead is not in it: the page has a link to that."""
    assert turn.release.withdrawn is not None
    ja, en = sentences(turn.release, replace(turn.release.withdrawn, replacement=""))
    return ja if language == "ja" else en
