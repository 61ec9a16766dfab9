"""One indicator of the plan: its values, where it began, where it is to be, and the straight path between the two.

Rows are those of the dataset `kpi_progress`, which computes path and status; nothing is computed here. The picture has
figures and no words, so one serves both languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.charts.chart import Point
from pipelines.charts.vega import COLOURS, FONT, SCHEMA
from pipelines.release.descriptor import Json

Row = Mapping[str, object]
STATUS_COLOURS = {"met": "#0a8466", "on_track": "#1f77b4", "behind": "#c4560f", "no_status": "#74808a"}


@dataclass(frozen=True, slots=True)
class Progress:
    """One indicator, or one breakdown of it; `values` in order of time, the last being the current one."""

    breakdown: str
    values: Sequence[Point]
    baseline: Point | None
    target: Point | None
    status: str


def progress_of(rows: Sequence[Row]) -> list[Progress]:
    """The breakdowns of one indicator, from its rows of `kpi_progress`."""
    breakdowns = sorted({str(row["breakdown"]) for row in rows})
    return [_one(name, [row for row in rows if row["breakdown"] == name]) for name in breakdowns]


def _one(breakdown: str, rows: Sequence[Row]) -> Progress:
    ordered = sorted(rows, key=lambda row: int(str(row["fiscal_year"])))
    values = [point for row in ordered if (point := _point(row, "fiscal_year", "value"))]
    last = ordered[-1]
    baseline = _point(last, "baseline_fiscal_year", "baseline_value")
    target = _point(last, "target_fiscal_year", "target_value")
    return Progress(breakdown, values, baseline, target, str(last["status"]))


def _point(row: Row, period: str, value: str) -> Point | None:
    if row[period] is None or row[value] is None:
        return None
    return str(row[period]), row[value]  # type: ignore[return-value]  # integers and decimals, as DuckDB gives them


def picture_of(found: Sequence[Progress]) -> Json:
    """The Vega-Lite specification of a small picture: path dashed, target hollow, values filled."""
    years = sorted({int(period) for one in found for period, _ in _points(one)})
    labelled = sorted({years[0], years[-1]})
    x: Json = {
        "field": "period",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": False, "padding": 16},
        "axis": {"values": labelled, "format": "d", "grid": False},
    }
    y: Json = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True, "padding": 10},
        "axis": {"tickCount": 3, "labelExpr": "format(datum.value, ',~r')"},
    }
    return {
        "$schema": SCHEMA,
        "background": "transparent",
        "width": 250,
        "height": 110,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {"labelColor": "#444", "labelFontSize": 12, "gridColor": "#dedede", "domainColor": "#888"},
        },
        "encoding": {"x": x, "y": y},
        "layer": [layer for i, one in enumerate(found) for layer in _layers(one, _colour(one, i, len(found)))],
    }


def _colour(one: Progress, number: int, count: int) -> str:
    """The colour of the status; several breakdowns without one are told apart."""
    return COLOURS[number] if count > 1 and one.status == "no_status" else STATUS_COLOURS[one.status]


def _points(one: Progress) -> list[Point]:
    return [*one.values, *([one.baseline] if one.baseline else []), *([one.target] if one.target else [])]


def _layers(one: Progress, colour: str) -> list[Json]:
    layers: list[Json] = []
    if one.baseline and one.target:
        path: Json = {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": "#777"}
        layers.append({"data": _data([one.baseline, one.target]), "mark": path})
    if one.target:
        mark: Json = {
            "type": "point",
            "shape": "diamond",
            "size": 90,
            "filled": False,
            "color": "#555",
            "strokeWidth": 2,
        }
        layers.append({"data": _data([one.target]), "mark": mark})
    dots: Json = {"type": "line", "color": colour, "strokeWidth": 2.5, "point": {"size": 50, "color": colour}}
    layers.append({"data": _data(one.values), "mark": dots})
    return layers


def _data(points: Sequence[Point]) -> Json:
    return {"values": [{"period": int(period), "value": float(value)} for period, value in points]}
