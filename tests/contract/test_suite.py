"""Every kind of rule finds its fault and nothing else, and Great Expectations agrees with the rule's own SQL."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy

from pipelines.contract import gx_duckdb
from pipelines.contract.rules import Rule, rules
from pipelines.contract.suite import Outcome, SuiteError, expectation_suite, failing_rows, validate
from pipelines.datasets.schema import Schema

TEXT = {"ja": "題", "en": "title"}
FOREIGN = {"places": "(SELECT unnest(['A', 'B']) AS key)"}


def field(name: str, kind: str, plausible: Mapping[str, object] | None = None, **constraints: object) -> dict[str, Any]:
    decimals = {"decimals": 2} if kind == "number" else {}
    return {
        "name": name,
        "type": kind,
        "title": TEXT,
        "constraints": constraints,
        "plausible": plausible or {},
    } | decimals


def contract(fields: Sequence[Mapping[str, Any]], key: Sequence[str], **more: object) -> Schema:
    plain = {"title": TEXT, "description": TEXT, "department": "environment", "update_frequency": "annual"}
    return Schema.model_validate({**plain, "licence": "x", "fields": fields, "primaryKey": key, **more})


EVERYTHING = contract(
    [
        field("id", "integer"),
        field("fiscal_year", "year", required=True, minimum=1990, maximum=2030),
        field("month", "yearmonth", minimum="2020-01", maximum="2021-12"),
        field("day", "date", minimum="2020-01-01", exclusiveMaximum="2021-12-31"),
        field("ward", "string", enum=["川崎区", "it's", "{幸区}", " :bound", "100%"]),
        field("code", "string", pattern=r"[0-9]{5}| :x|\\:\{"),
        field("label", "string", minLength=2, maxLength=4),
        field("value", "number", {"minimum": 1, "maximum": 900}, minimum=0.1, maximum=1000),
        field("amount", "number", minimum=0.1, maximum=1000),
        field("share", "number", exclusiveMinimum=0, exclusiveMaximum=100),
        field("rank", "number", enum=[0.1, 0.25]),
        field("tag", "string", unique=True),
        field("half", "string"),
        field("other", "string"),
        field("place", "string"),
        field("level", "integer"),
        field("step", "number"),
        field("total", "integer"),
        field("part_a", "integer"),
        field("part_b", "integer"),
        field("seen", "datetime", minimum="2020-01-01T00:00:00", maximum="2021-01-01T00:00:00"),
        field("open", "boolean", enum=[True]),
    ],
    ["id", "fiscal_year"],
    uniqueKeys=[["half", "other"]],
    foreignKeys=[{"fields": ["place"], "reference": {"dataset": "places", "fields": ["key"]}}],
    checks=[
        {"name": "no_jump", "rule": "max_change", "field": "level", "per": "fiscal_year", "limit": "15%"},
        {"name": "no_step", "rule": "max_change", "field": "step", "per": "month", "limit": "0.5", "severity": "warn"},
        {"name": "every_year", "rule": "complete_periods", "per": "fiscal_year"},
        {"name": "every_month", "rule": "complete_periods", "per": "month"},
        {"name": "every_day", "rule": "complete_periods", "per": "day"},
        {"name": "adds_up", "rule": "sum_of_parts", "field": "total", "parts": ["part_a", "part_b"], "tolerance": 1},
        {
            "name": "own_sql",
            "rule": "sql",
            "title": TEXT,
            "sql": "SELECT * FROM {table} WHERE label = '{x}' AND id::INT > 0 AND half <> ' :h' -- a remark;",
        },
    ],
)

CLEAN = r"""
CREATE TABLE clean AS SELECT i::BIGINT AS id, (2017 + i)::SMALLINT AS fiscal_year, strftime(d, '%Y-%m') AS month,
    d AS day, 'it''s' AS ward, ['12345', ' :x', '\:{'][1 + i % 3] AS code, '四文字だ' AS label,
    0.1::DECIMAL(18, 2) + 1 + i AS value, 0.1::DECIMAL(18, 2) AS amount,
    50::DECIMAL(18, 2) AS share, 0.1::DECIMAL(18, 2) AS rank, 't' || i AS tag, 'h' AS half, 'o' || i AS other,
    'A' AS place, 100::BIGINT AS level, 1::DECIMAL(18, 2) AS step, 11::BIGINT AS total, 4::BIGINT AS part_a,
    6::BIGINT AS part_b, TIMESTAMP '2020-06-01 12:00:00' AS seen, TRUE AS open
