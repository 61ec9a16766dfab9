"""What a chart shows, before it is a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from pipelines.findings import Language, Text

Comparator = Literal["at_least", "at_most", "exactly"]
Period = Literal["fiscal_year", "year", "yearmonth", "date"]
Number = int | Decimal
Point = tuple[str, Number]


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a name, and a value for some periods (as published, such as `2020` or `2020-04`), in order of time."""

    name: Text
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a plan wants the first series to be, in `unit`, and where it stood when the plan was made."""

    unit: str
    target: Point
    comparator: Comparator
    baseline: Point | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over time, or bars of one period.

    `measure` is what is counted, in `unit` (UCUM where it has one). `left_out` is how many more series the dataset
    has than are drawn. Of a bar chart every series has one point: its bar. `goal` belongs to the first line.
    """

    kind: Literal["line", "bar"]
    title: Text
    measure: Text
    unit: str
    period: Period
    series: Sequence[Series]
    left_out: int = 0
    goal: Goal | None = None

    @property
    def periods(self) -> list[str]:
        """Every period that has a point, in order."""
        return sorted({period for series in self.series for period, _ in series.points})


@dataclass(frozen=True, slots=True)
class NoChart:
    """Why a dataset has no chart."""

    reason: Text


def period_label(period: str, kind: Period, language: Language) -> str:
    """A period as people write it: `2020年度`, `FY2020`; nothing for the bars of a table without one."""
    if not period:
        return ""
    if kind == "fiscal_year":
        return f"{period}年度" if language == "ja" else f"FY{period}"
    if language == "en":
        return period
    return "".join(f"{int(number)}{unit}" for number, unit in zip(period.split("-"), "年月日", strict=False))


def period_of(description: Mapping[str, object], language: Language) -> str:
    """The time that a dataset's rows cover, as people write it; empty where they cover none."""
    covered = cast("dict[str, str] | None", description.get("temporalCoverage"))
    if not covered:
        return ""
    kind = cast("Period", covered["kind"])
    ends = dict.fromkeys(period_label(covered[end], kind, language) for end in ("start", "end"))
    return ("～" if language == "ja" else " to ").join(ends)
