"""kpi_progress against a second computation in exact fractions, made from the description in its schema alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import duckdb
import pytest

from pipelines.contract.types import duckdb_type
from pipelines.datasets import Repository, load_repository
from pipelines.settings import REPOSITORY
from tests.plan.published import Row, catalogue_of, from_csv, from_parquet, number, truth, whole


class Case(NamedTuple):
    """What goes in: a value of a year, a baseline and a target."""

    year: int
    value: str | None
    baseline: tuple[int, str] | None
    target: tuple[int, str, str] | None
    value_status: str | None = None
    baseline_status: str | None = None


class Progress(NamedTuple):
    """What comes out."""

    path_value: Decimal | None
    path_reason: str
    share_covered: Decimal | None
    status: str
    status_reason: str
    is_provisional: bool


def _hundredths(exact: Fraction) -> Decimal:
    """Rounded to two decimals, a half away from zero."""
    whole_, rest = divmod(abs(exact) * 100, 1)
    rounded = int(whole_) + (rest >= Fraction(1, 2))
    return Decimal(rounded if exact >= 0 else -rounded).scaleb(-2)


def _meets(value: Fraction, target: tuple[int, str, str]) -> bool:
    aim = Fraction(target[1])
    return {"at_least": value >= aim, "at_most": value <= aim, "exactly": value == aim}[target[2]]


def _path_reason(case: Case) -> str:
    if case.target is None:
        return "no_target"
    if case.baseline is None:
        return "no_baseline"
    if case.year < case.baseline[0]:
        return "before_baseline"
    if Fraction(case.baseline[1]) == Fraction(case.target[1]):
        return "baseline_equals_target"
    if _meets(Fraction(case.baseline[1]), case.target):
        return "baseline_meets_target"
    return "after_target_year" if case.year > case.target[0] else "straight_path"


def _path(case: Case) -> Fraction | None:
    """The exact point of the straight line, held at the target after its year; None where there is no way to go."""
    if _path_reason(case) not in {"straight_path", "after_target_year"}:
        return None
    assert case.baseline and case.target
    start, aim = Fraction(case.baseline[1]), Fraction(case.target[1])
    elapsed = Fraction(case.year - case.baseline[0], case.target[0] - case.baseline[0])
    return start + (aim - start) * min(elapsed, Fraction(1))


def _status_reason(case: Case) -> str:
    """The first that applies, in the order that the description of status_reason gives."""
    if case.value is None:
        return "no_value"
    if case.target is None:
        return "no_target"
    if case.baseline and case.year < case.baseline[0]:
        return "before_baseline"
    if _meets(Fraction(case.value), case.target):
        return "target_met"
    return "no_baseline" if case.baseline is None else _reason_on_the_way(case)


def _reason_on_the_way(case: Case) -> str:
    """The rest of that order: there is a baseline, and the target is not met."""
    path = _path(case)
    if path is None:
        return "worse_than_target"
    if case.year == case.baseline[0]:
        return "baseline_year"
    value, aim = Fraction(case.value), Fraction(case.target[1])
    rising = aim > Fraction(case.baseline[1])
    beyond = value > aim if rising else value < aim  # possible without meeting it only where the target is exact
    good = not beyond and (value >= path if rising else value <= path)
    return "on_or_better_than_path" if good else "worse_than_path"


STATUS = {
    "target_met": "met",
    "on_or_better_than_path": "on_track",
    "worse_than_path": "behind",
    "worse_than_target": "behind",
    "baseline_year": "no_status",
    "before_baseline": "no_status",
    "no_value": "no_status",
    "no_target": "no_status",
    "no_baseline": "no_status",
}


def recomputed(case: Case) -> Progress:
    """The method of the description, in exact fractions."""
    path, share = _path(case), None
    if path is not None and case.value is not None:
        start, aim = Fraction(case.baseline[1]), Fraction(case.target[1])
        share = (Fraction(case.value) - start) / (aim - start) * 100
    reason = _status_reason(case)
    return Progress(
        None if path is None else _hundredths(path),
        _path_reason(case),
        None if share is None else _hundredths(share),
        STATUS[reason],
        reason,
        "provisional" in {case.value_status, case.baseline_status},
    )


# Hand-made cases. Every figure below is SYNTHETIC: made up for the test, and of no city.

UP = ((2020, "50"), (2025, "60", "at_least"))
DOWN = ((2020, "902"), (2025, "872", "at_most"))
NEGATIVE = ((2019, "-10.2"), (2030, "-50", "at_most"))
EXACT = ((2020, "96"), (2025, "100", "exactly"))
EQUAL = ((2021, "98"), (2025, "98", "at_least"))
ALREADY = ((2020, "120"), (2032, "180", "at_most"))
LARGE = ((2020, "121920000"), (2025, "184000000", "at_least"))


def _result(
    path: str | None, path_reason: str, share: str | None, status: str, reason: str, *, provisional: bool = False
) -> Progress:
    return Progress(path and Decimal(path), path_reason, share and Decimal(share), status, reason, provisional)


SYNTHETIC: dict[str, tuple[Case, Progress]] = {
    "target met before its year": (
        Case(2023, "61", *UP),
        _result("56.00", "straight_path", "110.00", "met", "target_met"),
    ),
    "the target to the dot": (
        Case(2025, "60", *UP),
        _result("60.00", "straight_path", "100.00", "met", "target_met"),
    ),
    "on the line": (
        Case(2023, "56", *UP),
        _result("56.00", "straight_path", "60.00", "on_track", "on_or_better_than_path"),
    ),
    "a hundredth below the line": (
        Case(2023, "55.99", *UP),
        _result("56.00", "straight_path", "59.90", "behind", "worse_than_path"),
    ),
    "worse than the baseline": (
        Case(2023, "45", *UP),
        _result("56.00", "straight_path", "-50.00", "behind", "worse_than_path"),
    ),
    "the baseline year": (
        Case(2020, "50", *UP),
        _result("50.00", "straight_path", "0.00", "no_status", "baseline_year"),
    ),
    "the baseline year, met already by the year's own value": (
        Case(2020, "60", *UP),
        _result("50.00", "straight_path", "100.00", "met", "target_met"),
    ),
    "before the baseline year": (
        Case(2018, "40", *UP),
        _result(None, "before_baseline", None, "no_status", "before_baseline"),
    ),
    "before the baseline year, though it meets the target": (
        Case(2018, "70", *UP),
        _result(None, "before_baseline", None, "no_status", "before_baseline"),
    ),
    "missed in the target year": (
        Case(2025, "59", *UP),
        _result("60.00", "straight_path", "90.00", "behind", "worse_than_path"),
    ),
    "missed after the target year": (
        Case(2027, "58", *UP),
        _result("60.00", "after_target_year", "80.00", "behind", "worse_than_path"),
    ),
    "met after the target year": (
        Case(2027, "60.5", *UP),
        _result("60.00", "after_target_year", "105.00", "met", "target_met"),
    ),
    "no value": (
        Case(2023, None, *UP),
        _result("56.00", "straight_path", None, "no_status", "no_value"),
    ),
    "no target": (
        Case(2023, "56", UP[0], None),
        _result(None, "no_target", None, "no_status", "no_target"),
    ),
    "no baseline, target not met": (
        Case(2023, "56", None, UP[1]),
        _result(None, "no_baseline", None, "no_status", "no_baseline"),
    ),
    "no baseline, target met": (
        Case(2023, "60", None, UP[1]),
        _result(None, "no_baseline", None, "met", "target_met"),
    ),
    "no baseline and no value": (
        Case(2021, None, None, UP[1], "started"),
        _result(None, "no_baseline", None, "no_status", "no_value"),
    ),
    "at most, better than the line": (
        Case(2023, "880", *DOWN),
        _result("884.00", "straight_path", "73.33", "on_track", "on_or_better_than_path"),
    ),
    "at most, worse than the line": (
        Case(2023, "885", *DOWN),
        _result("884.00", "straight_path", "56.67", "behind", "worse_than_path"),
    ),
    "at most, met": (
        Case(2023, "870", *DOWN),
        _result("884.00", "straight_path", "106.67", "met", "target_met"),
    ),
    "at most, worse than the baseline": (
        Case(2023, "917", *DOWN),
        _result("884.00", "straight_path", "-50.00", "behind", "worse_than_path"),
    ),
    "a negative reduction on its way, from a provisional baseline": (
        Case(2022, "-21.1", *NEGATIVE, None, "provisional"),
        _result("-21.05", "straight_path", "27.39", "on_track", "on_or_better_than_path", provisional=True),
    ),
    "a negative reduction that equals the rounded point but not the exact one": (
        Case(2022, "-21.05", *NEGATIVE),
        _result("-21.05", "straight_path", "27.26", "behind", "worse_than_path"),
    ),
    "a negative reduction that shrinks, provisional itself": (
        Case(2022, "-5", *NEGATIVE, "provisional"),
        _result("-21.05", "straight_path", "-13.07", "behind", "worse_than_path", provisional=True),
    ),
    "a negative reduction beyond its target": (
        Case(2030, "-50.1", *NEGATIVE),
        _result("-50.00", "straight_path", "100.25", "met", "target_met"),
    ),
    "baseline equals target, held": (
        Case(2023, "98", *EQUAL),
        _result(None, "baseline_equals_target", None, "met", "target_met"),
    ),
    "baseline equals target, lost": (
        Case(2023, "97", *EQUAL),
        _result(None, "baseline_equals_target", None, "behind", "worse_than_target"),
    ),
    "target met from the start": (
        Case(2020, "120", *ALREADY),
        _result(None, "baseline_meets_target", None, "met", "target_met"),
    ),
    "target met from the start, a later rise within it": (
        Case(2025, "180", *ALREADY),
        _result(None, "baseline_meets_target", None, "met", "target_met"),
    ),
    "target met from the start and lost": (
        Case(2025, "181", *ALREADY),
        _result(None, "baseline_meets_target", None, "behind", "worse_than_target"),
    ),
    "target met from the start, an earlier year": (
        Case(2019, "190", *ALREADY),
        _result(None, "before_baseline", None, "no_status", "before_baseline"),
    ),
    "exactly, on its way": (
        Case(2022, "97.6", *EXACT),
        _result("97.60", "straight_path", "40.00", "on_track", "on_or_better_than_path"),
    ),
    "exactly, met": (
        Case(2022, "100", *EXACT),
        _result("97.60", "straight_path", "100.00", "met", "target_met"),
    ),
    "exactly, overshot": (
        Case(2022, "101", *EXACT),
        _result("97.60", "straight_path", "125.00", "behind", "worse_than_path"),
    ),
    "exactly, from above, on its way": (
        Case(2022, "102", (2020, "104"), (2024, "100", "exactly")),
        _result("102.00", "straight_path", "50.00", "on_track", "on_or_better_than_path"),
    ),
    "exactly, from above, overshot": (
        Case(2022, "99", (2020, "104"), (2024, "100", "exactly")),
        _result("102.00", "straight_path", "125.00", "behind", "worse_than_path"),
    ),
    "half a hundredth goes up": (
        Case(2021, "1", (2020, "0"), (2022, "800.01", "at_least")),
        _result("400.01", "straight_path", "0.12", "behind", "worse_than_path"),
    ),
    "a share of half a hundredth goes up": (
        Case(2022, "1", (2020, "0"), (2022, "800", "at_least")),
        _result("800.00", "straight_path", "0.13", "behind", "worse_than_path"),
    ),
    "a negative share of half a hundredth goes away from zero": (
        Case(2022, "-1", (2020, "0"), (2022, "800", "at_least")),
        _result("800.00", "straight_path", "-0.13", "behind", "worse_than_path"),
    ),
    "half a hundredth below zero goes away from zero": (
        Case(2021, "0", (2020, "0"), (2022, "-0.01", "at_most")),
        _result("-0.01", "straight_path", "0.00", "behind", "worse_than_path"),
    ),
    "large figures stay exact": (
        Case(2023, "159168000", *LARGE),
        _result("159168000.00", "straight_path", "60.00", "on_track", "on_or_better_than_path"),
    ),
}


@pytest.fixture(scope="module")
def repository() -> Repository:
    return load_repository(REPOSITORY)


@pytest.fixture(scope="module")
def empty(repository: Repository) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every input of kpi_progress as an empty table, numbers wide enough for made-up ones, in a DuckDB of its own."""
    connection = duckdb.connect()
    for name in repository["kpi_progress"].source.inputs:
        columns = [
            f'"{f.name}" {"DECIMAL(18, 2)" if f.type == "number" else duckdb_type(f)}'
            for f in repository[name].schema.fields
        ]
        connection.execute(f'CREATE TABLE "{name}" ({", ".join(columns)}, ref VARCHAR)')
    yield connection
    connection.close()


