"""schema.org: what a page is about, as JSON-LD for search engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from pipelines.catalogue.interface import Wanted
from pipelines.datasets import City
from pipelines.release.descriptor import Json
from pipelines.site.facts import Download, Revision
from pipelines.site.page import Place
from pipelines.site.words import Words

CONTEXT = "https://schema.org"


def dataset_document(release: Wanted, facts: Mapping[str, object], place: Place) -> Json:
    """A schema.org Dataset, with what Google's dataset search asks for."""
    name = release.manifest.name
    description = release.manifest.build.description
    covered = cast("dict[str, str]", description.get("temporalCoverage") or {})
    history = cast("Sequence[Revision]", facts["revisions"])
    document: Json = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": facts["title"],
        "description": facts["description"],
        "inLanguage": place.language,
        "url": place.link(place.address),
        "identifier": facts["identifier"],
        "version": facts["version"],
        "license": cast("dict[str, str]", facts["licence"])["path"],
        "isAccessibleForFree": True,
        "keywords": description.get("keywords"),
        "temporalCoverage": f"{covered['start']}/{covered['end']}" if covered else None,
        "spatialCoverage": [{"@type": "Place", "name": area} for area in [facts["areas"]] if area],
        "creator": {"@type": "GovernmentOrganization", "name": facts["department"]},
        "publisher": {"@type": "GovernmentOrganization", "name": facts["publisher"]},
        "datePublished": history[-1].day,
        "dateModified": history[0].day,
        "variableMeasured": [_variable(field) for field in cast("list[Json]", facts["fields"]) if field["is_number"]],
        "distribution": [_distribution(d, f"{name}/", place) for d in cast("Sequence[Download]", facts["downloads"])],
    }
    return {key: value for key, value in document.items() if value not in (None, "", [])}


def _variable(field: Json) -> Json:
    unit = {"unitText": field["unit"]} if field["unit"] else {}
    return {"@type": "PropertyValue", "name": field["title"], "alternateName": field["name"], **unit}


def _distribution(download: Download, folder: str, place: Place) -> Json:
    return {
        "@type": "DataDownload",
        "name": download.label,
        "contentUrl": place.link(f"{folder}{download.path}"),
        "encodingFormat": download.media_type,
        "contentSize": f"{download.bytes} B",
        "sha256": download.sha256,
    }


def catalogue_document(entries: Sequence[Mapping[str, object]], city: City, words: Words, place: Place) -> Json:
    """A schema.org DataCatalog that names every dataset."""
    city_name = city.title.said(words.language)
    publisher = {"@type": "GovernmentOrganization", "name": city_name, "url": city.homepage}
    datasets = [
        {
            "@type": "Dataset",
            "name": entry["title"],
            "description": entry["description"],
            "url": place.link(f"{'' if words.language == 'ja' else 'en/'}{entry['name']}/"),
        }
        for entry in entries
    ]
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "name": f"{city_name} {words('site.title')}",
        "description": words("front.lead"),
        "inLanguage": words.language,
        "url": place.link(place.address),
        "publisher": publisher,
        "dataset": datasets,
    }
