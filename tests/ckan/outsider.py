"""Somebody outside who polls a dataset in CKAN and writes down whatever is not wholly one release.

Metadata, file and table are looked at by anybody's means: no token, the addresses that CKAN shows. CKAN has two
databases and no request that reads both, so each look at a file or a table stands between two looks at the metadata,
and has to agree with one of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import requests

from tests.ckan.scenes import Release
from tests.ckan.values import Rows, canonical
from tests.kit import repeated

PAUSE = 0.15
MANY = 32_000
NO_TABLE = ("HTTP 404", "HTTP 409")  # of search and of SQL

# What docs/ckan.md documents as not being one step in a stock CKAN, by its name there.
SURPLUS, REMADE = "rows that should be gone", "table made anew"
# CKAN's package_show reads the dataset, then its resources: two statements, between which a release can come.
APART = "dataset read before, resources after"


@dataclass
class Reader:
    """Polls one dataset. `releases` has what may be found, by state; `windows` which windows its publication has; `way`
    from which state to which it goes.
    """

    url: str
    name: str
    package: str
    releases: Mapping[str, Release]
    windows: frozenset[str] = frozenset()
    way: tuple[str, str] | None = None
    looks: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    in_windows: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    _turn: Lock = field(default_factory=Lock)
    _session: requests.Session = field(default_factory=requests.Session)

    def look(self) -> None:
        """Read everything once."""
        with self._turn:
            before = self._show()
            table, sql = self._search(before), self._sql(before)
            file = self._file(before)
            after = self._show()
            self._judge_metadata(after)
            self._judge_table("search", table, before, after)
            self._judge_table("SQL", sql, before, after)
            self._judge_file(file, before, after)
            self.looks += 1

    def polling(self) -> AbstractContextManager[None]:
        """Read again and again until the block ends; a fault of the reader itself is raised there."""
        return repeated(self.look, PAUSE)

    # ---- looks

    def _show(self) -> Mapping[str, Any] | None:
        found = self._ask("package_show", id=self.package)
        return found if isinstance(found, dict) else None

    def _search(self, shown: Mapping[str, Any] | None) -> Rows | str | None:
        if not (table := _table(shown)):
            return None
        found = self._ask("datastore_search", resource_id=table["id"], limit=MANY, include_total=False)
        return Counter(canonical(row) for row in found["records"]) if isinstance(found, dict) else found

    def _sql(self, shown: Mapping[str, Any] | None) -> Rows | str | None:
        if not (table := _table(shown)):
            return None
        found = self._ask("datastore_search_sql", sql=f'SELECT * FROM "{table["id"]}"')
        return Counter(canonical(row) for row in found["records"]) if isinstance(found, dict) else found

    def _file(self, shown: Mapping[str, Any] | None) -> str | None:
        """The hash of what the stable address of the CSV serves; None when there is no such address."""
        if not (csv := _stable(shown, "csv")):
            return None
        answer = self._session.get(f"{self.url}/dataset/{shown['id']}/resource/{csv['id']}/download", timeout=60)
        return hashlib.sha256(answer.content).hexdigest() if answer.ok else f"HTTP {answer.status_code}"

    def _ask(self, action: str, **data: object) -> dict[str, Any] | str:
        answer = self._session.post(f"{self.url}/api/3/action/{action}", json=data, timeout=60)
        return answer.json()["result"] if answer.ok else f"HTTP {answer.status_code}"

    # ---- judgements

    def _judge_metadata(self, shown: Mapping[str, Any] | None) -> None:
        if shown is None:
            self.seen["metadata: not there"] += 1
            return
        dataset = next((s for s, release in self.releases.items() if _dataset_shows(shown, release)), None)
        files = next((s for s, release in self.releases.items() if _files_show(shown, self.name, release)), None)
        if dataset and dataset == files:
            self.seen[f"metadata: {dataset}"] += 1
        elif dataset and files and (dataset, files) == self.way:
            self.in_windows[APART] += 1
        else:
            self.complaints[f"metadata: mixed, {dataset} with files of {files}"] += 1

    def _judge_file(self, found: str | None, *shown: Mapping[str, Any] | None) -> None:
        if found is None:
            return
        promised = {csv["hash"] for each in shown if (csv := _stable(each, "csv"))}
        if found == "HTTP 404" and self._withdrawn(*shown):
            self.seen["file: withdrawn"] += 1
        elif found in promised:
            self.seen[f"file: {self._state_of_file(found)}"] += 1
        elif None not in shown:
            self.complaints[f"file: {self._state_of_file(found)} is not what the metadata promises"] += 1

    def _state_of_file(self, sha256: str) -> str:
        offered = {state: release for state, release in self.releases.items() if not release.withdrawn}
        named = {release.files[f"{self.name}.csv"]: state for state, release in offered.items()}
        return named.get(sha256, sha256[:12])

    def _judge_table(self, how: str, found: Rows | str | None, *shown: Mapping[str, Any] | None) -> None:
        if found is None or None in shown:
            return
        claimed = {
            version for each in shown if (table := _table(each)) for version in table["opendata_release"].split()
        }
        offered = {state: release for state, release in self.releases.items() if not release.withdrawn}
        releases = {state: release for state, release in offered.items() if release.version in claimed}
        whole = next((state for state, release in releases.items() if release.rows == found), None)
        if whole:
            self.seen[f"{how}: {whole}"] += 1
        elif found in NO_TABLE and self._withdrawn(*shown):
            self.seen[f"{how}: withdrawn"] += 1
        elif window := self._window(found, releases):
            self.in_windows[window] += 1
        else:
            self.complaints[f"{how}: {_word(found)} where {' or '.join(releases)} is claimed"] += 1

    def _withdrawn(self, *shown: Mapping[str, Any] | None) -> bool:
        """Whether the metadata were a tombstone before or after, which promises no file and no table."""
        tombstones = [release for release in self.releases.values() if release.withdrawn]
        return any(each and _dataset_shows(each, release) for each in shown for release in tombstones)

    def _window(self, found: Rows | str, releases: Mapping[str, Release]) -> str | None:
        """The documented window that a look fell into, when this publication has it."""
        if isinstance(found, str):
            return REMADE if REMADE in self.windows and found in NO_TABLE else None
        if SURPLUS in self.windows and any(_is_surplus(found, r, releases.values()) for r in releases.values()):
            return SURPLUS
        return None


def _dataset_shows(package: Mapping[str, Any], release: Release) -> bool:
    """Whether version and digest are those of a release."""
    extras = {item["key"]: item["value"] for item in package.get("extras", [])}
    return (package.get("version"), extras.get("opendata_release")) == (release.version, release.identity)


def _files_show(package: Mapping[str, Any], name: str, release: Release) -> bool:
    """Whether every stable address leads to its file of a release and promises its hash; a tombstone has none."""
    if release.withdrawn:
        return not any(_stable(package, role) for role in ("csv", "parquet", "datapackage"))
    return all(_leads_to(package, role, release.files[f"{name}.{role}"]) for role in ("csv", "parquet"))


def _leads_to(package: Mapping[str, Any], role: str, sha256: str) -> bool:
    stable = _stable(package, role)
    by_id = {resource["id"]: resource for resource in package["resources"]}
    file = by_id.get((stable or {}).get("opendata_file"))
    if not stable or not file:
        return False
    return stable["hash"] == file["hash"] == sha256 and stable["url"] == file["url"]


def _stable(shown: Mapping[str, Any] | None, role: str) -> Mapping[str, Any] | None:
    """The resource at the stable address of a role."""
    form = {"csv": "CSV", "parquet": "Parquet", "datapackage": "JSON"}[role]
    found = (shown or {}).get("resources", [])
    return next((one for one in found if one.get("opendata_file") and one["format"] == form), None)


def _table(shown: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return next((one for one in (shown or {}).get("resources", []) if one.get("url_type") == "datastore"), None)


def _is_surplus(found: Rows, release: Release, others: Any) -> bool:
    """Whether all of a release is there, and beside it only rows of another one."""
    known: Rows = Counter()
    for other in others:
        known |= other.rows
    return release.rows <= found and (found - release.rows) <= known


def _word(found: Rows | str) -> str:
    if isinstance(found, str):
        return found
    return f"mixed, {found.total()} rows" if found else "empty"