@pytest.fixture
def run(repository: Repository, empty: duckdb.DuckDBPyConnection) -> Iterator[Callable[[Case], Row]]:
    """The dataset's own SQL over one synthetic case."""

    def insert(name: str, **values: object) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        empty.execute(f"INSERT INTO {name} ({names}, ref) VALUES ({marks}, 'synthetic {name}')", [*values.values()])

    def one(case: Case) -> Row:
        insert(
            "kpi_indicators",
            indicator_id="K99",
            name_ja="合成データ（試験用）",
            name_en="synthetic, for a test",
            unit="%",
            direction="increase",
            dataset="housing_seismic_retrofit",
        )
        insert(
            "kpi_targets",
            indicator_id="K99",
            breakdown="total",
            baseline_fiscal_year=case.baseline and case.baseline[0],
            baseline_value=case.baseline and Decimal(case.baseline[1]),
            baseline_status=case.baseline_status,
            target_fiscal_year=case.target and case.target[0],
            target_value=case.target and Decimal(case.target[1]),
            comparator=case.target and case.target[2],
        )
        insert(
            "housing_seismic_retrofit",
            fiscal_year=case.year,
            retrofit_rate=case.value and Decimal(case.value),
            status=case.value_status,
        )
        found = empty.execute(repository["kpi_progress"].source.sql)
        columns = [column[0] for column in found.description]
        (row,) = found.fetchall()
        return dict(zip(columns, row, strict=True))

    empty.execute("BEGIN")
    yield one
    empty.execute("ROLLBACK")


