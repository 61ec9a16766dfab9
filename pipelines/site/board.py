"""The progress board: what `kpi_progress` says of each indicator of the plan, with a picture for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import duckdb

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import IndexTurn, Item
from pipelines.charts import svg
from pipelines.charts.chart import Comparator
from pipelines.charts.goal import bound_of, plain
from pipelines.charts.progress import Progress, picture_of, progress_of
from pipelines.charts.units import unit_text
from pipelines.findings import Language, Text
from pipelines.sqltext import parquet

BOARD = "progress-board/"
PROGRESS, INDICATORS, PLACEMENTS = "kpi_progress", "kpi_indicators", "kpi_placements"
STATUSES = ("met", "on_track", "behind", "no_status")

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """The current state of one breakdown of an indicator."""

    breakdown: str
    row: Row
    progress: Progress

    @property
    def status(self) -> str:
        """The status, as the dataset has it."""
        return str(self.row["status"])

    def number(self, name: str, language: Language) -> str:
        """A figure of the row as people write it; empty where there is none."""
        value = self.row[name]
        return "" if value is None else plain(cast("Decimal", value), language)

    def bound(self, language: Language) -> Comparator:
        """On which side of the target its value should be, as it is said beside the target."""
        comparator, target = cast("Comparator", self.row["comparator"]), cast("Decimal", self.row["target_value"])
        return bound_of(comparator, target, language)

    def year(self, name: str) -> str:
        """A year of the row; empty where there is none."""
        return "" if self.row[name] is None else str(self.row[name])


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator with its lines: one, or one for each breakdown."""

    id: str
    name: Text
    unit: Text
    dataset: str
    pillar: str
    goals: Sequence[int]
    lines: Sequence[Line]

    @property
    def status(self) -> str:
        """The status of its first line."""
        return self.lines[0].status


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board, and the releases that it was made of: name → version, and title."""

    indicators: Sequence[Indicator]
    versions: Mapping[str, str]
    titles: Mapping[str, Text]

    @property
    def pillars(self) -> list[str]:
        """The headings, in the order in which the plan has them."""
        return list(dict.fromkeys(one.pillar for one in self.indicators))

    def of(self, pillar: str) -> list[Indicator]:
        """The indicators below one heading."""
        return [one for one in self.indicators if one.pillar == pillar]

    def count(self, status: str) -> int:
        """How many indicators have a status."""
        return sum(one.status == status for one in self.indicators)


def board_of(turn: IndexTurn) -> Board | None:
    """The board; None for a catalogue that has no such plan."""
    names = (PROGRESS, INDICATORS, PLACEMENTS)
    if any(name not in turn.releases for name in names):
        return None
    progress, indicators, placements = (_rows(turn.releases[name]) for name in names)
    found = [_indicator(row, progress, placements) for row in indicators]
    order = list(dict.fromkeys(str(row["pillar"]) for row in placements if row["chapter"] == "initiatives"))
    found.sort(key=lambda one: (order.index(one.pillar) if one.pillar in order else len(order), one.id))
    versions = {name: turn.releases[name].ref.version for name in names}
    return Board(found, versions, {name: _title(turn.releases[name]) for name in names})


def _title(release: Wanted) -> Text:
    about = release.manifest.build.description
    return Text(str(about["title@ja"]), str(about["title@en"]))


def picture_files(board: Board) -> dict[str, Item]:
    """A picture for each indicator that has a value."""
    return {
        f"{BOARD}{one.id}.svg": svg(picture_of([line.progress for line in one.lines]), f"{one.name.ja} / {one.name.en}")
        for one in board.indicators
        if all(line.progress.values for line in one.lines)
    }


def _rows(release: Wanted) -> list[Row]:
    path = release.path(f"{release.manifest.name}.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM {parquet(path)}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _indicator(row: Row, progress: Sequence[Row], placements: Sequence[Row]) -> Indicator:
    code = str(row["indicator_id"])
    rows = [one for one in progress if one["indicator_id"] == code]
    places = [one for one in placements if one["indicator_id"] == code]
    unit = unit_text(str(row["unit"]))
    lines = [Line(one.breakdown, _current(rows, one.breakdown), one) for one in progress_of(rows)]
    name = Text(str(row["name_ja"]), str(row["name_en"]))
    goals = sorted({cast("int", one["sdg_goal"]) for one in places})
    return Indicator(code, name, unit, str(row["dataset"]), _pillar(places), goals, lines)


def _current(rows: Sequence[Row], breakdown: str) -> Row:
    """The row of the last year that has a value, else the last."""
    own = [row for row in rows if row["breakdown"] == breakdown]
    with_value = [row for row in own if row["value"] is not None]
    return max(with_value or own, key=lambda row: cast("int", row["fiscal_year"]))


def _pillar(places: Sequence[Row]) -> str:
    """Where an indicator stands in chapter 2 of the plan; where it stands there nowhere, its dimension in chapter 1."""
    chapter = [row for row in places if row["chapter"] == "initiatives"] or list(places)
    return str(chapter[0]["pillar"]) if chapter else "economy"
