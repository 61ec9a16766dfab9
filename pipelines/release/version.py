"""Versions of releases, after the meaning that a change has for whoever reads the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

_Types: TypeAlias = "Mapping[str, tuple[object, object]]"

FIRST = "1.0.0"


def next_version(version: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """The version after `version`, given both Table Schemas.

    major when a field goes or changes type or the key changes, minor when a field comes, patch otherwise.
    """
    major, minor, patch = order(version)
    old, new = _types(before), _types(after)
    if before["primaryKey"] != after["primaryKey"] or any(new.get(name) != kind for name, kind in old.items()):
        return f"{major + 1}.0.0"
    if new.keys() - old.keys():
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def order(version: str) -> tuple[int, ...]:
    """What versions are sorted by. Raises ValueError for what is none."""
    return tuple(int(part) for part in version.split("."))


def _types(schema: Mapping[str, object]) -> _Types:
    fields = schema["fields"]
    if not isinstance(fields, list):
        raise TypeError("a Table Schema has a list of fields")
    return {field["name"]: (field["type"], field.get("decimals")) for field in fields}
