"""The catalogue and its datasets as JSON-LD nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.catalogue.interface import Wanted
from pipelines.datasets import City
from pipelines.dcat.authority import FREQUENCIES, LANGUAGES, LICENCES, LOCAL_AUTHORITY, MEDIA_TYPES, file_type
from pipelines.release.descriptor import Json

CONTEXT: Json = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_HIDDEN = {"datapackage.current.json", "release.json", "forms.json"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A release that the catalogue shows: its entry in the index, and when it and the first one were published."""

    name: str
    release: Wanted
    entry: Json
    issued: str
    modified: str


def document(base: str, city: City, shown: Sequence[Shown]) -> Json:
    """The graph as JSON-LD."""
    datasets = [node for one in shown for node in _dataset(base, city, one)]
    return {
        "@context": CONTEXT,
        "@graph": [_catalogue(base, city, shown), _publisher(city), *_named(datasets), *datasets],
    }


def _catalogue(base: str, city: City, shown: Sequence[Shown]) -> Json:
    titles = {"ja": f"{city.title.ja} オープンデータカタログ", "en": f"{city.title.en} open data catalogue"}
    about = {"ja": f"{city.title.ja}が公開するオープンデータ", "en": f"Open data published by {city.title.en}"}
    return {
        "@id": base,
        "@type": "dcat:Catalog",
        "dct:title": _texts(titles),
        "dct:description": _texts(about),
        "dct:publisher": _ref(city.homepage),
        "dct:language": [_ref(language) for language in LANGUAGES.values()],
        "foaf:homepage": {"@id": base, "@type": ["dcat:Catalog", "foaf:Document"]},
        "dct:issued": _moment(min(one.issued for one in shown)),
        "dct:modified": _moment(max(one.modified for one in shown)),
        "dcat:dataset": [_ref(f"{base}{one.name}/#dataset") for one in shown],
    }


def _publisher(city: City) -> Json:
    return {
        "@id": city.homepage,
        "@type": "foaf:Agent",
        "foaf:name": _texts({"ja": city.title.ja, "en": city.title.en}),
        "dct:type": {
            "@id": LOCAL_AUTHORITY,
            "@type": "skos:Concept",
            "skos:prefLabel": {"@value": "Local Authority", "@language": "en"},
        },
    }


def _named(nodes: Sequence[Json]) -> list[Json]:
    """What the addresses of authorities are, since whoever checks the graph has nothing else."""
    kinds = {
        "dct:accrualPeriodicity": "dct:Frequency",
        "dct:license": "dct:LicenseDocument",
        "dct:format": "dct:MediaTypeOrExtent",
        "dcat:mediaType": "dct:MediaType",
    }
    found = {str(_id(node[key])): kind for node in nodes for key, kind in kinds.items() if key in node}
    found |= dict.fromkeys(LANGUAGES.values(), "dct:LinguisticSystem")
    return [{"@id": address, "@type": kind} for address, kind in sorted(found.items())]


def _id(node: object) -> object:
    return node["@id"] if isinstance(node, dict) else ""


def _dataset(base: str, city: City, one: Shown) -> list[Json]:
    """A dataset and its distributions."""
    about, here = one.release.manifest.build.description, f"{base}{one.name}/"
    files = {**_mapping(one.entry["files"]), **_mapping(one.entry["forms"])}
    offered = [_distribution(here, one, path, facts) for path, facts in files.items() if _is_data(one.name, path)]
    node: Json = {
        "@id": f"{here}#dataset",
        "@type": "dcat:Dataset",
        "dct:identifier": str(about["id"]),
        "dct:title": _texts(about, "title"),
        "dct:description": _texts(about, "description"),
        "dct:publisher": _ref(city.homepage),
        "dct:accrualPeriodicity": _ref(FREQUENCIES[str(about["updateFrequency"])]),
        "dct:issued": _moment(one.issued),
        "dct:modified": _moment(one.modified),
        "dcat:version": one.release.ref.version,
        "dcat:landingPage": {"@id": here, "@type": ["foaf:Document", "rdfs:Resource"]},
        "dcat:keyword": [{"@value": str(word)} for word in _list(about, "keywords")],
        "dct:spatial": [_place(area) for area in _list(about, "spatialCoverage")],
        "dcat:distribution": [_ref(str(distribution["@id"])) for distribution in offered],
    }
    if period := _period(here, about):
        node["dct:temporal"] = period
    return [node, *offered]


def _is_data(name: str, path: str) -> bool:
    """Whether a file holds the data, not what tells about them."""
    return path.startswith(f"{name}.") and path not in _HIDDEN


def _distribution(here: str, one: Shown, path: str, facts: object) -> Json:
    """One file, at its immutable address, so that the checksum stays true."""
    found, suffix = _mapping(facts), path.rpartition(".")[2]
    address = f"{here}releases/{one.release.ref.version}/{path}"
    licence = _mapping(_list(one.release.manifest.build.description, "licenses")[0])
    return {
        "@id": address,
        "@type": ["dcat:Distribution", "rdfs:Resource"],  # its address is that of the file
        "dct:title": path,
        "dcat:accessURL": _ref(here),
        "dcat:downloadURL": _ref(address),
        "dct:format": _ref(file_type(path)),
        "dcat:mediaType": _ref(MEDIA_TYPES[suffix]),
        "dct:license": _ref(LICENCES.get(str(licence["name"]), str(licence["path"]))),
        "dcat:byteSize": {"@value": str(found["bytes"]), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@id": f"{address}#sha256",
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
            "spdx:checksumValue": {"@value": str(found["sha256"]), "@type": "xsd:hexBinary"},
        },
    }


def _place(area: object) -> Json:
    """An area by its standard area code, as the statistics office of Japan names it."""
    found = _mapping(area)
    names = {"ja": str(found["name@ja"]), "en": str(found["name@en"])}
    address = f"http://data.e-stat.go.jp/lod/sac/C{found['code']}"
    return {"@id": address, "@type": "dct:Location", "skos:prefLabel": _texts(names)}


def _period(here: str, about: Mapping[str, object]) -> Json | None:
    """The time covered, in days: a fiscal year runs from April to March."""
    found = _mapping(about.get("temporalCoverage"))
    if not found:
        return None
    start, end = (_day(str(found[side]), str(found["kind"]), side) for side in ("start", "end"))
    return {"@id": f"{here}#period", "@type": "dct:PeriodOfTime", "dcat:startDate": start, "dcat:endDate": end}


def _day(text: str, kind: str, side: str) -> Json:
    """The first or last day of a period, as far as the period says; a month stays a month."""
    if kind == "fiscal_year":
        text = f"{text}-04-01" if side == "start" else f"{int(text) + 1}-03-31"
    kinds = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
    return {"@value": text[:10], "@type": kinds[len(text[:10])]}


def _texts(texts: Mapping[str, object], key: str = "") -> list[Json]:
    return [{"@value": str(texts[f"{key}@{at}" if key else at]), "@language": at} for at in ("ja", "en")]


def _moment(time: str) -> Json:
    return {"@value": time, "@type": "xsd:dateTime"}


def _ref(address: str) -> Json:
    return {"@id": address}


def _mapping(found: object) -> dict[str, object]:
    return found if isinstance(found, dict) else {}


def _list(about: Mapping[str, object], key: str) -> Sequence[object]:
    found = about.get(key)
    return found if isinstance(found, list) else []
