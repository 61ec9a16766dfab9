"""The goal of a line: the straight path from where it stood to where a plan wants it, and the target, as layers."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from pipelines.charts.chart import Chart, Goal, Number, Point, period_label
from pipelines.charts.units import unit_text
from pipelines.findings import Language, Text
from pipelines.release.descriptor import Json

_GREY = "#6b6f76"
_BOUND = {"at_least": Text("以上", "at least "), "at_most": Text("以下", "at most "), "exactly": Text("", "")}


def with_goal(lines: Json, goal: Goal, language: Language) -> Json:
    """The specification of lines, with the goal drawn over it. Only years are known to plans."""
    shared = {key: lines[key] for key in ("title", "width", "height")}
    own = {key: lines[key] for key in ("data", "mark", "encoding")}
    own["encoding"] = _labelled_apart(cast("Json", own["encoding"]))
    return {**shared, "layer": [own, *_path(goal), *_target(goal, language)]}


def _labelled_apart(encoding: Json) -> Json:
    """A plan reaches far beyond the figures: years that would touch each other are not written."""
    x = cast("Json", encoding["x"])
    return {**encoding, "x": {**x, "axis": {**cast("Json", x["axis"]), "labelOverlap": "greedy", "labelSeparation": 8}}}


def plain(value: Number) -> str:
    """A figure with separators and without idle zeros: 872.00 → 872."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def goal_text(chart: Chart, goal: Goal, language: Language) -> str:
    """The goal in words: `目標：2025年度 872 g以下（2020年度の902から）`."""
    unit = unit_text(goal.unit).said(language)
    when = period_label(goal.target[0], chart.period, language)
    bound = _BOUND[goal.comparator].said(language)
    value, start = plain(goal.target[1]), ""
    if goal.baseline:
        since = period_label(goal.baseline[0], chart.period, language)
        start = (
            f"（{since}の{plain(goal.baseline[1])}から）"
            if language == "ja"
            else f", from {plain(goal.baseline[1])} in {since}"
        )
    if language == "ja":
        return f"計画の目標：{when} {value} {unit}{bound}{start}。"
    return f"Target of the plan: {bound}{value} {unit} in {when}{start}."


def _path(goal: Goal) -> list[Json]:
    if goal.baseline is None:
        return []
    mark: Json = {"type": "line", "strokeDash": [3, 4], "strokeWidth": 1.5, "color": _GREY}
    return [{"data": _data(goal.baseline, goal.target), "mark": mark, "encoding": _places()}]


def _target(goal: Goal, language: Language) -> list[Json]:
    """A hollow diamond, and what it says."""
    mark: Json = {"type": "point", "shape": "diamond", "size": 140, "filled": False, "strokeWidth": 2, "color": _GREY}
    words = f"{'目標' if language == 'ja' else 'Target'} {plain(goal.target[1])}"
    text: Json = {"type": "text", "text": words, "align": "right", "dx": 6, "dy": -16, "fontSize": 13, "color": _GREY}
    return [{"data": _data(goal.target), "mark": one, "encoding": _places()} for one in (mark, text)]


def _places() -> Json:
    return {"x": {"field": "period", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}


def _data(*points: Point) -> Json:
    return {"values": [{"period": int(period), "value": float(value)} for period, value in points]}
