"""The plugin: it only makes the actions and the dump known to CKAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import plugins
from ckanext.opendata_swap import actions


class OpenDataSwapPlugin(plugins.SingletonPlugin):  # type: ignore[misc]
    """`opendata_swap` in `ckan.plugins`; needs `datastore`."""

    plugins.implements(plugins.IActions)

    def get_actions(self) -> dict[str, Callable[..., Any]]:
        """The actions by the names under which the API has them."""
        return {
            "opendata_datastore_digest": actions.opendata_datastore_digest,
            "opendata_datastore_load": actions.opendata_datastore_load,
            "opendata_datastore_replace": actions.opendata_datastore_replace,
            "opendata_datastore_swap": actions.opendata_datastore_swap,
        }