FROM (SELECT i, (DATE '2020-01-15' + to_months(i::INT))::DATE AS d FROM range(1, 7) r(i))
"""

# The rule that must fail alone, and what to do to the last row (id 6, fiscal year 2023).
FAULTS = [
    ("id_required", "id = NULL"),
    ("fiscal_year_required", "fiscal_year = NULL"),
    ("ward_enum", "ward = '幸区'"),
    ("code_pattern", "code = 'x12345'"),
    ("code_pattern", "code = ':{'"),
    ("label_min_length", "label = '一'"),
    ("label_max_length", "label = '五文字です'"),
    ("amount_minimum", "amount = 0.09"),
    ("amount_maximum", "amount = 1000.01"),
    ("value_minimum_plausible", "value = 0.99"),
    ("value_maximum_plausible", "value = 900.01"),
    ("share_exclusive_minimum", "share = 0"),
    ("share_exclusive_maximum", "share = 100"),
    ("rank_enum", "rank = 0.11"),
    ("place_foreign_key", "place = 'C'"),
    ("no_jump", "level = 116"),
    ("no_jump", "level = 84"),
    ("no_step", "step = 1.51"),
    ("every_year", "fiscal_year = 2024"),
    ("every_month", "month = '2020-08'"),
    ("every_day", "day = '2020-08-01'"),
    ("adds_up", "total = 12"),
    ("own_sql", "label = '{x}'"),
    ("seen_minimum", "seen = '2019-12-31 23:59:59'"),
    ("seen_maximum", "seen = '2021-01-01 00:00:01'"),
    ("open_enum", "open = FALSE"),
]
# A jump to the bound's far side breaks the completeness or uniqueness of the wide table as well.
YEARS = [("fiscal_year_minimum", "1989"), ("fiscal_year_maximum", "2031")]
NULLABLE = [name for name in EVERYTHING.names if name not in ("id", "fiscal_year")]


def parquet(folder: Path, sql: str, name: str = "table.parquet", *statements: str) -> Path:
    with duckdb.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        path = folder / name
        quoted = str(path).replace("'", "''")
        connection.execute(f"COPY ({sql}) TO '{quoted}' (FORMAT parquet)")
    return path


def with_fault(folder: Path, *updates: str) -> Path:
    return parquet(folder, "SELECT * FROM clean", "table.parquet", CLEAN, *updates)


def own_counts(path: Path, every: Sequence[Rule]) -> dict[str, int]:
    """What the rules' own SQL says, by rule, for those that fail."""
    with duckdb.connect() as connection:
        counts = {rule.name: failing_rows(connection, f"'{path}'", rule, 0)[0] for rule in every}
    return {name: count for name, count in counts.items() if count}


def failed(outcomes: Sequence[Outcome]) -> dict[str, int | None]:
    return {outcome.name: outcome.unexpected_count for outcome in outcomes if not outcome.success}


def found(path: Path, schema: Schema, foreign: Mapping[str, str] = FOREIGN) -> dict[str, int | None]:
    """The rules that Great Expectations says fail with their counts; it must agree with the rules' own SQL."""
    every = rules(schema, foreign)
    outcomes = validate(path, every, schema)
    assert [outcome.name for outcome in outcomes] == [rule.name for rule in every]
    assert failed(outcomes) == own_counts(path, every)
    return failed(outcomes)


