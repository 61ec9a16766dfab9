"""`catalogue.json`: every dataset with its title, version, addresses and hashes. It names immutable addresses only."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.catalogue.interface import Wanted
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


def index_of(wanted: Mapping[str, Wanted]) -> Json:
    """The index as a JSON object, the same for the same releases."""
    return {"format": FORMAT, "datasets": [_entry(name, wanted[name]) for name in sorted(wanted)]}


def _entry(name: str, want: Wanted) -> Json:
    release = f"{name}/releases/{want.ref.version}"
    description = want.manifest.build.description
    return {
        "name": name,
        "version": want.ref.version,
        "identity": want.ref.identity,
        "current": f"{name}/datapackage.json",
        "release": f"{release}/datapackage.json",
        "files": {path: {**facts, "path": f"{release}/{path}"} for path, facts in sorted(want.manifest.files.items())},
        **{key: description[key] for key in _KEPT if key in description},
    }
