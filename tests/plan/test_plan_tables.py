"""The three plan tables against an independent reading of the plan (reading.py), and that reading against the plan."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY
from tests.kit import shared
from tests.plan.published import Row, catalogue_of, from_csv, from_parquet, number, truth, whole
from tests.plan.reading import INDICATORS, PLACEMENTS, PLAN, TARGETS, Placement, Target

Table = Callable[[str], list[Row]]

GOAL_OR_TARGET = re.compile(
    r"""(?<![\d.])
    (\d{1,2}) (?:\.?([a-d])|\.(\d{1,2}))?
    (?=\s*(?:,|\||$)|\s+\d)            # a number with the words of an icon behind it is a picture
    """,
    re.VERBOSE,
)


@pytest.fixture(params=[from_parquet, from_csv], ids=["parquet", "csv"])
def table(request: pytest.FixtureRequest, city) -> Table:
    """A published table by its name, from either file."""
    pipeline, _ = city
    catalogue = catalogue_of(pipeline)
    return lambda name: request.param(catalogue, name)


@pytest.fixture(scope="module")
def lines() -> Sequence[str]:
    """The plan's lines; line 1 is lines[1]."""
    path: Path = shared("plan", PLAN)
    return ["", *path.read_text(encoding="utf-8").split("\n")]


def same(text: object) -> str:
    """A text without what differs between typesettings: width and white space."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split())


def ids(rows: list[Row]) -> Mapping[object, str]:
    """Published indicator id → the reading's key, joined by the name that the plan prints."""
    keys = {same(indicator.name_ja): key for key, indicator in INDICATORS.items()}
    return {row["indicator_id"]: keys.get(same(row["name_ja"]), f"not in the plan: {row['name_ja']}") for row in rows}


# The published tables against the reading


def test_the_25_indicators_are_those_of_the_plan_with_unit_and_direction(table: Table):
    """kpi_indicators has the plan's 25 indicators, no more and no fewer, with the unit and direction read there."""
    rows = table("kpi_indicators")
    published = [(same(row["name_ja"]), row["unit"], row["direction"]) for row in rows]
    read = [(same(i.name_ja), i.unit, i.direction) for i in INDICATORS.values()]
    assert len(read) == 25
    assert sorted(map(str, published)) == sorted(map(str, read))


def test_indicators_are_numbered_as_they_first_stand_in_the_plan(table: Table):
    """K01 to K25 follow the order of the plan."""
    rows = table("kpi_indicators")
    first: dict[str, int] = {}
    for place, placement in enumerate(PLACEMENTS):
        first.setdefault(placement.indicator, place)
    assert [ids(rows)[f"K{n:02}"] for n in range(1, 26)] == sorted(first, key=lambda key: first[key])


def test_every_indicator_leads_to_a_published_series_by_fiscal_year(table: Table):
    """The dataset that an indicator names is published, and has a column fiscal_year."""
    without = [row["dataset"] for row in table("kpi_indicators") if "fiscal_year" not in table(str(row["dataset"]))[0]]
    assert without == []


def _figures(targets: Sequence[Target]) -> dict[tuple[str, str, str], object]:
    return {
        (target.indicator, target.breakdown, field): value
        for target in targets
        for field, value in target._asdict().items()
        if field not in {"indicator", "breakdown"}
    }


def test_the_26_targets_agree_with_the_plan_figure_by_figure(table: Table):
    """kpi_targets holds every baseline, year, mark, target and comparator as read in the plan, and nothing more."""
    names = ids(table("kpi_indicators"))
    rows = table("kpi_targets")
    published = [
        Target(
            names[row["indicator_id"]],
            str(row["breakdown"]),
            whole(row["baseline_fiscal_year"]),
            number(row["baseline_value"]),
            row["baseline_status"],  # type: ignore[arg-type]
            whole(row["target_fiscal_year"]),
            number(row["target_value"]),
            row["comparator"],  # type: ignore[arg-type]
        )
        for row in rows
    ]
    assert len(rows) == len(TARGETS) == 26
    assert _figures(published) == _figures(TARGETS)


