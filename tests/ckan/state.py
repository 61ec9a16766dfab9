"""Everything that a reader, an editor and an administrator can tell about one dataset, to be compared exactly."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from ckanapi.errors import NotAuthorized, NotFound

from tests.ckan.instance import Ckan
from tests.ckan.values import canonical

State = dict[str, str]
# When something happened, which no two runs have in common.
TIMES = {"metadata_modified", "metadata_created", "last_modified", "created", "opendata_checked"}
# CKAN's own words for the licence: its worker, which nobody reads a page with, writes them into the index in English.
WORDS = {"license_title"}
MANY = 32_000


def state(ckan: Ckan, package: str) -> State:
    """Metadata, dictionary, rows, views, bytes at every address, what search finds; all ids but the package's."""
    with ckan.editor() as editor:
        shown = editor.call_action("package_show", {"id": package})
        found: dict[str, Any] = {
            "seen by anyone": _seen_by_anyone(ckan, package),
            "search": _found_by_search(ckan, package),
            "views": _views(ckan, shown["id"]),
            **{f"bytes at {one['id']} {one['url']}": _bytes(ckan, shown, one) for one in shown["resources"]},
        }
        for resource in shown["resources"]:
            if resource["datastore_active"]:
                found |= _table(editor, resource["id"])
    found |= _flat(shown)
    return _comparable(found, shown)


def differences(found: State, expected: State) -> list[str]:
    """Where two states differ."""
    lost = [f"{key} is missing" for key in sorted(expected.keys() - found.keys())]
    more = [f"{key} is too many" for key in sorted(found.keys() - expected.keys())]
    other = [
        f"{key} is {found[key][:150]} instead of {expected[key][:150]}"
        for key in sorted(found.keys() & expected.keys())
        if found[key] != expected[key]
    ]
    return [*lost, *more, *other]


def orphans(ckan: Ckan, package: str) -> list[str]:
    """Doubled packages, tables and files of a dataset that nothing shows any more. Asks PostgreSQL and the disk."""
    same = ckan.query(f"SELECT count(*) FROM package WHERE name LIKE '{package}%' AND state = 'active'", "ckan").strip()
    of_it = f"FROM resource r JOIN package p ON p.id = r.package_id WHERE p.name = '{package}'"
    known = ckan.query(f"SELECT r.id, r.state, p.state {of_it}", "ckan")
    lines = [line.split("|") for line in known.splitlines()]
    shown = {id_ for id_, mine, its in lines if (mine, its) == ("active", "active")}
    gone = {id_ for id_, *_ in lines} - shown
    tables = set(ckan.query("SELECT DISTINCT name FROM _table_metadata WHERE alias_of IS NULL").split())
    doubled = [] if same == "1" else [f"{same} packages of that name"]
    left = [f"table {id_} of a resource that is gone" for id_ in sorted(gone & tables)]
    return [
        *doubled,
        *left,
        *(f"file of {id_}, which is gone" for id_ in sorted(gone) if folder_of(ckan, id_).exists()),
    ]


def folder_of(ckan: Ckan, id_: str) -> Path:
    """Where CKAN keeps the uploaded file of a resource."""
    return ckan.stack.data / "files" / "resources" / id_[:3] / id_[3:6] / id_[6:]


def forget(ckan: Ckan, package: str) -> None:
    """Let it be as if a dataset had never been there: package, tables and files."""
    ids = ckan.query(
        f"SELECT r.id FROM resource r JOIN package p ON p.id = r.package_id WHERE p.name = '{package}'", "ckan"
    ).split()
    with ckan.sysadmin() as sysadmin:
        for id_ in ids:
            with suppress(NotFound):
                sysadmin.call_action("datastore_delete", {"resource_id": id_, "force": True})
            shutil.rmtree(folder_of(ckan, id_).parent, ignore_errors=True)
        with suppress(NotFound):
            sysadmin.call_action("dataset_purge", {"id": package})


def _seen_by_anyone(ckan: Ckan, package: str) -> bool:
    with ckan.anyone() as anyone:
        try:
            return bool(anyone.call_action("package_show", {"id": package}))
        except (NotFound, NotAuthorized):
            return False


def _found_by_search(ckan: Ckan, package: str) -> list[str]:
    with ckan.anyone() as anyone:
        found = anyone.call_action("package_search", {"fq": f"name:{package}"})["results"]
    return [f"{one['name']} {one.get('version')} {one['title']}" for one in found]


def _bytes(ckan: Ckan, shown: Mapping[str, Any], resource: Mapping[str, Any]) -> str:
    """The hash of what the address of a file serves, the package's own id left out."""
    if resource["url_type"] != "upload":
        return "no file"
    place = f"{ckan.url}/dataset/{shown['id']}/resource/{resource['id']}/download"
    answer = requests.get(place, timeout=60)
    content = answer.content.replace(shown["id"].encode(), b"PACKAGE")
    return f"HTTP {answer.status_code} {hashlib.sha256(content).hexdigest()}"


def _table(editor: Any, id_: str) -> dict[str, Any]:
    found = editor.call_action("datastore_search", {"resource_id": id_, "limit": MANY})
    rows = sorted(sorted((key, str(value)) for key, value in canonical(row)) for row in found["records"])
    return {f"columns of {id_}": found["fields"], f"total of {id_}": found["total"], f"rows of {id_}": rows}


def _views(ckan: Ckan, package_id: str) -> list[str]:
    of_it = f"FROM resource_view v JOIN resource r ON r.id = v.resource_id WHERE r.package_id = '{package_id}'"
    return sorted(ckan.query(f"SELECT r.id, v.view_type, v.title {of_it}", "ckan").splitlines())


def _flat(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Every field of the metadata by its path."""
    found: dict[str, Any] = {"order of resources": [one["id"] for one in shown["resources"]]}
    for key, value in shown.items():
        if key in TIMES | WORDS or key in {"resources", "organization"}:
            continue
        found[key] = sorted(value, key=str) if key in {"tags", "groups", "extras"} else value
    for resource in shown["resources"]:
        found |= {f"resource {resource['id']} {key}": value for key, value in resource.items() if key not in TIMES}
    return found


def _comparable(found: Mapping[str, Any], shown: Mapping[str, Any]) -> State:
    """Texts in which what follows from the package's id, which CKAN draws by lot, has a name instead."""
    names = {shown["id"]: "PACKAGE"}
    for resource in shown["resources"]:
        if resource.get("opendata_role") == "datapackage":  # its bytes name addresses, and so does the hash of these
            names |= {resource["id"]: "DATAPACKAGE", resource["hash"]: "HASH"}
    pattern = re.compile("|".join(map(re.escape, names)))

    def plain(text: str) -> str:
        return pattern.sub(lambda match: names[match[0]], text)

    texts = {plain(key): plain(json.dumps(value, ensure_ascii=False, sort_keys=True)) for key, value in found.items()}
    return {key: re.sub(r'"metadata_modified": "[^"]*"', "", text) for key, text in texts.items()}
