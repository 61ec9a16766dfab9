"""ORIGINS.csv, the facts and the plan, as plain rows."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from tests.kit import shared
from tests.provenance.cells import DELIVERIES


@dataclass(frozen=True)
class Origin:
    """One row of ORIGINS.csv."""

    file: str
    sheet: str
    cell: str
    figure: str
    series: str
    period: str
    origin: str

    @property
    def place(self) -> tuple[str, str, str]:
        """File, sheet and address."""
        return self.file, self.sheet, self.cell

    @property
    def is_fact(self) -> bool:
        """Whether it comes from ../shared/facts."""
        return self.series not in {"plan", "realdata", "computed"}


@dataclass(frozen=True)
class Fact:
    """One row of ../shared/facts/series*.csv."""

    value: Decimal
    unit: str
    status: str


@cache
def origins() -> list[Origin]:
    """Every row of ORIGINS.csv."""
    with (DELIVERIES / "ORIGINS.csv").open(encoding="utf-8", newline="") as file:
        return [Origin(**row) for row in csv.DictReader(file)]


@cache
def facts() -> dict[tuple[str, str, str], Fact]:
    """The facts by series, period and origin."""
    return {key: fact for name in ("series.csv", "series_more.csv") for key, fact in _facts(shared("facts", name))}


def _facts(path: Path) -> list[tuple[tuple[str, str, str], Fact]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            ((row["series"], row["period"], row["origin"]), Fact(Decimal(row["value"]), row["unit"], row["status"]))
            for row in csv.DictReader(file)
        ]


@cache
def plan_lines() -> list[str]:
    """The lines of the plan, in half width."""
    text = shared("plan", "kawasaki-sdgs-future-city-plan-2.md").read_text("utf-8")
    return [unicodedata.normalize("NFKC", line) for line in text.split("\n")]


def numbers_in(text: str) -> list[str]:
    """The figures in a text, and SDG targets such as 12.a, in the UN's form."""
    found = re.findall(r"\d[\d,]*(?:\.\d+)?(?:\.?[a-d](?![a-z]))?", unicodedata.normalize("NFKC", text))
    return [re.sub(r"(\d)([a-d])$", r"\1.\2", number.rstrip(",")) for number in found]
