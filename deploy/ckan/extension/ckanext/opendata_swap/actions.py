"""The two actions as CKAN's API sees them: arguments, rights and errors. README.md is their contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from ckanext.datastore.backend.postgres import get_write_engine
from ckanext.opendata_swap.load import CannotLoad, load
from ckanext.opendata_swap.swap import Busy, CannotSwap, swap
from ckanext.opendata_swap.tables import is_table

Context = dict[str, Any]


def opendata_datastore_load(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Append the rows of a CSV file to a resource's table, all or none."""
    resource_id = _table(context, arguments, "resource_id")
    upload = arguments.get("upload")
    if not hasattr(upload, "read"):
        raise toolkit.ValidationError({"upload": ["a CSV file is needed"]})
    full_text = toolkit.asbool(arguments.get("full_text", True))
    try:
        rows = load(get_write_engine(), resource_id, upload, full_text=full_text)
    except CannotLoad as error:
        raise toolkit.ValidationError({"upload": [str(error)]}) from error
    return {"resource_id": resource_id, "rows": rows}


def opendata_datastore_swap(context: Context, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Let the staged resource's table take the place of the resource's, in one transaction."""
    resource_id = _table(context, arguments, "resource_id")
    staged_id = _table(context, arguments, "staged_id")
    if resource_id == staged_id:
        raise toolkit.ValidationError({"staged_id": ["is the resource itself"]})
    try:
        rows = swap(get_write_engine(), resource_id, staged_id)
    except Busy as error:
        raise toolkit.ValidationError({"busy": [str(error)]}) from error
    except CannotSwap as error:
        raise toolkit.ValidationError({"resource_id": [str(error)]}) from error
    return {"resource_id": resource_id, "rows": rows}


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
