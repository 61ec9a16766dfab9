"""`datapackage.json`: Data Package v2, with titles in both languages as `title@ja` and `title@en`.

No clock and no machine in it: the same release has the same bytes anywhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import TypeAlias, cast

from pipelines.contract.table_schema import both
from pipelines.datasets import Dataset, Repository
from pipelines.datasets.base import Bilingual

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_NAMESPACE = uuid.UUID("0d4f5ad5-3f0e-5b0e-9a39-6c0f4b6f1c41")
Json: TypeAlias = "dict[str, object]"


def package_name(name: str) -> str:
    """The dataset's name as packages and CKAN write it."""
    return name.replace("_", "-")


def describe(dataset: Dataset, repository: Repository, coverage: Mapping[str, object], rows: int) -> Json:
    """Everything about a dataset that does not depend on version or encoded bytes."""
    schema, city = dataset.schema, repository.city
    licence = city.licences[schema.licence]
    document: Json = {
        "name": package_name(dataset.name),
        "id": str(uuid.uuid5(_NAMESPACE, f"{city.local_government_code}/{dataset.name}")),
        **both("title", schema.title),
        **both("description", schema.description),
        "licenses": [{"name": schema.licence, "title": licence.title, "path": licence.path}],
        "contributors": [
            _contributor(city.departments[schema.department].title),
            _contributor(city.title, "publisher"),
        ],
        "keywords": list(dict.fromkeys(word for keyword in schema.keywords for word in (keyword.ja, keyword.en))),
        "notes": [{"ja": note.ja, "en": note.en} for note in schema.notes],
        "sdgs": list(schema.sdgs),
        "announcement": schema.announce.model_dump(mode="json") if schema.announce else None,
        "department": schema.department,
        "updateFrequency": schema.update_frequency,
        "temporalCoverage": coverage.get("temporal"),
        "spatialCoverage": coverage.get("spatial"),
        "rows": rows,
    }
    if origins := _sources(dataset, repository):
        document["sources"] = origins
    return {key: value for key, value in document.items() if value not in (None, [])}


def _contributor(title: Bilingual, role: str = "creator") -> Json:
    return {**both("title", title), "roles": [role]}


def own_words(description: Json, dataset: Dataset) -> Json:
    """A description without titles of inputs: they are no news of a derived dataset, which names them as they were."""
    if not dataset.source.inputs:
        return description
    sources = [{"path": one["path"]} if _is_input(one, dataset) else one for one in _sources_of(description)]
    return {**description, "sources": sources}


def _sources_of(description: Json) -> list[Json]:
    return cast("list[Json]", description["sources"])


def _is_input(source: Json, dataset: Dataset) -> bool:
    return str(source.get("path")) in {f"{name}/datapackage.json" for name in dataset.source.inputs}


def _sources(dataset: Dataset, repository: Repository) -> list[Json]:
    """The origins of a delivery; of a derived dataset those that it is computed from, by addresses of the catalogue."""
    named: list[Json] = [origin.model_dump(mode="json", exclude_none=True) for origin in dataset.source.origins]
    derived: list[Json] = [
        {**both("title", repository[name].schema.title), "path": f"{name}/datapackage.json"}
        for name in dataset.source.inputs
    ]
    return [*named, *derived]


def package(
    description: Mapping[str, object],
    fields: Json,
    version: str,
    files: Mapping[str, Mapping[str, object]],
    folder: str = "",
) -> Json:
    """The descriptor of one release. `fields` is its Table Schema, `files` has bytes and sha256 by path.

    `folder` is put before each path.
    """
    resources = [_resource(path, files[path], fields, folder) for path in _in_order(files)]
    head = {"$schema": PROFILE, "name": description["name"], "id": description["id"], "version": version}
    return {**head, **{k: v for k, v in description.items() if k not in head}, "resources": resources}


def _in_order(files: Collection[str]) -> list[str]:
    """The data first, then what tells about them; the CSV before its other forms."""
    return sorted(files, key=lambda path: (path.rpartition(".")[0] in _ROLES, path))


def _resource(path: str, facts: Mapping[str, object], schema: Json, folder: str) -> Json:
    stem, _, suffix = path.rpartition(".")
    document: Json = {
        "name": f"{package_name(stem)}-{suffix}",
        "path": f"{folder}{path}",
        "format": _FORMATS.get(suffix, suffix),
        "mediatype": MEDIA_TYPES[suffix],
        "bytes": facts["bytes"],
        "hash": f"sha256:{facts['sha256']}",
        **_ROLES.get(stem, {"title@ja": "データ", "title@en": "Data"}),
    }
    if suffix != "csv":
        return document
    fields = changes_schema(schema) if stem == "changes" else schema
    return {**document, "type": "table", "encoding": "utf-8", "dialect": {"delimiter": ","}, "schema": fields}


def changes_schema(schema: Mapping[str, object]) -> Json:
    """The Table Schema of changes.csv: texts only, since values of every type stand in one column."""
    names = ["change", *key_of(schema), "field", "old", "new"]
    return {"fields": [{"name": name, "type": "string"} for name in names], "missingValues": [""]}


def key_of(schema: Mapping[str, object]) -> list[str]:
    """The primary key of a Table Schema."""
    key = schema["primaryKey"]
    assert isinstance(key, list)
    return [str(name) for name in key]


# Not `parquet`: frictionless would open it as a table of which it can't count the bytes, and call the package invalid.
_FORMATS = {"parquet": "Parquet"}
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json"}
_ROLES: dict[str, Json] = {
    "provenance": {
        "title@ja": "来歴（各値の元のファイル・シート・セル）",
        "title@en": "Provenance: file, sheet and cell of every value",
    },
    "changes": {"title@ja": "前の版からの変更", "title@en": "Changes against the release before"},
}