def _progress(row: Row) -> Progress:
    return Progress(
        number(row["path_value"]),
        str(row["path_reason"]),
        number(row["share_covered"]),
        str(row["status"]),
        str(row["status_reason"]),
        truth(row["is_provisional"]),
    )


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_case_by_the_published_sql(run: Callable[[Case], Row], name: str):
    """The SQL of kpi_progress gives, for a made-up case, what was worked out by hand."""
    case, by_hand = SYNTHETIC[name]
    assert _progress(run(case)) == by_hand


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_case_by_the_second_computation(name: str):
    """The second computation, against which real figures are held, gives what was worked out by hand."""
    case, by_hand = SYNTHETIC[name]
    assert recomputed(case) == by_hand


def test_the_synthetic_cases_know_every_reason_and_status(repository: Repository):
    """There is a made-up case for each word that status, status_reason and path_reason may hold."""
    results = [by_hand._asdict() for _, by_hand in SYNTHETIC.values()]
    allowed = {f.name: set(f.constraints.enum or ()) for f in repository["kpi_progress"].schema.fields}
    for field in ("status", "status_reason", "path_reason"):
        assert {result[field] for result in results} == allowed[field]


def test_a_row_names_the_rows_it_was_computed_from(run: Callable[[Case], Row]):
    """A progress row leads to the row of the series, of the target and of the indicator."""
    row = run(SYNTHETIC["on the line"][0])
    assert row["refs"] == [
        "synthetic housing_seismic_retrofit",
        "synthetic kpi_targets",
        "synthetic kpi_indicators",
    ]


