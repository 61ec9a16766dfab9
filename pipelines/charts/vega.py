"""A chart → a Vega-Lite specification, as plain data. It holds the figures themselves, so it can be taken elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipelines.charts.chart import Chart, Series, period_label
from pipelines.charts.goal import with_goal
from pipelines.charts.units import unit_text
from pipelines.findings import Language
from pipelines.release.descriptor import Json

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "system-ui, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', 'Yu Gothic', Meiryo, sans-serif"
# After Okabe and Ito, so that people with any colour vision tell them apart; dark enough for white, light enough for
# a dark page (3:1 on both). Dashes tell the series apart where colours do not.
COLOURS = ["#1f77b4", "#c4560f", "#0a8466", "#94671a", "#b0508b", "#747474", "#3a93c4", "#7a68b3"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
_FEW, _DOTTED = 12, 60
_FULL_WIDTH = 0x2FFF  # from here on letters take the room of two

# Large figures as people of each language write them. Written here in Vega's expression language.
_LARGE = {
    "ja": "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~r') + '億' : "
    "abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~r') + '万' : format(datum.value, ',~r')",
    "en": "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, ',~r') + ' bn' : "
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',~r') + ' m' : format(datum.value, ',~r')",
}


def specification(chart: Chart, language: Language) -> Json:
    """The Vega-Lite specification of a chart in one language."""
    unit = unit_text(chart.unit).said(language)
    value = f"{chart.measure.said(language)} ({unit})"
    body = _bars(chart, language, value) if chart.kind == "bar" else _lines(chart, language, value)
    return {
        "$schema": SCHEMA,
        "description": chart.title.said(language),
        "background": "transparent",
        "config": _config(),
        **body,
    }


def _lines(chart: Chart, language: Language, value: str) -> Json:
    names = [series.name.said(language) for series in chart.series]
    rows = [row for series in chart.series for row in _rows(chart, series, language)]
    encoding: Json = {
        "x": _x(chart, language),
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": None,
            "scale": {"zero": begins_at_zero(chart), "nice": True},
            "axis": {"labelExpr": _LARGE[language], "tickCount": 6},
        },
    }
    if len(names) > 1:
        encoding |= _told_apart(names)
    size = 60 if len(chart.periods) <= _FEW else 28
    point = {"size": size, "filled": True} if len(chart.periods) <= _DOTTED else False
    lines: Json = {
        "title": {"text": value, "anchor": "start"},
        "width": 640,
        "height": 300,
        "data": {"values": rows},
        "mark": {"type": "line", "point": point, "strokeWidth": 2, "color": COLOURS[0]},
        "encoding": encoding,
    }
    return with_goal(lines, chart.goal, language) if chart.goal else lines


def _told_apart(names: list[str]) -> Json:
    """Colour and dashes for each series, and one legend for both."""
    legend = {"title": None, "orient": "bottom", "columns": _columns(names), "symbolType": "stroke", "labelLimit": 300}
    colour = {"domain": names, "range": COLOURS[: len(names)]}
    dash = {"domain": names, "range": DASHES[: len(names)]}
    return {
        "color": {"field": "series", "type": "nominal", "scale": colour, "legend": legend},
        "strokeDash": {"field": "series", "type": "nominal", "scale": dash, "legend": legend},
    }


def _columns(names: list[str]) -> int:
    """How many legend entries stand in one line; a full-width character takes the room of two."""
    widest = max(sum(1 + (ord(letter) > _FULL_WIDTH) for letter in name) for name in names)
    return max(1, min(len(names), 84 // (widest + 6)))


def _x(chart: Chart, language: Language) -> Json:
    if chart.period in {"fiscal_year", "year"}:
        axis: Json = {"format": "d", "tickMinStep": 1, "grid": False}
        if language == "ja" and chart.period == "fiscal_year":
            axis["labelExpr"] = "datum.label + '年度'"
        elif language == "en" and chart.period == "fiscal_year":
            axis["labelExpr"] = "'FY' + datum.label"
        scale: Json = {"zero": False, "nice": False, "padding": 18}
        return {"field": "period", "type": "quantitative", "title": None, "axis": axis, "scale": scale}
    scale = {"type": "utc", "padding": 12}
    axis = {
        "grid": False,
        "format": "%Y" if _years(chart) else "%Y-%m",
        "tickCount": _ticks(chart),
        "labelOverlap": True,
    }
    return {"field": "period", "type": "temporal", "title": None, "axis": axis, "scale": scale}


def _years(chart: Chart) -> int:
    """How many years are covered; 0 where that is too little for ticks of whole years."""
    span = int(chart.periods[-1][:4]) - int(chart.periods[0][:4])
    return span if span > 3 else 0  # noqa: PLR2004


def _ticks(chart: Chart) -> Json | int:
    years = _years(chart)
    return {"interval": "year", "step": 1 + years // 10} if years else min(6, len(chart.periods))


def _rows(chart: Chart, series: Series, language: Language) -> list[Json]:
    """The points of a line, with an empty one where years are missing, so that the line is broken there."""
    name = series.name.said(language)
    points = [(_period(chart, period), _plain(value)) for period, value in series.points]
    rows: list[Json] = []
    for (period, value), gap in zip(points, _gaps([period for period, _ in points]), strict=True):
        rows.append({"period": period, "series": name, "value": value})
        if gap:
            rows.append({"period": gap, "series": name, "value": None})
    return rows


def _gaps(periods: Sequence[int | str]) -> list[int]:
    """After each period: the first year that is missing by the rhythm of the series, or 0."""
    years = [period for period in periods if isinstance(period, int)]
    steps = [after - before for before, after in pairwise(years)]
    gaps = [before + min(steps) if step > min(steps) else 0 for before, step in zip(years, steps, strict=False)]
    return [*gaps, 0] if gaps else [0] * len(periods)


def _period(chart: Chart, period: str) -> int | str:
    """Years are numbers; months and days are instants in UTC, so that no time zone moves them."""
    if chart.period in {"fiscal_year", "year"}:
        return int(period)
    return f"{period}-01T00:00:00Z" if chart.period == "yearmonth" else f"{period}T00:00:00Z"


def _plain(value: object) -> int | float:
    return value if isinstance(value, int) else float(str(value))


def begins_at_zero(chart: Chart) -> bool:
    """Whether the axis of a line chart begins at zero: unless that would flatten all lines at the top."""
    values = [_plain(value) for series in chart.series for _, value in series.points]
    return min(values) < 0 or min(values) < 0.6 * max(values)


def _bars(chart: Chart, language: Language, value: str) -> Json:
    rows = [{"series": s.name.said(language), "value": _plain(s.points[-1][1])} for s in chart.series]
    names = [row["series"] for row in rows]
    period = period_label(chart.series[0].points[-1][0], chart.period, language)
    encoding = {
        "y": {
            "field": "series",
            "type": "nominal",
            "sort": names,
            "title": None,
            "axis": {"labelLimit": 260, "grid": False, "ticks": False, "domain": False},
        },
        "x": {"field": "value", "type": "quantitative", "title": None, "axis": {"labelExpr": _LARGE[language]}},
    }
    return {
        "title": {"text": f"{value} {period}".strip(), "anchor": "start"},
        "width": 480,
        "height": {"step": 26},
        "data": {"values": rows},
        "mark": {"type": "bar", "color": COLOURS[0], "height": {"band": 0.66}},
        "encoding": encoding,
    }


def _config() -> Json:
    text = {"labelColor": "#444", "labelFontSize": 13, "titleColor": "#222"}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "title": {"color": "#222", "fontSize": 14, "fontWeight": 500, "offset": 12},
        "axis": {**text, "gridColor": "#d9d9d9", "domainColor": "#888", "tickColor": "#888", "labelPadding": 6},
        "legend": {**text, "labelLimit": 260, "symbolSize": 240, "symbolStrokeWidth": 2.5, "columnPadding": 18},
        "range": {"category": COLOURS},
    }