def test_the_34_placements_stand_where_the_plan_has_them(table: Table):
    """Every placement has the indicator, printed name, chapter, pillar, policy and mark 再掲 of its box in the plan."""
    names = ids(table("kpi_indicators"))
    published = {
        (
            str(row["placement_id"]),
            names[row["indicator_id"]],
            same(row["printed_name"]),
            row["chapter"],
            row["pillar"],
            same(row["policy"]),
            truth(row["is_repeat"]),
        )
        for row in table("kpi_placements")
    }
    read = {
        (
            f"P{place:02}",
            placement.indicator,
            same(placement.printed_name),
            placement.chapter,
            placement.pillar,
            same(placement.policy and placement.policy[1]),
            placement.is_repeat,
        )
        for place, placement in enumerate(PLACEMENTS, 1)
    }
    assert len(read) == 34
    assert published == read


def test_goals_and_targets_of_every_placement_are_those_in_its_box(table: Table):
    """kpi_placements has one row for each goal and target that a box lists, in the UN's form, and no other row."""
    rows = table("kpi_placements")
    published = [(str(row["placement_id"]), whole(row["sdg_goal"]), str(row["sdg_target"])) for row in rows]
    read = [
        (f"P{place:02}", int(sdg.split(".")[0]), sdg)
        for place, placement in enumerate(PLACEMENTS, 1)
        for sdg in placement.sdgs
    ]
    assert sorted(published) == sorted(read)


# The reading against the plan's text


def _box(lines: Sequence[str], placement: Placement) -> str:
    first, last = placement.lines
    return " | ".join(re.sub(r"<[^>]*>", " ", line) for line in lines[first : last + 1])


def test_the_plan_has_34_indicator_boxes_and_each_is_read_once(lines: Sequence[str]):
    """Every 指標 of the plan's tables lies in one box of the reading, and every box of the reading has one."""
    in_plan = [number for number, line in enumerate(lines) for _ in re.findall(r"指標\s*[:：]", line)]
    assert in_plan == [placement.lines[0] for placement in PLACEMENTS]


@pytest.mark.parametrize("placement", PLACEMENTS, ids=lambda p: f"{p.lines[0]}-{p.indicator}")
def test_every_line_number_of_the_reading_shows_its_text(lines: Sequence[str], placement: Placement):
    """The lines that the reading names show the name, the figures and the policy that it quotes."""
    quoted = [(placement.lines[0], placement.printed_name), placement.baseline, placement.target, placement.policy]
    absent = [(at, text) for at, text in filter(None, quoted) if same(text) not in same(lines[at])]
    assert absent == []


@pytest.mark.parametrize("placement", PLACEMENTS, ids=lambda p: f"{p.lines[0]}-{p.indicator}")
def test_the_list_of_every_box_is_read_whole(lines: Sequence[str], placement: Placement):
    """The goals and targets of the reading are the numbers that stand in the box, in their order."""
    left = _box(lines, placement)
    for _, text in filter(None, [placement.baseline, placement.target]):
        left = left.replace(text, "")
    left = re.sub(r"指標\s*[:：][^|]*", "", left)
    found = [".".join(filter(None, match.groups())) for match in GOAL_OR_TARGET.finditer(left)]
    assert tuple(found) == placement.sdgs


def test_a_repetition_is_read_only_where_the_plan_marks_one(lines: Sequence[str]):
    """再掲 stands in exactly the boxes that the reading calls repeated."""
    marked = [placement.lines for placement in PLACEMENTS if "再掲" in _box(lines, placement)]
    assert marked == [placement.lines for placement in PLACEMENTS if placement.is_repeat]


