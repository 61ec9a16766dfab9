"""A synthetic table: ten million rows of eight columns, in which one cell in a million is implausible. No figure of it is real."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from pipelines.settings import REPOSITORY

SCHEMA = """
title: {ja: 合成データ（実在しない）, en: Synthetic data (not real)}
description: {ja: 性能測定のための合成データ。実在の数値ではない。, en: Made up to measure speed. No figure is real.}
department: general_affairs
update_frequency: once
licence: CC-BY-4.0
fields:
  - {name: id, type: integer, title: {ja: 番号, en: Number}, constraints: {required: true, minimum: 0}}
  - {name: fiscal_year, type: year, title: {ja: 年度, en: Fiscal year}, constraints: {required: true, minimum: 1950, maximum: 2100}}
  - {name: area_code, type: string, title: {ja: 区, en: Ward}, constraints: {required: true, enum: ["14131", "14132", "14133", "14134", "14135", "14136", "14137"]}}
  - {name: code, type: string, title: {ja: 符号, en: Code}, constraints: {minLength: 5, maxLength: 5, pattern: "[0-9]{5}"}}
  - {name: amount, type: number, decimals: 2, title: {ja: 量, en: Amount}, constraints: {required: true}, plausible: {minimum: 0, maximum: 100000}}
  - {name: persons, type: integer, title: {ja: 人数, en: Persons}, plausible: {minimum: 0, maximum: 1000000}}
  - {name: day, type: date, title: {ja: 日, en: Day}, constraints: {minimum: "1990-01-01"}}
  - {name: remark, type: string, title: {ja: 備考, en: Remark}, constraints: {maxLength: 40}}
primaryKey: [id]
"""
SOURCE = """
kind: csv
path: deliveries/synthetic.csv
columns: {id: id, fiscal_year: fiscal_year, area_code: area_code, code: code, amount: amount, persons: persons, day: day, remark: remark}
"""
COLUMNS = ("id", "fiscal_year", "area_code", "code", "amount", "persons", "day", "remark")
NAME = "synthetic_table"


def make_town(root: Path, rows: int) -> Path:
    """A folder with schemas/ and sources/ that has only the synthetic dataset; returns its CSV."""
    for part in ("schemas", "sources/deliveries"):
        (root / part).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", root / "schemas" / "_city.yaml")
    (root / "schemas" / f"{NAME}.yaml").write_text(SCHEMA, encoding="utf-8")
    (root / "sources" / f"{NAME}.yaml").write_text(SOURCE, encoding="utf-8")
    path = root / "sources" / "deliveries" / "synthetic.csv"
    _write(path, rows)
    return path


def _write(path: Path, rows: int) -> None:
    """Rows in an order that is not that of the key; every 125,000th amount is negative: one cell in a million."""
    duckdb.connect().execute(f"""
        COPY (
            SELECT id, 1960 + id % 65 AS fiscal_year, 14131 + id % 7 AS area_code, printf('%05d', id % 99991) AS code,
                   CASE WHEN id % 125000 = 7 THEN -1.5 ELSE ((id * 7919) % 9999991) / 100.0 END::DECIMAL(12, 2) AS amount,
                   (id * 104729) % 999983 AS persons, DATE '1990-01-01' + (id % 12000)::INT AS day,
                   'synthetic ' || (id % 1000) AS remark
            FROM (SELECT (range * 7368787) % {rows} AS id FROM range({rows}))
        ) TO '{path}' (FORMAT csv, HEADER true)""")
