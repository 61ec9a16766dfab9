"""Hits of one rule on all sheets → one group with true counts, ranges and samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pipelines.checking.report import Group, Range, Sample
from pipelines.checking.rulebook import SheetRule
from pipelines.checking.rules.kit import Cells, Hit, Spot, View, runs
from pipelines.checking.sheet import Mask, Sheet, at
from pipelines.findings import Text

MOST_RANGES: Final = 1000  # of one group; its count is always that of all places
MOST_SAMPLES: Final = 200


@dataclass
class _Gathered:
    """What one rule found on one sheet: ranges, samples with where they stand, and how many places."""

    sheet: Sheet
    count: int = 0
    columns: dict[int, Mask] = field(default_factory=dict)
    ranges: list[str] = field(default_factory=list)
    samples: list[tuple[int, int, Sample]] = field(default_factory=list)

    def take(self, hit: Hit) -> None:
        if isinstance(hit, Cells):
            self._cells(hit)
        else:
            self._spot(hit)

    def _cells(self, hit: Cells) -> None:
        mask = self.columns.setdefault(hit.column, np.zeros(self.sheet.height, np.bool_))
        mask[hit.rows] = True
        known = len(self.samples)
        if known < MOST_SAMPLES * 4:
            for row in hit.rows[:MOST_SAMPLES].tolist():
                sample = Sample(self.sheet.name, at(row, hit.column), hit.found, hit.proposal)
                self.samples.append((row, hit.column, sample))

    def _spot(self, hit: Spot) -> None:
        self.count += 1
        address = _address(hit)
        if len(self.ranges) < MOST_RANGES:
            self.ranges.append(address)
        row, column = (hit.area.top, hit.area.left) if hit.area else (-1, -1)
        sheet = "" if hit.whole == "file" else self.sheet.name
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append((row, column, Sample(sheet, address, hit.found, hit.proposal)))

    @property
    def total(self) -> int:
        return self.count + sum(int(mask.sum()) for mask in self.columns.values())

    def places(self) -> Iterator[str]:
        yield from self.ranges
        for column, mask in self.columns.items():
            for first, last in runs(np.flatnonzero(mask).tolist()):
                yield at(first, column) if first == last else f"{at(first, column)}:{at(last, column)}"


def _address(spot: Spot) -> str:
    area = spot.area
    if area is None:
        return ""
    if spot.whole == "rows":
        return f"{area.top + 1}:{area.bottom + 1}"
    if spot.whole == "columns":
        return f"{at(0, area.left)[:-1]}:{at(0, area.right)[:-1]}"
    return area.address


def group(rule: SheetRule, views: Sequence[View], *, blocking: bool) -> Group | None:
    """What a rule found in a book; None when nothing."""
    if rule.judge is None:
        return None
    gathered = [_Gathered(view.sheet) for view in views]
    for view, mine in zip(views, gathered, strict=True):
        for hit in rule.judge(view):
            mine.take(hit)
    count = sum(mine.total for mine in gathered)
    if not count:
        return None
    whole_file = any(s.sheet == "" and s.cell == "" for mine in gathered for _, _, s in mine.samples)
    places = [Range("" if whole_file else mine.sheet.name, place) for mine in gathered for place in mine.places()]
    samples = [s for mine in gathered for _, _, s in sorted(mine.samples, key=lambda item: item[:2])][:MOST_SAMPLES]
    return Group(
        code=rule.code,
        rule=rule.id,
        level=rule.level,
        severity=rule.severity,
        blocking=blocking,
        whose="department",
        title=rule.title,
        found=found_line([s.found for s in samples], count),
        expected=rule.expected,
        remedy=rule.remedy,
        places=tuple(places[:MOST_RANGES]),
        count=count,
        samples=tuple(samples),
    )


def found_line(found: Sequence[str], count: int) -> Text:
    """What was found, in one line: the first text, and how many places there are."""
    first = next((_shown(text) for text in found if text.strip()), "")
    if count == 1:
        return Text(f"「{first}」", f"“{first}”") if first else Text("1か所", "1 place")
    ja, en = (f"「{first}」など ", f"“{first}” and others, ") if first else ("", "")
    return Text(f"{ja}{count:,}か所", f"{en}{count:,} places")


def _shown(text: str, limit: int = 40) -> str:
    line = "".join(char if char.isprintable() else "⏎" if char == "\n" else " " for char in text)
    return f"{line[:limit]}…" if len(line) > limit else line
