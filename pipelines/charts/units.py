"""Units as people read them. What is not here is shown as it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines.findings import Text

UNITS: Final[Mapping[str, Text]] = {
    "%": Text("%", "%"),
    "a": Text("歳", "years"),
    "case": Text("件", "cases"),
    "contract": Text("件", "contracts"),
    "dwelling": Text("戸", "dwellings"),
    "establishment": Text("事業所", "establishments"),
    "facility": Text("施設", "facilities"),
    "g/(person.day)": Text("g/人・日", "g per person per day"),
    "GT": Text("総トン", "GT"),
    "ha": Text("ha", "ha"),
    "household": Text("世帯", "households"),
    "JPY": Text("円", "JPY"),
    "JPY/person": Text("円/人", "JPY per person"),
    "km": Text("km", "km"),
    "km2": Text("km²", "km²"),
    "m2": Text("m²", "m²"),
    "m2/person": Text("m²/人", "m² per person"),
    "m3": Text("m³", "m³"),
    "m3/d": Text("m³/日", "m³ per day"),
    "m3/mo": Text("m³/月", "m³ per month"),
    "organisation": Text("団体", "organisations"),
    "patent": Text("件", "patents"),
    "person": Text("人", "people"),
    "person/d": Text("人/日", "people per day"),
    "person/h": Text("人/時", "people per hour"),
    "person/km2": Text("人/km²", "people per km²"),
    "pg-TEQ/m3": Text("pg-TEQ/m³", "pg-TEQ/m³"),
    "project": Text("件", "projects"),
    "school": Text("校", "schools"),
    "ship": Text("隻", "ships"),
    "station": Text("局", "stations"),
    "t": Text("トン", "tonnes"),
    "t-CO2": Text("t-CO₂", "t-CO₂"),
    "TEU": Text("TEU", "TEU"),
    "ug/m3": Text("µg/m³", "µg/m³"),
}

_CLOSE = {"%", "円", "人", "件", "世帯"}


def amount(figure: str, unit: str) -> str:
    """A figure with its unit, which some units follow without a space."""
    return f"{figure}{'' if unit in _CLOSE else ' '}{unit}"


def unit_text(unit: str) -> Text:
    """The words of a unit."""
    return UNITS.get(unit, Text(unit, unit))
