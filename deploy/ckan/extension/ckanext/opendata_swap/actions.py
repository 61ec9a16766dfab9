"""The actions as CKAN's API sees them: arguments, rights and errors. README.md is their contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from ckan.plugins import toolkit
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from ckanext.opendata_swap.digest import CannotDigest, digest
from ckanext.opendata_swap.load import CannotLoad, load
from ckanext.opendata_swap.replace import replace
from ckanext.opendata_swap.swap import Busy, CannotSwap, swap
from ckanext.opendata_swap.tables import is_table

Context = dict[str, Any]


def opendata_datastore_load(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Append the rows of a CSV file to a resource's table, all or none."""
    resource_id = _table(context, arguments, "resource_id")
    full_text = toolkit.asbool(arguments.get("full_text", True))
    with _refusals():
        rows = load(get_write_engine(), resource_id, _file(arguments), full_text=full_text)
    return {"resource_id": resource_id, "rows": rows}


def opendata_datastore_replace(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Columns, key, indexes and rows of a resource's table, all anew in one step."""
    resource_id = _table(context, arguments, "resource_id")
    shape = {name: _list(arguments, name) for name in ("fields", "primary_key", "indexes")}
    if not shape["fields"]:
        raise toolkit.ValidationError({"fields": ["the columns are needed"]})
    full_text = toolkit.asbool(arguments.get("full_text", True))
    with _refusals():
        rows = replace(get_write_engine(), resource_id, shape, _file(arguments), full_text=full_text)
    return {"resource_id": resource_id, "rows": rows}


def opendata_datastore_swap(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Let the staged resource's table take the place of the resource's, in one transaction."""
    resource_id = _table(context, arguments, "resource_id")
    staged_id = _table(context, arguments, "staged_id")
    if resource_id == staged_id:
        raise toolkit.ValidationError({"staged_id": ["is the resource itself"]})
    with _refusals():
        rows = swap(get_write_engine(), resource_id, staged_id)
    return {"resource_id": resource_id, "rows": rows}


@toolkit.side_effect_free  # type: ignore[untyped-decorator]
def opendata_datastore_digest(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """How many rows a resource's table has, and a checksum of some columns of all of them."""
    resource_id = _table(context, arguments, "resource_id")
    names = _list(arguments, "fields")
    if not names or not all(isinstance(name, str) for name in names):
        raise toolkit.ValidationError({"fields": ["the names of columns are needed"]})
    with _refusals():
        rows, checksum = digest(get_read_engine(), resource_id, names)
    return {"resource_id": resource_id, "rows": rows, "digest": checksum}


@contextmanager
def _refusals() -> Iterator[None]:
    """What can't be done, as the error of the field that is to blame."""
    try:
        yield
    except CannotLoad as error:
        raise toolkit.ValidationError({"upload": [str(error)]}) from error
    except CannotDigest as error:
        raise toolkit.ValidationError({"fields": [str(error)]}) from error
    except CannotSwap as error:
        raise toolkit.ValidationError({"resource_id": [str(error)]}) from error
    except Busy as error:
        raise toolkit.ValidationError({"busy": [str(error)]}) from error


def _file(arguments: Mapping[str, Any]) -> BinaryIO:
    upload: BinaryIO | None = arguments.get("upload")
    if not hasattr(upload, "readline"):
        raise toolkit.ValidationError({"upload": ["a CSV file is needed"]})
    return upload


def _list(arguments: Mapping[str, Any], name: str) -> list[Any]:
    """A list; beside a file it comes as JSON."""
    value = arguments.get(name) or []
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError as error:
        raise toolkit.ValidationError({name: ["is not JSON"]}) from error
    if not isinstance(found, list):
        raise toolkit.ValidationError({name: ["is not a list"]})
    return found


def _table(context: Context, arguments: Mapping[str, Any], argument: str) -> str:
    """The id of a resource with a table of its own, in a package that the user may change."""
    id_ = toolkit.get_or_bust(dict(arguments), argument)
    resource = toolkit.get_action("resource_show")(toolkit.fresh_context(context), {"id": id_})
    toolkit.check_access("package_update", toolkit.fresh_context(context), {"id": resource["package_id"]})
    if resource.get("url_type") != "datastore":
        raise toolkit.ValidationError({argument: ["is filled from a file: its url_type is not datastore"]})
    if not is_table(get_write_engine(), id_):
        raise toolkit.ValidationError({argument: ["has no table"]})
    return str(id_)