# The published table

VALUE_OF = {"housing_seismic_retrofit": "retrofit_rate", "nhi_premium_collection": "current_year_rate"}


def _value_field(repository: Repository, name: str) -> str:
    """The column of a series that holds the indicator: its only number, or the one of several that the plan names."""
    numbers = [f.name for f in repository[name].schema.fields if f.type in {"number", "integer"}]
    assert len(numbers) == 1 or name in VALUE_OF
    return VALUE_OF.get(name, numbers[0])


@pytest.fixture(params=[from_parquet, from_csv], ids=["parquet", "csv"])
def table(request: pytest.FixtureRequest, city) -> Callable[[str], list[Row]]:
    """A published table by its name, from either file."""
    pipeline, _ = city
    catalogue = catalogue_of(pipeline)
    return lambda name: request.param(catalogue, name)


def _pair(year: object, *values: object) -> tuple | None:
    return None if year is None else (whole(year), *map(str, values))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _expected(repository: Repository, table: Callable[[str], list[Row]]) -> dict[tuple[object, ...], Row]:
    """The whole table again, from the published indicators, targets and series."""
    targets = {(row["indicator_id"], row["breakdown"]): row for row in table("kpi_targets")}
    expected: dict[tuple[object, ...], Row] = {}
    for indicator in table("kpi_indicators"):
        series = str(indicator["dataset"])
        for row in table(series):
            breakdown = row.get("breakdown", "total")
            target = targets[indicator["indicator_id"], breakdown]
            case = Case(
                whole(row["fiscal_year"]),
                _text(row[_value_field(repository, series)]),
                _pair(target["baseline_fiscal_year"], target["baseline_value"]),
                _pair(target["target_fiscal_year"], target["target_value"], target["comparator"]),
                _text(row.get("status")),
                _text(target["baseline_status"]),
            )
            components = {
                "unit": indicator["unit"],
                "direction": indicator["direction"],
                "value": number(case.value),
                "value_status": case.value_status,
                "baseline_fiscal_year": whole(target["baseline_fiscal_year"]),
                "baseline_value": number(target["baseline_value"]),
                "baseline_status": target["baseline_status"],
                "target_fiscal_year": whole(target["target_fiscal_year"]),
                "target_value": number(target["target_value"]),
                "comparator": target["comparator"],
            }
            key = (indicator["indicator_id"], breakdown, case.year)
            assert key not in expected
            expected[key] = {**components, **recomputed(case)._asdict()}
    return expected


