"""Codes as people read them: from a companion column (`station_en`), the names of areas, or a field's description."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from pipelines.findings import Language, Text
from pipelines.release.descriptor import Json

FieldJson = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one release's codes."""

    areas: Mapping[str, Text]
    fields: Mapping[str, FieldJson]

    def companion(self, name: str, language: Language) -> str | None:
        """The column that has the words for a column of codes."""
        candidates = (f"{name}_{language}", *([f"{name.removesuffix('_code')}_name"] if language == "ja" else []))
        return next((c for c in candidates if c in self.fields), None)

    def of(self, name: str, code: str) -> Text:
        """The words of one code of a field; the code itself where nobody says."""
        field = self.fields[name]
        if name.endswith("area_code") and code in self.areas:
            return self.areas[code]
        ja, en = (_described(str(field.get(f"description@{lang}", "")), code, _codes(field)) for lang in ("ja", "en"))
        return Text(ja or code, en or code)


def labels_of(description: Json, table_schema: Json) -> Labels:
    """The labels of a release, from its description and Table Schema."""
    spatial = cast("list[dict[str, str]]", description.get("spatialCoverage") or [])
    fields = cast("list[FieldJson]", table_schema["fields"])
    areas = {area["code"]: Text(area["name@ja"], area["name@en"]) for area in spatial}
    return Labels(areas, {str(field["name"]): field for field in fields})


def _codes(field: FieldJson) -> list[str]:
    constraints = cast("Mapping[str, object]", field.get("constraints") or {})
    return [str(code) for code in cast("list[object]", constraints.get("enum") or [])]


def _described(description: str, code: str, codes: Collection[str]) -> str:
    """The words of a code in a description such as `total：全体、grade_5：小学校5年生`."""
    if code not in codes:
        return ""
    others = "|".join(re.escape(other) for other in sorted(codes, key=len, reverse=True))
    pattern = (
        rf"(?<![\w-]){re.escape(code)}\s*[：:＝=]\s*(.+?)\s*(?:[、，,;；。]\s*(?=(?:{others})\s*[：:＝=,、])|[;；。]|$)"
    )
    found = re.search(pattern, description, re.DOTALL)
    return found[1].strip() if found else ""