def test_a_clean_table_passes(tmp_path: Path) -> None:
    assert found(with_fault(tmp_path), EVERYTHING) == {}


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_one_fault_is_found_by_its_rule_alone(tmp_path: Path, name: str, change: str) -> None:
    name = {"place_foreign_key": "foreign_key_place"}.get(name, name)
    assert found(with_fault(tmp_path, f"UPDATE clean SET {change} WHERE id = 6"), EVERYTHING) == {name: 1}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("primary_key", "id = 5, fiscal_year = 2022"),
        ("tag_unique", "tag = 't5'"),
        ("unique_key_half_other", "other = 'o5'"),
    ],
)
def test_a_double_is_every_row_of_it(tmp_path: Path, name: str, change: str) -> None:
    assert found(with_fault(tmp_path, f"UPDATE clean SET {change} WHERE id = 6"), EVERYTHING) == {name: 2}


@pytest.mark.parametrize(("name", "year"), YEARS)
def test_the_bounds_of_a_year(tmp_path: Path, name: str, year: str) -> None:
    schema = contract([field("id", "integer"), field("fiscal_year", "year", minimum=1990, maximum=2030)], ["id"])
    assert found(parquet(tmp_path, f"SELECT 1 AS id, {year}::SMALLINT AS fiscal_year"), schema) == {name: 1}
    at_bound = "SELECT i AS id, y::SMALLINT AS fiscal_year FROM (VALUES (1, 1990), (2, 2030)) v(i, y)"
    assert found(parquet(tmp_path, at_bound), schema) == {}


@pytest.mark.parametrize(
    ("kind", "low", "high", "below", "above"),
    [
        ("date", "2020-01-01", "2021-12-31", "DATE '2019-12-31'", "DATE '2022-01-01'"),
        ("yearmonth", "2020-01", "2021-12", "'2019-12'", "'2022-01'"),
    ],
)
def test_the_bounds_of_a_date_or_month(tmp_path: Path, kind: str, low: str, high: str, below: str, above: str) -> None:
    schema = contract([field("id", "integer"), field("day", kind, None, minimum=low, maximum=high)], ["id"])
    strict = contract([field("id", "integer"), field("day", kind, None, exclusiveMaximum=high)], ["id"])
    for day, expected in ((below, {"day_minimum": 1}), (above, {"day_maximum": 1})):
        assert found(parquet(tmp_path, f"SELECT 1 AS id, {day} AS day"), schema) == expected
    at_bound = parquet(tmp_path, f"SELECT 1 AS id, '{high}'::{'DATE' if kind == 'date' else 'VARCHAR'} AS day")
    assert (found(at_bound, schema), found(at_bound, strict)) == ({}, {"day_exclusive_maximum": 1})


def test_an_empty_cell_breaks_nothing_but_required(tmp_path: Path) -> None:
    nothing = ", ".join(f"{name} = NULL" for name in NULLABLE)
    assert found(with_fault(tmp_path, f"UPDATE clean SET {nothing} WHERE id IN (3, 4)"), EVERYTHING) == {
        "every_month": 1,  # the months of the two rows are missing, which is another matter
        "every_day": 1,
    }
    assert found(with_fault(tmp_path, f"UPDATE clean SET {nothing}"), EVERYTHING) == {}


def test_a_table_without_rows_and_one_without_a_value(tmp_path: Path) -> None:
    assert found(with_fault(tmp_path, "DELETE FROM clean"), EVERYTHING) == {}
    emptied = with_fault(tmp_path, "UPDATE clean SET fiscal_year = NULL")
    assert found(emptied, EVERYTHING) == {"fiscal_year_required": 6}


def test_a_change_is_taken_from_the_last_known_value_and_within_its_group(tmp_path: Path) -> None:
    check = {"name": "no_jump", "rule": "max_change", "field": "level", "per": "year", "by": ["ward"], "limit": "10"}
    fields = [field("ward", "string"), field("year", "year"), field("level", "integer")]
    schema = contract(fields, ["ward", "year"], checks=[check])
    rows = "('A', 2000, 1), ('A', 2001, NULL), ('A', 2002, 12), ('B', 2000, 500), ('B', 2001, 510)"
    path = parquet(tmp_path, f"SELECT * FROM (VALUES {rows}) v(ward, year, level)")
    assert found(path, schema) == {"no_jump": 1}