def test_the_reading_names_indicators_as_they_first_stand(lines: Sequence[str]):
    """The name of an indicator is the one in its first box."""
    first: dict[str, str] = {}
    for placement in PLACEMENTS:
        first.setdefault(placement.indicator, _box(lines, placement))
    assert [key for key, box in first.items() if same(INDICATORS[key].name_ja) not in same(box)] == []
    assert set(first) == set(INDICATORS)


def _in_base_units(printed: str) -> Decimal:
    """A figure as the plan prints it: ▲ is minus, 億 and 万 are powers of ten, thousands are set apart by commas."""
    sign = -1 if "▲" in printed else 1
    value = sum(
        Decimal(digits.replace(",", "")) * {"億": 10**8, "万": 10**4, "": 1}[power]
        for digits, power in re.findall(r"([\d,]+(?:\.\d+)?)(億|万|)", printed)
    )
    return sign * Decimal(value)


def _as_printed(target: Target) -> set[tuple[object, ...]]:
    """What the boxes of an indicator print, turned into figures by rule: one for each box, all alike."""
    found = set()
    for placement in PLACEMENTS:
        if placement.indicator != target.indicator:
            continue
        baseline = re.fullmatch(r"現在\((\d{4})年度\):(.*)", same(placement.baseline[1]))
        grade = {"grade_5": "小5", "grade_8": "中2"}.get(target.breakdown)
        figure = baseline and baseline[2]
        if figure and grade:
            figure = next(part for part, of in re.findall(r"([\d.]+%)\((..)\)", figure) if of == grade)
        aim = re.fullmatch(r"(\d{4})年度:(.*)", same(placement.target[1])) if placement.target else None
        found.add(
            (
                baseline and int(baseline[1]),
                figure and _in_base_units(figure),
                "provisional" if "暫定値" in placement.baseline[1] else None,
                aim and int(aim[1]),
                aim and _in_base_units(aim[2]),
                aim and ("以上" in aim[2], "以下" in aim[2], "▲" in aim[2]),
            )
        )
    return found


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: f"{t.indicator}-{t.breakdown}")
def test_the_values_of_the_reading_are_its_quotations_in_base_units(target: Target):
    """Every box of an indicator prints the same figures, and they are the reading's values."""
    words = {
        ("at_least", False): (True, False, False),
        ("at_most", False): (False, True, False),
        ("at_most", True): (True, False, True),  # ▲50%以上: a reduction of at least 50 %, a change of at most −50 %
        ("exactly", False): (False, False, False),
    }
    negative = target.target_value is not None and target.target_value < 0
    read = (
        target.baseline_fiscal_year,
        target.baseline_value,
        target.baseline_status,
        target.target_fiscal_year,
        target.target_value,
        words[target.comparator, negative] if target.comparator else None,
    )
    assert _as_printed(target) == {read}


# What the deliveries say of their origin


def _shows(lines: Sequence[str], figure: str) -> bool:
    """Whether lines show a figure; a list of goals runs on from line to line beside the box's other cells."""
    cells = [cell for line in lines for cell in line.split("|")]
    lists = [cell for cell in cells if "指標" not in cell and "年度" not in cell]
    return same(figure) in same("|".join(cells)) or same(figure) in same("".join(lists))


def test_every_delivered_figure_of_the_plan_stands_in_the_lines_that_origins_names(lines: Sequence[str]):
    """Where ORIGINS.csv names a line of the plan, or several, they show the figure as it was delivered."""
    with (REPOSITORY / "sources" / "deliveries" / "ORIGINS.csv").open(encoding="utf-8", newline="") as file:
        figures = [row for row in csv.DictReader(file) if row["series"] == "plan"]
    absent = []
    for row in figures:
        first, last = re.fullmatch(r"the plan \(plan/\) line (\d+)(?:-(\d+))?", row["origin"]).groups()
        absent += [] if _shows(lines[int(first) : int(last or first) + 1], row["figure"]) else [row]
    assert len(figures) >= len(TARGETS) + len(PLACEMENTS)
    assert absent == []