def test_every_published_row_is_what_the_description_says(repository: Repository, table: Callable[[str], list[Row]]):
    """For every indicator and year, every column of kpi_progress follows from the published targets and series."""
    exact = {"value", "baseline_value", "target_value", "path_value", "share_covered"}
    years = {"baseline_fiscal_year", "target_fiscal_year"}
    published = {}
    for row in table("kpi_progress"):
        key = (row.pop("indicator_id"), row.pop("breakdown"), whole(row.pop("fiscal_year")))
        published[key] = {
            name: number(value) if name in exact else whole(value) if name in years else value
            for name, value in row.items()
        } | {"is_provisional": truth(row["is_provisional"])}
    assert published == _expected(repository, table)


def test_every_target_row_has_progress(table: Callable[[str], list[Row]]):
    """No indicator and no breakdown of the plan is without a row."""
    with_progress = {(row["indicator_id"], row["breakdown"]) for row in table("kpi_progress")}
    assert with_progress == {(row["indicator_id"], row["breakdown"]) for row in table("kpi_targets")}
    assert len(with_progress) == 26


def test_the_series_hold_the_plans_baselines(table: Callable[[str], list[Row]]):
    """In the baseline year, every series that the plan gives a figure for holds the plan's figure."""
    baselines = {
        (row["indicator_id"], row["breakdown"]): (whole(row["baseline_fiscal_year"]), number(row["baseline_value"]))
        for row in table("kpi_targets")
        if row["baseline_value"] is not None
    }
    series = {
        (row["indicator_id"], row["breakdown"]): (whole(row["fiscal_year"]), number(row["value"]))
        for row in table("kpi_progress")
        if whole(row["fiscal_year"]) == whole(row["baseline_fiscal_year"])
    }
    assert series == baselines
