"""Charts: valid Vega-Lite, the published figures and no others, words for who can't see them, the same bytes again."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from xml.etree import ElementTree as ET

import altair as alt
import duckdb
import pytest

from pipelines.charts import Chart, NoChart, Series, chart_of, described, progress_of, specification, svg
from pipelines.charts.chart import Period, period_label
from pipelines.charts.labels import Labels
from pipelines.charts.progress import picture_of
from pipelines.findings import Text
from pipelines.night import Night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY
from tests.drawings import drawn_anew

LINE = Chart(
    "line",
    Text("試験", "Test"),
    Text("人口", "Population"),
    "person",
    "fiscal_year",
    (
        Series(Text("北", "North"), (("2019", 10), ("2020", 12), ("2023", 30))),
        Series(Text("南", "South"), (("2020", 5),)),
    ),
    left_out=2,
)


@pytest.fixture(scope="module")
def charts(city: tuple[Pipeline, Night]) -> dict[str, Chart | NoChart]:
    """The chart of every dataset of the city."""
    return {name: chart_of(want.manifest, want.store) for name, want in city[0].wanted().items()}


def test_every_specification_is_valid_vega_lite(charts: dict[str, Chart | NoChart]) -> None:
    """The schema of Vega-Lite accepts the specification of every dataset, in both languages."""
    specs = [specification(c, lang) for c in charts.values() if isinstance(c, Chart) for lang in ("ja", "en")]
    assert len(specs) > 100
    for spec in specs:
        alt.Chart.from_dict(spec)


def test_every_point_is_a_published_figure(charts: dict[str, Chart | NoChart], city: tuple[Pipeline, Night]) -> None:
    """Each point of each chart stands in the table of its release, with its period."""
    wanted = city[0].wanted()
    for name, chart in charts.items():
        if isinstance(chart, NoChart):
            continue
        table = f"read_parquet('{wanted[name].path(f'{name}.parquet')}')"
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT * FROM {table}")
            rows = [[str(value) for value in row] for row in found.fetchall()]
        for series in chart.series:
            for period, value in series.points:
                assert any(str(value) in row and (not period or period in row) for row in rows), (name, period)


def test_figures_in_different_units_never_share_an_axis(charts: dict[str, Chart | NoChart]) -> None:
    """A dataset whose rows have units of their own has no chart, and says why."""
    assert isinstance(charts["municipal_indicators"], NoChart)
    assert isinstance(charts["kpi_progress"], NoChart)
    finance = charts["city_finance"]
    assert isinstance(finance, Chart)
    assert "経常収支比率" not in [series.name.ja for series in finance.series]  # it is in %, the others in yen


def test_wards_are_drawn_without_the_whole_city(charts: dict[str, Chart | NoChart]) -> None:
    """The city's line would flatten those of its wards; it counts as left out."""
    chart = charts["resident_register"]
    assert isinstance(chart, Chart)
    assert sorted(s.name.en for s in chart.series) == sorted(
        ["Kawasaki-ku", "Saiwai-ku", "Nakahara-ku", "Takatsu-ku", "Tama-ku", "Miyamae-ku", "Asao-ku"]
    )
    assert chart.left_out == 1


def test_a_line_is_broken_where_years_are_missing() -> None:
    """Between 2020 and 2023 there is an empty point, so that no line suggests figures that nobody published."""
    rows = specification(LINE, "en")["data"]["values"]
    assert [(row["period"], row["value"]) for row in rows if row["series"] == "North"] == [
        (2019, 10),
        (2020, 12),
        (2021, None),
        (2023, 30),
    ]


def test_a_chart_is_told_in_words() -> None:
    """Ends, lowest and highest of every series, and what the picture leaves out."""
    assert described(LINE, "en") == [
        "Line chart of Population (people), FY2019 to FY2023.",
        "North: FY2019 10 people; FY2023 30 people. Lowest FY2019 10 people, highest FY2023 30 people.",
        "South: FY2020 5 people; FY2020 5 people. Lowest FY2020 5 people, highest FY2020 5 people.",
        "2 more series are not drawn; the table and the files have all of them.",
    ]
    assert described(LINE, "ja")[1] == "北：2019年度 10人、2023年度 30人。最小 2019年度 10人、最大 2023年度 30人。"


def test_a_picture_is_named_and_keeps_its_words_as_text() -> None:
    """An SVG with a title, whose Japanese is text in the reader's fonts; drawn anew it has the same bytes."""
    spec = specification(LINE, "ja")
    picture = svg(spec, "試験 <1>")
    root = ET.fromstring(picture)
    assert root.attrib["role"] == "img"
    assert root[0].text == "試験 <1>"
    assert {"北", "南"} <= {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    text = json.dumps(spec, ensure_ascii=False)
    assert drawn_anew(text) == drawn_anew(text)


def test_an_indicator_has_values_path_and_target() -> None:
    """The picture of an indicator leads from the plan's baseline to its target, past the published values."""
    row = {
        "breakdown": "total",
        "baseline_fiscal_year": 2020,
        "baseline_value": Decimal("95.60"),
        "target_fiscal_year": 2025,
        "target_value": Decimal("98.00"),
        "status": "behind",
    }
    rows = [row | {"fiscal_year": year, "value": Decimal(value)} for year, value in ((2021, "96.00"), (2015, "92.40"))]
    found = progress_of(rows)
    assert [one.values for one in found] == [[("2015", Decimal("92.40")), ("2021", Decimal("96.00"))]]
    spec = picture_of(found)
    alt.LayerChart.from_dict(spec)
    path, target, values = (layer["data"]["values"] for layer in spec["layer"])
    assert [(p["period"], p["value"]) for p in path] == [(2020, 95.6), (2025, 98.0)]
    assert (target[0]["period"], len(values)) == (2025, 2)


def test_codes_are_told_by_their_fields_description() -> None:
    """`total：全体、grade_5：小学校5年生` names its codes in both languages."""
    field = {
        "name": "breakdown",
        "description@ja": "total：全体、grade_5：小学校5年生、grade_8：中学校2年生",
        "description@en": "total: the whole; grade_5: fifth year; grade_8: second year of junior high school",
        "constraints": {"enum": ["total", "grade_5", "grade_8"]},
    }
    labels = Labels({}, {"breakdown": field})
    assert labels.of("breakdown", "grade_5") == Text("小学校5年生", "fifth year")
    assert labels.of("breakdown", "grade_8") == Text("中学校2年生", "second year of junior high school")
    assert labels.of("breakdown", "other") == Text("other", "other")


def test_charts_are_imported_without_the_library_that_draws() -> None:
    """Whoever only names the module pays nothing for it."""
    code = "import sys, pipelines.charts; print(*(n for n in ('vl_convert', 'altair', 'jinja2') if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("period", "kind", "ja", "en"),
    [
        ("2019-01-01", "date", "2019年1月1日", "2019-01-01"),
        ("2019-10-01", "date", "2019年10月1日", "2019-10-01"),
        ("2012-12-12", "date", "2012年12月12日", "2012-12-12"),
        ("2020-04", "yearmonth", "2020年4月", "2020-04"),
        ("2020", "year", "2020年", "2020"),
        ("2020", "fiscal_year", "2020年度", "FY2020"),
        ("", "year", "", ""),
    ],
)
def test_a_period_is_written_as_people_write_it(period: str, kind: Period, ja: str, en: str) -> None:
    """With month and day, also where the two are the same number."""
    assert (period_label(period, kind, "ja"), period_label(period, kind, "en")) == (ja, en)
