"""Datasets made for a test, with every value that is hard to bring through a CSV; they say that they are synthetic."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipelines.settings import REPOSITORY
from tests.kit import Town

SCHEMA = """
title: {ja: 合成データ, en: Synthetic data}
description: {ja: 試験のために作った値。実在しない。, en: Made up for a test. Not real.}
department: environment
guards: off
update_frequency: once
licence: CC-BY-4.0
primaryKey: [code]
fields:
  - {name: code, type: string, title: {ja: 番号, en: Code}}
  - {name: text, type: string, title: {ja: 文, en: Text}}
  - {name: amount, type: number, decimals: 4, title: {ja: 量, en: Amount}}
  - {name: whole, type: integer, title: {ja: 数, en: Whole number}}
  - {name: flag, type: boolean, title: {ja: 真偽, en: Flag}}
  - {name: year, type: year, title: {ja: 年, en: Year}}
  - {name: month, type: yearmonth, title: {ja: 年月, en: Month}}
  - {name: day, type: date, title: {ja: 日, en: Day}}
  - {name: moment, type: datetime, title: {ja: 時刻, en: Moment}}
"""
NAMES = ("code", "text", "amount", "whole", "flag", "year", "month", "day", "moment")
SOURCE = """
kind: csv
path: deliveries/synthetic.csv
columns: {code: code, text: text, amount: amount, whole: whole, flag: flag, year: year, month: month, day: day,
          moment: moment}
"""

HARD_TEXTS = (
    "NA",
    "N/A",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "-",
    "007",
    "1e5",
    "1,234",
    "-0",
    "true",
    "FALSE",
    "2020-01-01",
    "inf",
    "二行目の\n改行",
    "\r\nの改行\r\nも".strip(),
    'say "はい", 「いいえ」',
    '"',
    '""',
    "a,b;c\td|e",
    "'",
    "\\",
    "\\N",
    "#note",
    "=1+1",
    "🗾",
    "１２３，４５６",
    "ﾊﾝｶｸ",
    "か\u3099",
    "﨑髙",
    "x" * 5000,
)
HARD_VALUES: dict[str, Sequence[str]] = {
    "amount": ("0.1", "-0.0001", "12345678901234.5678", "-99999999999999.9999", "0", "3.1400", "1234.5"),
    "whole": ("0", "-1", "999999999999999999", "-999999999999999999", "9007199254740993"),
    "flag": ("true", "false"),
    "year": ("1868", "2200", "2020"),
    "month": ("2019-03", "1900-12"),
    "day": ("2020-02-29", "1900-01-01", "2199-12-31"),
    "moment": ("2020-01-01T00:00:00", "2020-12-31T23:59:59", "2020-01-01T09:08:07.000001", "2020-01-01T09:08:07.25"),
}


def hard_rows() -> list[list[str]]:
    """A row for every hard text, with the hard values in turn, and blanks that differ from column to column."""
    rows = [[f"{i:03}", text, *(_value(name, i) for name in NAMES[2:])] for i, text in enumerate(HARD_TEXTS)]
    return [*rows, ["0010", *[""] * 8], ["10", "", "1", "", "true", "", "2020-01", "", "2020-01-01T00:00:00"]]


def _value(name: str, number: int) -> str:
    """The values of a column in turn; every eleventh is missing, in each column in other rows."""
    values = HARD_VALUES[name]
    return "" if (number + NAMES.index(name)) % 11 == 0 else values[number % len(values)]


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a delivery."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([NAMES, *rows])
    return file.getvalue()


def synthetic_town(folder: Path, delivery: str, schema: str = SCHEMA, source: str = SOURCE) -> Town:
    """A town whose only dataset is `synthetic`."""
    root = folder / "town"
    for part in ("schemas", "sources/deliveries"):
        (root / part).mkdir(parents=True)
    shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", root / "schemas" / "_city.yaml")
    (root / "schemas" / "synthetic.yaml").write_text(schema, encoding="utf-8")
    (root / "sources" / "synthetic.yaml").write_text(source, encoding="utf-8")
    (root / "sources" / "deliveries" / "synthetic.csv").write_text(delivery, encoding="utf-8", newline="")
    return Town(root, folder / "home")
