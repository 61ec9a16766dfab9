"""A chart in words: what it shows, and for each series where it begins and ends, its highest and its lowest figure."""

from __future__ import annotations

from pipelines.charts.chart import Chart, Number, Series, period_label
from pipelines.charts.goal import goal_text
from pipelines.charts.units import amount, unit_text
from pipelines.charts.vega import begins_at_zero
from pipelines.findings import Language


def described(chart: Chart, language: Language) -> list[str]:
    """The text alternative, a sentence each."""
    head = _bar_head(chart, language) if chart.kind == "bar" else _line_head(chart, language)
    each = _bar if chart.kind == "bar" else _line
    lines = [each(chart, series, language) for series in chart.series]
    goal = [goal_text(chart, chart.goal, language)] if chart.goal else []
    return [head, *lines, *goal, *_warnings(chart, language)]


def figure(value: Number) -> str:
    """A figure with separators, its decimals as published."""
    return f"{value:,}"


def _line_head(chart: Chart, language: Language) -> str:
    first, last = (period_label(chart.periods[i], chart.period, language) for i in (0, -1))
    measure, unit = chart.measure.said(language), unit_text(chart.unit).said(language)
    if language == "ja":
        return f"折れ線グラフ。{measure}（{unit}）、{first}から{last}まで。"
    return f"Line chart of {measure} ({unit}), {first} to {last}."


def _bar_head(chart: Chart, language: Language) -> str:
    period = period_label(chart.periods[-1], chart.period, language) if chart.periods[-1] else ""
    measure, unit = chart.measure.said(language), unit_text(chart.unit).said(language)
    if language == "ja":
        return f"棒グラフ。{measure}（{unit}）{period}。"
    return f"Bar chart of {measure} ({unit}){', ' + period if period else ''}."


def _line(chart: Chart, series: Series, language: Language) -> str:
    unit = unit_text(chart.unit).said(language)

    def at(point: tuple[str, Number]) -> str:
        return f"{period_label(point[0], chart.period, language)} {amount(figure(point[1]), unit)}"

    low, high = (choose(series.points, key=lambda point: point[1]) for choose in (min, max))
    name, first, last = series.name.said(language), at(series.points[0]), at(series.points[-1])
    if language == "ja":
        return f"{name}：{first}、{last}。最小 {at(low)}、最大 {at(high)}。"
    return f"{name}: {first}; {last}. Lowest {at(low)}, highest {at(high)}."


def _bar(chart: Chart, series: Series, language: Language) -> str:
    value, unit = figure(series.points[-1][1]), unit_text(chart.unit).said(language)
    return f"{series.name.said(language)}{'：' if language == 'ja' else ': '}{value} {unit}"


def _warnings(chart: Chart, language: Language) -> list[str]:
    found = []
    if chart.kind == "line" and not begins_at_zero(chart):
        found.append("縦軸は0から始まりません。" if language == "ja" else "The vertical axis does not begin at zero.")
    if chart.left_out:
        ja = f"図にない系列がほかに{chart.left_out}あります。表とファイルにはすべてあります。"
        en = f"{chart.left_out} more series are not drawn; the table and the files have all of them."
        found.append(ja if language == "ja" else en)
    return found
