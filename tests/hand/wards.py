"""A small town made up for these tests: 119 rows by ward and year, and their sum by year, which is derived."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.kit import Town

NAME, DERIVED = "visits", "visits_by_year"
WARDS, YEARS = range(1, 18), range(2015, 2022)  # 17 × 7 = 119 rows

CITY = """\
title: {ja: 架空市, en: Madeup City}
local_government_code: "999997"
area_code: "99999"
homepage: https://town.invalid/
departments: {culture: {title: {ja: 文化局, en: Culture Bureau}}}
licences: {CC0-1.0: {title: CC0 1.0, path: "https://creativecommons.org/publicdomain/zero/1.0/"}}
"""
SCHEMA = """\
title: {ja: 来館者数（架空）, en: Visits (synthetic)}
description: {ja: 試験のために作った来館者数, en: Visits made up for tests}
department: culture
update_frequency: annual
licence: CC0-1.0
fields:
  - {name: year, type: year, title: {ja: 年, en: Year}}
  - {name: ward, type: string, title: {ja: 区, en: Ward}}
  - {name: visits, type: integer, title: {ja: 来館者数, en: Visits}}
primaryKey: [year, ward]
"""
SOURCE = """\
kind: csv
path: deliveries/visits.csv
columns: {year: 年, ward: 区, visits: 来館者数}
"""
SUM_SCHEMA = """\
title: {ja: 年ごとの来館者数（架空）, en: Visits by year (synthetic)}
description: {ja: 試験のための派生データ, en: Derived for tests}
department: culture
update_frequency: annual
licence: CC0-1.0
fields:
  - {name: year, type: year, title: {ja: 年, en: Year}}
  - {name: visits, type: integer, title: {ja: 来館者数, en: Visits}}
primaryKey: [year]
"""
SUM_SOURCE = """\
kind: derived
inputs: [visits]
sql: SELECT year, sum(visits)::BIGINT AS visits, list(ref) AS refs FROM visits GROUP BY year
"""

Figures = Mapping[tuple[int, str], int]


def figures() -> dict[tuple[int, str], int]:
    """The first delivery: a slow growth in each ward."""
    return {(year, f"{ward:02}"): 1000 + 10 * ward + 3 * (year - 2015) for year in YEARS for ward in WARDS}


def only(found: Figures, rows: int) -> dict[tuple[int, str], int]:
    """The first rows of a delivery, as if the export had been cut off."""
    return dict(list(found.items())[:rows])


def deliver(town: Town, found: Figures) -> None:
    """Put a delivery where the department puts it."""
    lines = [["年", "区", "来館者数"], *([str(year), ward, str(value)] for (year, ward), value in found.items())]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    (town.root / "sources" / "deliveries" / "visits.csv").write_text(text.getvalue(), encoding="utf-8", newline="")


def made(folder: Path, guards: str = "") -> Town:
    """The town before its first night. `guards` is added to the contract."""
    root = folder / "town"
    (root / "schemas").mkdir(parents=True)
    (root / "sources" / "deliveries").mkdir(parents=True)
    for path, text in _files(guards):
        (root / path).write_text(text, encoding="utf-8")
    town = Town(root, folder / "home")
    deliver(town, figures())
    return town


def _files(guards: str) -> Iterator[tuple[str, str]]:
    yield "schemas/_city.yaml", CITY
    yield f"schemas/{NAME}.yaml", SCHEMA + guards
    yield f"sources/{NAME}.yaml", SOURCE
    yield f"schemas/{DERIVED}.yaml", SUM_SCHEMA
    yield f"sources/{DERIVED}.yaml", SUM_SOURCE


def read(town: Town, name: str = NAME) -> dict[tuple[str, ...], str]:
    """What a reader of the stable address finds: the last column by all others."""
    text = (town.home / "catalogue" / name / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return {tuple(row[:-1]): row[-1] for row in rows}
