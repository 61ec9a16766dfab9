"""What CKAN really serves of a dataset, beside a release: found, downloaded, counted. Changes nothing."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ckanapi.errors import NotFound

from pipelines.catalogue.ckan import resources as res
from pipelines.catalogue.ckan import shown as look
from pipelines.catalogue.ckan.client import ATTEMPTS, LOST, Client, pause
from pipelines.catalogue.ckan.failures import Forbidden
from pipelines.catalogue.ckan.mapping import ID, package_of
from pipelines.catalogue.ckan.rows import Table
from pipelines.catalogue.ckan.shown import Shown
from pipelines.catalogue.interface import Wanted
from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place

Differing = Iterator[tuple[str, object, object]]


def find(client: Client, want: Wanted) -> Shown | None:
    """The dataset wherever it is: under its name, or renamed, by a resource of ours. None when CKAN has none of it.

    Raises CatalogueError when the name belongs to a dataset that is not ours.
    """
    name = package_of(want).name
    found = _show(client, "package_show", want, name)
    if found is not None and look.is_ours(found, want):
        return found
    for id_ in res.stable_ids(want):
        resource = _show(client, "resource_show", want, id_)
        if resource and (other := _show(client, "package_show", want, str(resource["package_id"]))):
            return other
    about = str(want.manifest.build.description["id"])
    search = client.call("package_search", want.manifest.name, fq=f'extras_{ID}:"{about}"', include_private=True)
    for hit in search["results"]:  # the search index may still have what the database no longer has
        if look.is_ours(hit, want) and (other := _show(client, "package_show", want, str(hit["id"]))):
            return other
    if found is not None:
        raise CatalogueError(Finding("catalogue.name_taken", Place(dataset=want.manifest.name), name))
    return None


def _show(client: Client, action: str, want: Wanted, id_: str) -> Shown | None:
    try:
        found: Shown = client.call(action, want.manifest.name, id=id_)
    except (NotFound, Forbidden):  # a dataset that we may not see is not ours
        return None
    return found


def everything_differing(client: Client, want: Wanted) -> Differing:
    """Every field in which CKAN serves something else than the release: its name, what is served, what is wanted."""
    shown = find(client, want)
    if shown is None:
        if not want.withdrawn:
            yield "dataset", "—", want.ref.version
        return
    yield from look.differing(shown, want)
    if want.withdrawn or not look.resource(shown, res.resource_id(want, "table")):
        return
    yield from files_differing(client, shown, want)
    id_ = res.resource_id(want, "table")
    with tempfile.TemporaryDirectory() as folder, closing(Table(client, want, id_, Path(folder))) as table:
        yield from table.differences()


def files_differing(client: Client, shown: Shown, want: Wanted) -> Differing:
    """The stable addresses that do not lead to the released bytes."""
    target = look.target_of(want, shown)
    for file, stable in zip(target.files, target.stable, strict=True):
        found = hash_at(client, want.manifest.name, str(look.resource(shown, str(stable["id"])).get("url") or ""))
        if found != file.sha256:
            yield f"files.{file.role}", found, file.sha256


def serves(client: Client, name: str, resource: Shown, file: res.File) -> bool:
    """Whether an immutable file is there with its bytes."""
    url = str(resource.get("url") or "")
    return url.endswith(f"/{file.filename}") and hash_at(client, name, url) == file.sha256


def hash_at(client: Client, name: str, url: str) -> str:
    """The sha256 of what an address serves, or why it serves nothing. A fault that may pass is asked about again."""
    lost = f"HTTP {LOST}"
    for attempt in range(1, ATTEMPTS + 1):
        found = _hash_at(client, name, url) if url else "—"
        if found != lost:
            return found
        if attempt < ATTEMPTS:
            pause(attempt)
    return lost


def _hash_at(client: Client, name: str, url: str) -> str:
    digest = hashlib.sha256()
    with client.download(url, name) as response:
        if not response.ok:
            return f"HTTP {response.status_code}"
        for chunk in response.iter_content(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