def test_periods_are_complete_within_their_group(tmp_path: Path) -> None:
    check = {"name": "every_year", "rule": "complete_periods", "per": "year", "by": ["ward"]}
    schema = contract([field("ward", "string"), field("year", "year")], ["ward", "year"], checks=[check])
    rows = "('A', 2000), ('A', 2001), ('B', 1990), ('B', 1992), ('B', 1995)"
    assert found(parquet(tmp_path, f"SELECT * FROM (VALUES {rows}) v(ward, year)"), schema) == {"every_year": 2}


@pytest.mark.parametrize(
    ("kind", "sql_type", "bound", "wrong"),
    [
        ("integer", "BIGINT", 2**53, str(2**53 + 1)),
        ("number", "DECIMAL(18, 2)", 2**53, f"{2**53}.01"),
        ("number", "DECIMAL(18, 2)", 900719925474099.25, "900719925474099.26"),
        ("number", "DECIMAL(18, 2)", 0.3, "0.31"),
    ],
)
def test_bounds_are_exact(tmp_path: Path, kind: str, sql_type: str, bound: float, wrong: str) -> None:
    """Core expectations hold every bound as a float, and would let the wrong ones of these pass."""
    schema = contract([field("id", "integer"), field("value", kind, maximum=bound)], ["id"])
    for value, expected in ((str(bound), {}), (wrong, {"value_maximum": 1})):
        path = parquet(tmp_path, f"SELECT 1::BIGINT AS id, {value}::{sql_type} AS value")
        assert found(path, schema) == expected


def test_fields_may_be_called_as_sql_keywords_are(tmp_path: Path) -> None:
    keywords = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    with duckdb.connect() as connection:
        names = sorted({str(row[0]) for row in connection.execute(keywords).fetchall()})
    schema = contract([field(name, "string", required=True, enum=["x"], minLength=1) for name in names], [names[0]])
    path = parquet(tmp_path, "SELECT " + ", ".join(f"'x' AS \"{name}\"" for name in names))
    assert found(path, schema) == {}


def test_the_path_of_the_table_may_be_any(tmp_path: Path) -> None:
    folder = tmp_path / "a' :b %s ごみ{x}"
    folder.mkdir()
    schema = contract([field("id", "integer", maximum=1)], ["id"])
    outcomes = validate(parquet(folder, "SELECT 2 AS id"), rules(schema, {}), schema)
    assert failed(outcomes) == {"id_maximum": 1}


def test_the_same_bound_may_block_and_warn(tmp_path: Path) -> None:
    schema = contract([field("id", "integer", {"maximum": 1}, maximum=1)], ["id"])
    path = parquet(tmp_path, "SELECT 2 AS id")
    assert found(path, schema) == {"id_maximum": 1, "id_maximum_plausible": 1}
    assert [rule.severity for rule in rules(schema, {}) if "maximum" in rule.name] == ["error", "warn"]


def test_names_are_unique() -> None:
    check = {"name": "id_required", "rule": "sql", "title": TEXT, "sql": "SELECT * FROM {table}"}
    names = [rule.name for rule in rules(contract([field("id", "integer")], ["id"], checks=[check]), {})]
    assert names == ["id_required", "primary_key", "id_required_2"]


def test_every_rule_says_what_it_expects_and_marks_one_of_its_fields() -> None:
    for rule in rules(EVERYTHING, FOREIGN):
        assert rule.fields and rule.fields[-1] in EVERYTHING.names
        assert "expected" in rule.facts
    marked = {rule.name: rule.fields[-1] for rule in rules(EVERYTHING, FOREIGN)}
    assert (marked["no_jump"], marked["every_year"], marked["adds_up"]) == ("level", "fiscal_year", "total")


