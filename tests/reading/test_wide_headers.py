"""A wide table whose header drifts is refused; no year is ever left out in silence."""

from __future__ import annotations

import pytest

from pipelines.datasets import Column, Layout
from pipelines.datasets.source import Header, Unpivot
from pipelines.errors import DeliveryRefused
from pipelines.findings import Place
from pipelines.reading.grid import Grid
from pipelines.reading.layout import read_table

COLUMNS = {"station": Column(headers=["駅"])}
YEARS = Unpivot(into="fiscal_year", matching="年度$", value="passengers")


def wide(*headers: str) -> Grid:
    return Grid("駅別", [["駅", *headers], ["川崎", *("100" for _ in headers)]])


def layout(**more: object) -> Layout:
    return Layout.model_validate({"header": Header(rows=[1]), "unpivot": YEARS, **more})


def test_a_year_whose_header_was_renamed_is_refused_with_its_cell() -> None:
    with pytest.raises(DeliveryRefused) as refused:
        read_table(wide("2014年度", "2015"), layout(), COLUMNS, Place(dataset="d", file="f.xlsx"))
    finding = refused.value.finding
    assert (finding.code, finding.place.sheet, finding.place.cell, finding.found) == (
        "header.unexpected",
        "駅別",
        "C1",
        "2015",
    )


def test_a_header_that_the_source_ignores_is_left_out() -> None:
    cells = read_table(wide("2014年度", "備　考"), layout(ignore=["備考"]), COLUMNS, Place())
    assert cells.texts["fiscal_year"] == ["2014年度"]


def test_a_column_without_a_header_is_no_year() -> None:
    assert read_table(wide("2014年度", ""), layout(), COLUMNS, Place()).texts["passengers"] == ["100"]
