"""What can go wrong with a CKAN, as errors that carry a finding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place


class Unanswered(CatalogueError):
    """No answer that tells what happened: refused, reset, timed out, a fault inside CKAN. Look before anything else."""


class Forbidden(CatalogueError):
    """The token is not known, or may not do this."""


class Refused(CatalogueError):
    """CKAN found something wrong with what it was sent; `fields` says where."""

    def __init__(self, finding: Finding, fields: Mapping[str, object]) -> None:
        super().__init__(finding)
        self.fields = fields


class Conflict(Refused):
    """What was to be changed has changed meanwhile."""


class Mismatch(CatalogueError):
    """CKAN serves something else than was published just now."""


def conflict(dataset: str) -> Finding:
    """Another publisher came in between."""
    return Finding("catalogue.conflict", Place(dataset=dataset))


def unreachable(address: str, action: str, dataset: str, error: Exception) -> Finding:
    """No answer at all. Of the error only its kind is told: its words may quote a header."""
    return Finding("catalogue.unreachable", _place(dataset, action), type(error).__name__, {"address": plain(address)})


def broken(address: str, action: str, dataset: str, status: int) -> Finding:
    """An answer that is none of CKAN's API, or its "Internal Server Error"."""
    return Finding("catalogue.failed", _place(dataset, action), f"HTTP {status}", {"address": plain(address)})


def forbidden(address: str, action: str, dataset: str, found: str = "HTTP 403") -> Finding:
    """The token is not known, or may not do this."""
    return Finding("catalogue.forbidden", _place(dataset, action), found, {"address": plain(address)})


def refused(action: str, dataset: str, fields: Mapping[str, object]) -> Finding:
    """A refusal, with the fields that CKAN named."""
    code = "catalogue.conflict" if "match" in fields else "catalogue.refused"
    if "owner_org" in fields:
        return Finding("catalogue.organisation", _place(dataset, action))
    found = json.dumps(fields, ensure_ascii=False)[:400]
    return Finding(code, _place(dataset, action), found, {"fields": ", ".join(sorted(fields))})


def plain(address: str) -> str:
    """An address without user, password and query."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _place(dataset: str, action: str) -> Place:
    return Place(dataset=dataset, file=f"CKAN {action}")
