"""Small books built in code: for each rule one that breaks it and one that does not."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipelines.checking.cellstore import CellStore
from pipelines.checking.csvbook import Records
from pipelines.checking.sheet import FORMULA, NUMBER, TEXT, Area, Book, Drawn, Look, Sheet, TextForm

Row = Sequence[str | float | None]
PLAIN: Sequence[Row] = (("年度", "ごみの量(t)"), (2021, 998), (2022, 902), (2023, 871))


def sheet_of(rows: Sequence[Row], name: str = "表", formulas: Sequence[tuple[int, int]] = ()) -> Sheet:
    """A sheet of texts and numbers; None is an empty cell."""
    store = CellStore()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                kind = TEXT if isinstance(value, str) else NUMBER
                flag = FORMULA if (number, column) in formulas else 0
                store.add(number, column, value if isinstance(value, str) else f"{value:g}", kind | flag, 0)
    columns, kinds, looks = store.finish()
    return Sheet(name, columns, kinds, looks, formulas=dict.fromkeys(formulas, "SUM(B2:B3)"))


def workbook(*rows: Row) -> Book:
    """A workbook of one sheet; without rows the plain table."""
    return Book("xlsx", [sheet_of(rows or PLAIN)])


def csv_book(text: str) -> Book:
    """A CSV."""
    records = Records()
    records.read(csv.reader(io.StringIO(text, newline="")))
    return Book("csv", [records.sheet()], form=TextForm("utf-8", ",", "LF"))


def column(name: str, *values: str | float | None) -> Book:
    """A table of years and one column of values."""
    return workbook(("年度", name), *((2015 + i, value) for i, value in enumerate(values)))


def old_workbook() -> Book:
    """The plain table as .xls."""
    return replace(workbook(), kind="xls")


def with_merged() -> Book:
    """A merged cell in the header."""
    sheet = sheet_of((("年度", "ごみの量(t)", None), *((2020 + i, 900 + i, 10) for i in range(3))))
    return Book("xlsx", [replace(sheet, merged=[Area(0, 1, 0, 2)])])


def with_hidden() -> Book:
    """A hidden row and a hidden sheet."""
    sheet = replace(sheet_of(PLAIN), hidden_rows=[2])
    return Book("xlsx", [sheet, replace(sheet_of(PLAIN, "作業用"), hidden=True)])


def with_text_box() -> Book:
    """A text box that says something."""
    sheet = replace(sheet_of(PLAIN), objects=[Drawn("text box", 1, 3, "2022年度から計量方法を変更")])
    return Book("xlsx", [sheet])


def with_red_cell() -> Book:
    """One figure in red among black ones."""
    sheet = sheet_of((("年度", "ごみの量(t)"), *((2015 + i, 900 + i) for i in range(8))))
    looks = np.zeros_like(sheet.looks)
    looks[3, 1] = 1
    return Book("xlsx", [replace(sheet, looks=looks)], [Look(), Look(colour="FFFF0000")])


def with_formula() -> Book:
    """A total that is computed."""
    rows = (("区", "ごみの量(t)"), ("川崎区", 10), ("幸区", 20), ("計", 30))
    return Book("xlsx", [sheet_of(rows, formulas=[(3, 1)])])


def with_legend() -> Book:
    """A sign for no value, with a sheet that explains it."""
    table = sheet_of((("年度", "ごみの量(t)"), (2021, 998), (2022, "…"), (2023, 871)))
    return Book("xlsx", [table, sheet_of((("記号", "意味"), ("…", "「…」は不詳")), "凡例")])
