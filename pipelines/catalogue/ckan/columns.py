"""The columns of a DataStore table: types, key, and the dictionary that people and machines read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json

_TYPES = {
    "string": "text",
    "integer": "int8",
    "number": "numeric",
    "boolean": "bool",
    "year": "int4",
    "yearmonth": "text",
    "date": "date",
    "datetime": "timestamp",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table as `datastore_create` takes them, and its key."""

    fields: Sequence[Json]
    key: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return [str(one["id"]) for one in self.fields]


def columns_of(want: Wanted) -> Columns:
    """The columns of a release: types of the contract, and for each its title in both languages, notes and unit."""
    schema = want.manifest.build.table_schema
    fields, key = schema["fields"], schema["primaryKey"]
    assert isinstance(fields, list)
    assert isinstance(key, list)
    return Columns([{"id": f["name"], "type": _TYPES[f["type"]], "info": _info(f)} for f in fields], key)


def _info(found: Mapping[str, Any]) -> dict[str, str]:
    """One entry of the dictionary. CKAN's page shows label and notes alone: notes have English title and unit too."""
    unit = found.get("unit", "")
    notes = [
        found["title@en"],
        f"単位 / Unit: {unit}" if unit else "",
        found.get("description@ja"),
        found.get("description@en"),
    ]
    info = {
        "label": found["title@ja"],
        "label_en": found["title@en"],
        "notes": "\n\n".join(text for text in notes if text),
        "unit": unit,
    }
    return {key: text for key, text in info.items() if text}


def types_of(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Names and types, in order."""
    return [(one["id"], one["type"]) for one in fields]


def infos_of(fields: Sequence[Mapping[str, Any]]) -> str:
    """The dictionary as one text."""
    return json.dumps([one.get("info", {}) for one in fields], ensure_ascii=False)
