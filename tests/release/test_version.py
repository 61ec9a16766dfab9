"""Versions say what a change means to whoever reads the data."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipelines.release.version import FIRST, next_version

YEAR = {"name": "year", "type": "year"}
TONNES = {"name": "tonnes", "type": "integer", "title": "量"}
SHARE = {"name": "share", "type": "number", "decimals": 1}


def schema(*fields: Mapping[str, object], key: tuple[str, ...] = ("year",)) -> dict[str, object]:
    return {"fields": list(fields), "primaryKey": list(key)}


BEFORE = schema(YEAR, TONNES, SHARE)


def test_the_first_version() -> None:
    """A dataset begins with 1.0.0."""
    assert FIRST == "1.0.0"


@pytest.mark.parametrize(
    ("after", "version"),
    [
        pytest.param(BEFORE, "2.5.10", id="data only"),
        pytest.param(schema(TONNES, SHARE, YEAR), "2.5.10", id="another order"),
        pytest.param(schema(YEAR, {**TONNES, "title": "重さ", "unit": "t"}, SHARE), "2.5.10", id="other words"),
        pytest.param(schema(YEAR, {**TONNES, "constraints": {"minimum": 0}}, SHARE), "2.5.10", id="a constraint"),
        pytest.param(schema(YEAR, TONNES, SHARE, {"name": "note", "type": "string"}), "2.6.0", id="a field comes"),
        pytest.param(schema(YEAR, TONNES), "3.0.0", id="a field goes"),
        pytest.param(schema(YEAR, {**TONNES, "name": "weight"}, SHARE), "3.0.0", id="a field is renamed"),
        pytest.param(schema(YEAR, {**TONNES, "type": "string"}, SHARE), "3.0.0", id="a type changes"),
        pytest.param(schema(YEAR, TONNES, {**SHARE, "decimals": 2}), "3.0.0", id="decimals change"),
        pytest.param(schema(YEAR, TONNES, SHARE, key=("year", "tonnes")), "3.0.0", id="the key grows"),
        pytest.param(schema(YEAR, SHARE, {"name": "note", "type": "string"}), "3.0.0", id="one goes and one comes"),
    ],
)
def test_the_next_version_tells_what_the_change_means(after: Mapping[str, object], version: str) -> None:
    """Major when a field goes or changes type or the key changes, minor when one comes, patch otherwise."""
    assert next_version("2.5.9", BEFORE, after) == version


def test_a_longer_key_in_another_order_is_another_key() -> None:
    """The order of the key is that of the rows, and part of what readers rely on."""
    before, after = (schema(YEAR, TONNES, key=key) for key in (("year", "tonnes"), ("tonnes", "year")))
    assert next_version("1.0.0", before, after) == "2.0.0"
