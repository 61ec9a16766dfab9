"""A release's series as pictures: a Vega-Lite specification, the SVG that it draws, and its words for who can't see it.

    chart_of(want.manifest, want.store)    the chart of a dataset, or why there is none: `series`
    progress_of(rows)                      value, straight path and target of one indicator of the plan: `progress`
    specification(chart, language)         `vega`
    svg(specification)                     `draw`; loads the library that draws, half a second once
    described(chart, language)             `words`

Used by the public site and by what stewards see. The same chart gives the same bytes on one machine; text in the
SVG is text, shown with the reader's fonts.
"""

from pipelines.charts.chart import Chart, Goal, NoChart, Series
from pipelines.charts.draw import plain_svg, svg
from pipelines.charts.progress import progress_of
from pipelines.charts.series import chart_of
from pipelines.charts.vega import specification
from pipelines.charts.words import described

__all__ = [
    "Chart",
    "Goal",
    "NoChart",
    "Series",
    "chart_of",
    "described",
    "plain_svg",
    "progress_of",
    "specification",
    "svg",
]
