"""`catalogue.json`: every dataset with its title, version, addresses and hashes. It names immutable addresses only."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipelines.catalogue.forms import Facts
from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.public_record import RECORD_FILE
from pipelines.catalogue.tombstone import withdrawn
from pipelines.release.descriptor import Json

FORMAT = "1"
_KEPT = (
    "id",
    "title@ja",
    "title@en",
    "description@ja",
    "description@en",
    "department",
    "updateFrequency",
    "temporalCoverage",
    "sdgs",
    "rows",
)


def index_of(
    wanted: Mapping[str, Wanted],
    forms: Mapping[str, Mapping[str, Facts]],
    kept: Mapping[str, Json] | None = None,
    about: Mapping[str, str] | None = None,
) -> Json:
    """The index as a JSON object, the same for the same releases and forms of them.

    `kept` has entries for datasets that `wanted` lacks; `about` is what is said of the whole catalogue.
    """
    entries = {**(kept or {}), **{name: _entry(name, want, forms[name]) for name, want in wanted.items()}}
    return {"format": FORMAT, **(about or {}), "datasets": [entries[name] for name in sorted(entries)]}


def entries_of(index: bytes) -> dict[str, Json]:
    """The entries of an index by dataset; none when it is absent or damaged."""
    try:
        return {str(entry["name"]): entry for entry in json.loads(index)["datasets"]}
    except (ValueError, KeyError, TypeError):
        return {}


def _entry(name: str, want: Wanted, forms: Mapping[str, Facts]) -> Json:
    release = f"{name}/releases/{want.ref.version}"
    beside = {path: {**facts, "path": f"{release}/{path}"} for path, facts in sorted(forms.items())}
    if want.withdrawn:
        titles = {key: want.manifest.build.description[key] for key in ("id", "title@ja", "title@en")}
        place = {"name": name, "version": want.ref.version, "current": f"{name}/datapackage.json"}
        record: Json = {"record": beside[RECORD_FILE]} if RECORD_FILE in beside else {}
        return {**place, "withdrawn": withdrawn(want, want.withdrawn), **record, **titles}
    description = want.manifest.build.description
    return {
        "name": name,
        "version": want.ref.version,
        "identity": want.ref.identity,
        "current": f"{name}/datapackage.json",
        "release": f"{release}/datapackage.json",
        "files": {path: {**facts, "path": f"{release}/{path}"} for path, facts in sorted(want.manifest.files.items())},
        "record": beside.pop(RECORD_FILE),
        "forms": beside,
        **{key: description[key] for key in _KEPT if key in description},
    }
