"""The goal of a line: the straight path from where it stood to where a plan wants it, and the target, as layers."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from pipelines.charts.chart import Chart, Comparator, Goal, Number, Point, period_label
from pipelines.charts.units import amount, unit_text
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


def plain(value: Number, language: Language) -> str:
    """A figure with separators and without idle zeros: 872.00 → 872. A Japanese office writes -10.2 as ▲10.2."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return shown.replace("-", "▲") if language == "ja" else shown


def bound_of(comparator: Comparator, value: Number, language: Language) -> Comparator:
    """On which side of the target a value should be, as it is said: at most -50 is `▲50以上`, the plan's own words."""
    other: dict[Comparator, Comparator] = {"at_most": "at_least", "at_least": "at_most"}
    return other.get(comparator, comparator) if value < 0 and language == "ja" else comparator


def goal_text(chart: Chart, goal: Goal, language: Language) -> str:
    """The goal in words: `目標：2025年度 872 g以下（2020年度の902から）`."""
    unit = unit_text(goal.unit).said(language)
    when = period_label(goal.target[0], chart.period, language)
    bound = _BOUND[bound_of(goal.comparator, goal.target[1], language)].said(language)
    value, start = amount(plain(goal.target[1], language), unit), ""
    if goal.baseline:
        since = period_label(goal.baseline[0], chart.period, language)
        start = (
            f"（{since}の{plain(goal.baseline[1], language)}から）"
            if language == "ja"
            else f", from {plain(goal.baseline[1], language)} in {since}"
        )
    if language == "ja":
        return f"計画の目標：{when} {value}{bound}{start}。"
    return f"Target of the plan: {bound}{value} in {when}{start}."


def _path(goal: Goal) -> list[Json]:
    if goal.baseline is None:
        return []
    mark: Json = {"type": "line", "strokeDash": [3, 4], "strokeWidth": 1.5, "color": _GREY}
    return [{"data": _data(goal.baseline, goal.target), "mark": mark, "encoding": _places()}]


def _target(goal: Goal, language: Language) -> list[Json]:
    """A hollow diamond, and what it says."""
    mark: Json = {"type": "point", "shape": "diamond", "size": 140, "filled": False, "strokeWidth": 2, "color": _GREY}
    words = f"{'目標' if language == 'ja' else 'Target'} {plain(goal.target[1], language)}"
    text: Json = {"type": "text", "text": words, "align": "right", "dx": 6, "dy": -16, "fontSize": 13, "color": _GREY}
    return [{"data": _data(goal.target), "mark": one, "encoding": _places()} for one in (mark, text)]


def _places() -> Json:
    return {"x": {"field": "period", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}


def _data(*points: Point) -> Json:
    return {"values": [{"period": int(period), "value": float(value)} for period, value in points]}
