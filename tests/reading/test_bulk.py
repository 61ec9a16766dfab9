"""A long text file and a short one are one format: whatever a layout says holds for both."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.datasets import Layout
from pipelines.errors import DeliveryRefused
from pipelines.reading import bulk
from pipelines.reading.bulk import is_bulk
from tests.reading.sheets import addressed, source_of, text_file

TEXT = """\
年,区,数,2026-04-01
2020,川崎区,1,
,幸区,2,
合計,,,
2021,合計,3,
注 速報値,,,
"""
# Of each key of a layout a value that makes something else of TEXT, or is no matter for a text file.
SAID: dict[str, object] = {
    "sheet": "表",
    "header": {"rows": [2]},
    "rows": {"from": 3, "to": 3},
    "columns_between": "A:B",
    "anchor": "2021",
    "transpose": True,
    "cells": {"as_of": "D1"},
    "section": {"into": "part", "field": "year"},
    "constants": {"city": "川崎市"},
    "fill_down": ["year"],
    "skip": [{"field": "ward", "matching": "合計"}],
    "ignore": ["2026-04-01"],
    "notes": "^注",
    "unpivot": {"into": "kind", "matching": "^数$", "value": "count"},
}
READ_IN_BULK = {"sheet", "constants", "ignore"}
COLUMNS = {"year": "年", "ward": "区", "count": "数"}


def outcome(name: str, path: Path, bound: int, monkeypatch: pytest.MonkeyPatch) -> object:
    """The rows with their addresses, or why there are none, where files beyond `bound` bytes are long."""
    monkeypatch.setattr(bulk, "BULK_BYTES", bound)
    try:
        return list(addressed(source_of("csv", columns=COLUMNS, **{name: SAID[name]}), path))
    except DeliveryRefused as refused:
        return refused.finding.code, refused.finding.found


@pytest.mark.parametrize("name", Layout.model_fields)
def test_what_a_layout_says_holds_for_a_long_text_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is new belongs into SAID: either DuckDB's way of reading heeds it, or leaves the file to the grid."""
    path = text_file(tmp_path / "x.csv", TEXT)
    short, long = (outcome(name, path, bound, monkeypatch) for bound in (1 << 30, 0))
    assert long == short
    assert is_bulk(source_of("csv", columns=COLUMNS, **{name: SAID[name]}), path) == (name in READ_IN_BULK)
