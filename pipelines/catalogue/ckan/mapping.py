"""A release → what CKAN should show of it, its files and table aside. Pure: no server is asked.

Texts stand in Japanese first and English after; `title_en` and `notes_en` have the English alone. Keys of `extras`
are those from which ckanext-dcat makes DCAT-AP (its documentation, "Mapping"): the same in a CKAN that has never
heard of it.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.tombstone import sentences
from pipelines.findings import Language
from pipelines.release.descriptor import Json, package_name
from pipelines.store import Withdrawal
from pipelines.store.store import digest_of
from pipelines.words import EU_FREQUENCIES, listed

ID, RELEASE = "opendata_id", "opendata_release"
_EU = "http://publications.europa.eu/resource/authority"
# Ids of CKAN's own register; each resource names the very licence by its address.
LICENCES = {"CC-BY-4.0": "cc-by", "PDL-1.0": "other-at"}
LANGUAGES = [f"{_EU}/language/JPN", f"{_EU}/language/ENG"]
_NO_TAG = re.compile(r"[^\w .-]+")


@dataclass(frozen=True, slots=True)
class Package:
    """What CKAN should show of a dataset. `groups`: the Sustainable Development Goals, `sdg-01` to `sdg-17`."""

    name: str
    core: Mapping[str, object]
    extras: Mapping[str, str]
    tags: Sequence[str]
    groups: Sequence[str]
    organisation: str


def package_of(want: Wanted) -> Package:
    """What CKAN should show of a release."""
    about = want.manifest.build.description
    core = {
        "title": _pair(about, "title", " / "),
        "notes": _notes(about),
        "license_id": LICENCES.get(licence_of(about)["name"], licence_of(about)["name"]),
        "version": want.ref.version,
        "author": _pair(_contributor(about, "creator"), "title", " / "),
        "private": False,
        "state": "active",
    }
    name = package_name(want.manifest.name)
    return Package(name, core, _extras(want), _tags(about), _groups(about), organisation_of(want))


def tombstone_of(want: Wanted, gone: Withdrawal) -> Package:
    """What CKAN should show of a withdrawn dataset: the same place, title and department; why, and since when."""
    package = package_of(want)
    about = {key: package.extras[key] for key in (ID, "title_en", "identifier", "publisher_name")}
    extras = {
        **about,
        RELEASE: digest_of(["withdrawn", want.ref.identity, gone.facts]),
        "opendata_withdrawn": gone.time,
        "opendata_replacement": package_name(gone.replacement),
    }
    notes = "\n\n".join(sentences(want, gone, _linked))
    kept = {key: text for key, text in extras.items() if text}
    return replace(package, core={**package.core, "notes": notes}, extras=kept)


def _linked(dataset: str) -> str:
    """A dataset as a Markdown link, beside the page that it stands on."""
    name = package_name(dataset)
    return f"[{name}]({name})"


def release_mark(want: Wanted) -> str:
    """What the field `opendata_release` says when CKAN shows what is wanted."""
    package = tombstone_of(want, want.withdrawn) if want.withdrawn else package_of(want)
    return package.extras[RELEASE]


def organisation_of(want: Wanted) -> str:
    """The name of the organisation that a department is in CKAN."""
    return package_name(str(want.manifest.build.description["department"]))


def licence_of(about: Json) -> dict[str, str]:
    """The licence of a dataset: name, title and address (`path`)."""
    licences = about["licenses"]
    assert isinstance(licences, list)
    return {key: str(value) for key, value in licences[0].items()}


def _pair(about: Mapping[str, object], key: str, between: str) -> str:
    """A text in both languages; once when they are the same."""
    ja, en = str(about.get(f"{key}@ja", "")), str(about.get(f"{key}@en", ""))
    return ja if ja == en else between.join(text for text in (ja, en) if text)


def _notes(about: Json) -> str:
    """The description and its notes as Markdown, all in Japanese and then all in English."""
    notes = about.get("notes", [])
    assert isinstance(notes, list)
    blocks = []
    for language in ("ja", "en"):
        points = "\n".join(f"- {note[language]}" for note in notes)
        blocks += [str(about[f"description@{language}"]).strip(), *([points] if points else [])]
    return "\n\n".join(blocks)


def _contributor(about: Json, role: str) -> Mapping[str, object]:
    contributors = about.get("contributors", [])
    assert isinstance(contributors, list)
    return next((one for one in contributors if role in one["roles"]), {})


def _extras(want: Wanted) -> dict[str, str]:
    about = want.manifest.build.description
    found = {
        ID: str(about["id"]),
        RELEASE: want.ref.identity,
        "title_en": str(about["title@en"]),
        "notes_en": str(about["description@en"]),
        "identifier": str(about["id"]),
        "language": json.dumps(LANGUAGES),
        "frequency": f"{_EU}/frequency/{EU_FREQUENCIES[str(about['updateFrequency'])]}",
        "publisher_name": _pair(_contributor(about, "publisher"), "title", " / "),
        "spatial_text": _places(about),
        "provenance": _provenance(about),
        "version_notes": _changes(want),
        **_period(about.get("temporalCoverage")),
    }
    return {key: text for key, text in found.items() if text}


def _period(coverage: object) -> dict[str, str]:
    """The days from which and to which the rows reach; a fiscal year begins in April."""
    if not isinstance(coverage, dict):
        return {}
    start, end, fiscal = str(coverage["start"]), str(coverage["end"]), coverage["kind"] == "fiscal_year"
    return {"temporal_start": _first_day(start, fiscal=fiscal), "temporal_end": _last_day(end, fiscal=fiscal)}


def _first_day(text: str, *, fiscal: bool) -> str:
    if len(text) == len("2020"):
        return f"{text}-04-01" if fiscal else f"{text}-01-01"
    return f"{text}-01" if len(text) == len("2020-01") else text[:10]


def _last_day(text: str, *, fiscal: bool) -> str:
    if len(text) == len("2020"):
        return f"{int(text) + 1}-03-31" if fiscal else f"{text}-12-31"
    if len(text) == len("2020-01"):
        year, month = (int(part) for part in text.split("-"))
        return f"{text}-{calendar.monthrange(year, month)[1]:02}"
    return text[:10]


def _places(about: Json) -> str:
    places = about.get("spatialCoverage", [])
    assert isinstance(places, list)
    ja, en = (listed([str(place[f"name@{language}"]) for place in places], language) for language in get_args(Language))
    return ja if ja == en else f"{ja} / {en}"


def _provenance(about: Json) -> str:
    """Where the figures were published first, as the data package names it."""
    sources = about.get("sources", [])
    assert isinstance(sources, list)
    titles = [str(source["title"]) + (f" ({source['path']})" if source.get("path") else "") for source in sources]
    return "出典 / Sources: " + "; ".join(titles) if titles else ""


def _changes(want: Wanted) -> str:
    if (found := want.manifest.difference) is None:
        return "初版 / First release"
    return f"{found.counts.ja} / {found.counts.en}"


def _tags(about: Json) -> list[str]:
    """Keywords and the targets of the SDGs, in the characters that CKAN lets a tag have."""
    keywords, sdgs = about.get("keywords", []), about.get("sdgs", [])
    assert isinstance(keywords, list)
    assert isinstance(sdgs, list)
    words = [str(word) for word in keywords] + [f"SDGs {target}" for target in sdgs]
    clean = [re.sub(r"\s+", " ", _NO_TAG.sub(" ", word)).strip()[:100] for word in words]
    return sorted({tag for tag in clean if len(tag) > 1})


def _groups(about: Json) -> list[str]:
    sdgs = about.get("sdgs", [])
    assert isinstance(sdgs, list)
    return sorted({f"sdg-{int(str(target).split('.')[0]):02}" for target in sdgs})
