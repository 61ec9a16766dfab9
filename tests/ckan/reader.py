"""What somebody without an account finds in a CKAN, and what somebody with one may do to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from ckanapi import NotFound, RemoteCKAN

from pipelines.release.descriptor import package_name
from tests.ckan.instance import Ckan

FILES = {"CSV": "csv", "Parquet": "parquet", "JSON": "datapackage"}


def package(ckan: RemoteCKAN, name: str) -> dict[str, Any]:
    """A dataset as CKAN shows it."""
    return dict(ckan.call_action("package_show", {"id": package_name(name)}))


def resource(shown: Mapping[str, Any], role: str) -> dict[str, Any]:
    """A resource at a stable address, or the table, by its role."""
    kinds = [_role(one) for one in shown["resources"]]
    assert role in kinds, f"{shown['name']} has {kinds}"
    return dict(shown["resources"][kinds.index(role)])


def _role(one: Mapping[str, Any]) -> str:
    if one.get("opendata_rows") is not None:
        return "table"
    return FILES[one["format"]] if one.get("opendata_file") else "of somebody else"


def served(ckan: Ckan, shown: Mapping[str, Any], role: str) -> bytes:
    """The bytes that a stable address leads to."""
    found = resource(shown, role)
    address = f"{ckan.url}/dataset/{shown['name']}/resource/{found['id']}/download/anything"
    answer = requests.get(address, timeout=60)
    answer.raise_for_status()
    return answer.content


def rows(ckan: RemoteCKAN, shown: Mapping[str, Any]) -> list[list[Any]]:
    """Every row of the table as CKAN answers it, without CKAN's own number, in the order of their values."""
    id_ = resource(shown, "table")["id"]
    found = ckan.call_action("datastore_search", {"resource_id": id_, "limit": 32000, "records_format": "lists"})
    return sorted((row[1:] for row in found["records"]), key=json.dumps)


def purge(ckan: Ckan, name: str) -> None:
    """Let CKAN forget a dataset, its tables included."""
    with ckan.sysadmin() as sysadmin:
        try:
            shown = package(sysadmin, name)
        except NotFound:
            return
        for one in shown["resources"]:
            if one["datastore_active"]:
                sysadmin.call_action("datastore_delete", {"resource_id": one["id"], "force": True})
        sysadmin.call_action("dataset_purge", {"id": shown["id"]})


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that a job of CKAN's does later."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.5)


def settled(ckan: Ckan, name: str) -> bool:
    """Whether the job that notes when a table was last written to has run."""
    with ckan.editor() as editor:
        found = resource(package(editor, name), "table")
    if not ckan.query(f"SELECT 1 FROM pg_tables WHERE tablename = '{found['id']}'"):
        return True
    return bool(found["last_modified"])