def test_a_referenced_table_that_is_not_given_is_never_skipped() -> None:
    with pytest.raises(KeyError):
        rules(EVERYTHING, {})


@pytest.mark.parametrize("constraints", [{"pattern": "x"}, {"minLength": 1}, {"unique": True}])
def test_a_rule_that_cannot_be_decided_is_an_error(tmp_path: Path, constraints: dict[str, object]) -> None:
    schema = contract([field("id", "integer"), field("code", "string", None, **constraints)], ["id"])
    path = parquet(tmp_path, "SELECT 1 AS id, 'x' AS another")
    with pytest.raises(SuiteError, match="code"):
        validate(path, rules(schema, {}), schema)


def test_the_suite_names_every_rule_in_json() -> None:
    every = rules(EVERYTHING, FOREIGN)
    suite: Any = json.loads(json.dumps(expectation_suite(EVERYTHING, every)))
    assert [expectation["meta"]["rule"] for expectation in suite["expectations"]] == [rule.name for rule in every]
    assert {expectation["severity"] for expectation in suite["expectations"]} == {"critical", "warning"}


def test_failing_rows_are_counted_in_full_and_shown_in_order(tmp_path: Path) -> None:
    schema = contract([field("id", "integer"), field("code", "string", pattern="[a-z]+")], ["id"])
    path = parquet(tmp_path, "SELECT 1000 - i AS id, 'X' AS code FROM range(1000) r(i)")
    rule = next(rule for rule in rules(schema, {}) if rule.code == "constraint.pattern")
    with duckdb.connect() as connection:
        count, rows = failing_rows(connection, f"'{path}'", rule, 2)
    assert (count, rows) == (1000, [{"id": 1, "code": "X"}, {"id": 2, "code": "X"}])


def test_all_conditions_on_one_row_are_one_query(tmp_path: Path) -> None:
    fields = [
        field("id", "integer"),
        field("code", "string", None, required=True, pattern="x", minLength=1, maxLength=2),
    ]
    schema = contract(fields, ["id"])
    sent: list[str] = []

    def note(*call: Any) -> None:
        sent.append(call[2])

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
    try:
        validate(parquet(tmp_path, "SELECT 1 AS id, 'x' AS code"), rules(schema, {}), schema)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in sent] == ["CREATE", "SELECT", "SELECT"]  # the view, the key, the rest


def test_great_expectations_is_imported_only_when_a_check_runs() -> None:
    code = "import sys, pipelines.contract.suite; sys.exit('great_expectations' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, capture_output=True).returncode == 0


def test_what_expectations_of_others_import_is_loaded_when_it_is_used() -> None:
    """scipy.stats costs a quarter of the import of Great Expectations, and is all there for whoever asks it."""
    code = """
import sys
from pipelines.contract.gx_duckdb import great_expectations
great_expectations()
assert "scipy.stats._stats_py" not in sys.modules
from scipy import stats
assert stats.norm.cdf(0) == 0.5
assert "scipy.stats._stats_py" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True, capture_output=True)


@pytest.mark.parametrize("mended", [False, True])
def test_the_mend_is_still_needed_and_still_works(monkeypatch: pytest.MonkeyPatch, mended: bool) -> None:
    """When `False` fails, Great Expectations has learnt DuckDB: remove `gx_duckdb.mend`. When `True` fails, mend it."""
    gx = gx_duckdb.great_expectations()
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    dialects = tuple(dialect for dialect in engine._PERSISTED_CONNECTION_DIALECTS if dialect != "duckdb")
    monkeypatch.setattr(engine, "_PERSISTED_CONNECTION_DIALECTS", dialects)
    if mended:
        gx_duckdb.mend()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql("plain", connection_string="duckdb:///:memory:")
    batch = source.add_query_asset("one", "SELECT 1 AS a").add_batch_definition_whole_table("one").get_batch()
    assert batch.validate(gx.expectations.ExpectColumnValuesToNotBeNull(column="a")).success is mended
