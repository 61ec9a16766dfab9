"""The few words and units that `opendata new` translates; whatever stands here in no doubt, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from pipelines.reading.cells import squeeze


class Word(NamedTuple):
    """A header's name as a field, and its English title."""

    name: str
    title: str


WORDS: Final[Mapping[str, Word]] = {
    "年度": Word("fiscal_year", "Fiscal year"),
    "会計年度": Word("fiscal_year", "Fiscal year"),
    "年": Word("year", "Year"),
    "年次": Word("year", "Year"),
    "暦年": Word("year", "Year"),
    "年月": Word("month", "Month"),
    "年月日": Word("date", "Date"),
    "基準日": Word("date", "Reference date"),
    "区": Word("ward", "Ward"),
    "区名": Word("ward", "Ward"),
    "行政区": Word("ward", "Ward"),
    "区コード": Word("area_code", "Area code"),
    "団体コード": Word("area_code", "Area code"),
    "町丁名": Word("town", "Town block"),
    "駅": Word("station", "Station"),
    "駅名": Word("station", "Station"),
    "施設": Word("facility", "Facility"),
    "施設名": Word("facility", "Facility"),
    "人口": Word("population", "Population"),
    "総人口": Word("population", "Population"),
    "人数": Word("persons", "Persons"),
    "世帯": Word("households", "Households"),
    "世帯数": Word("households", "Households"),
    "男": Word("male", "Male"),
    "男性": Word("male", "Male"),
    "女": Word("female", "Female"),
    "女性": Word("female", "Female"),
    "性別": Word("sex", "Sex"),
    "年齢": Word("age", "Age"),
    "件数": Word("count", "Count"),
    "総数": Word("total", "Total"),
    "合計": Word("total", "Total"),
    "計": Word("total", "Total"),
    "面積": Word("area", "Area"),
    "割合": Word("share", "Share"),
    "住所": Word("address", "Address"),
    "所在地": Word("address", "Address"),
    "緯度": Word("latitude", "Latitude"),
    "経度": Word("longitude", "Longitude"),
    "電話番号": Word("telephone", "Telephone number"),
    "備考": Word("remarks", "Remarks"),
    "乗車": Word("boarding", "Boarding"),
    "降車": Word("alighting", "Alighting"),
    "通過": Word("passing", "Passing through"),
    "上り": Word("inbound", "Inbound"),
    "下り": Word("outbound", "Outbound"),
    "定期券利用者": Word("season_ticket", "Season ticket holders"),
    "普通券利用者": Word("ordinary_ticket", "Ordinary ticket holders"),
}

# Calendar years, then fiscal years.
YEARS: Final = (WORDS["年"], WORDS["年度"])

# What the unit is called in the schema. Of the sense of `名` or `点` nobody can be sure: not here.
UNITS: Final[Mapping[str, str]] = {
    "人": "person",
    "人/日": "person/day",
    "件": "case",
    "世帯": "household",
    "円": "JPY",
    "%": "%",
    "t": "t",
    "トン": "t",
    "kg": "kg",
    "g": "g",
    "ha": "ha",
    "m2": "m2",
    "m3": "m3",
    "km2": "km2",
    "km": "km",
    "m": "m",
    "施設": "facility",
    "戸": "dwelling",
    "校": "school",
    "隻": "ship",
    "t-CO2": "t-CO2",
}
_POWERS: Final = {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "億": 8, "十億": 9, "百億": 10}


class Unit(NamedTuple):
    """A unit's name in the schema, empty when it is not known, and what its figures are multiplied by."""

    name: str
    scale: int


def unit_of(text: str) -> Unit:
    """`千円` → JPY, 1000. A unit that is not known has no name and scale 1."""
    plain = squeeze(text)
    for power in sorted(_POWERS, key=len, reverse=True):
        base = plain.removeprefix(power)
        if plain.startswith(power) and base in UNITS:
            return Unit(UNITS[base], 10 ** _POWERS[power])
    return Unit("", 1)


def word_of(header: str) -> Word | None:
    """The word of a header whose every level is known: 人口/男 → population_male. Latin headers name themselves."""
    parts = [WORDS.get(part) for part in header.split("/")]
    known = [part for part in parts if part]
    if len(known) == len(parts):
        return Word("_".join(part.name for part in known), ", ".join(part.title for part in known))
    plain = re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")
    latin = header.isascii() and re.fullmatch(r"[a-z][a-z0-9_]+", plain)
    return Word(plain, header) if latin else None
