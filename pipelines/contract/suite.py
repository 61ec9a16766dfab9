"""Does a table keep its contract? One Great Expectations suite, one expectation per rule, run on DuckDB.

    outcomes = validate(parquet, rules(schema, foreign), schema)

Great Expectations says which rules hold; `failing_rows` then shows what breaks the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from pipelines.contract import gx_duckdb
from pipelines.contract.rules import Rule
from pipelines.datasets.schema import Schema

if TYPE_CHECKING:
    import duckdb
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult

SETTINGS: Mapping[str, object] = {"threads": 2}
RESULT_FORMAT = "BASIC"  # with counts; our expectations never fetch values
_SEVERITIES = {"error": "critical", "warn": "warning"}


class SuiteError(RuntimeError):
    """A rule could not be decided. Never a verdict about the data: nothing may be published on it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Great Expectations found for one rule."""

    name: str
    success: bool
    unexpected_count: int | None


@cache
def warm_up() -> Thread:
    """Begin to import Great Expectations, which takes seconds, while DuckDB reads the first delivery of a night."""
    thread = Thread(target=gx_duckdb.great_expectations, daemon=True)
    thread.start()
    return thread


def validate(
    parquet: Path, rules: Sequence[Rule], schema: Schema, settings: Mapping[str, object] = SETTINGS
) -> list[Outcome]:
    """The outcome of every rule, in order. `settings` are DuckDB's (`threads`, `memory_limit`, `temp_directory`)."""
    if not rules:
        return []
    warm_up().join()
    suite = _suite(schema, rules)
    with gx_duckdb.checked(parquet, settings) as batch:
        results = batch.validate(suite, result_format=cast(Any, RESULT_FORMAT)).results
    outcomes = {outcome.name: outcome for outcome in map(_outcome, results)}
    missing = [rule.name for rule in rules if rule.name not in outcomes]
    if missing or len(results) != len(rules):
        raise SuiteError(f"{len(rules)} rules, {len(results)} results; undecided: {', '.join(missing)}")
    return [outcomes[rule.name] for rule in rules]


def expectation_suite(schema: Schema, rules: Sequence[Rule]) -> dict[str, object]:
    """The suite in Great Expectations' JSON form, to read or to keep."""
    suite = cast("dict[str, object]", _suite(schema, rules).to_json_dict())
    return {key: value for key, value in suite.items() if key != "id"}


def failing_rows(
    connection: duckdb.DuckDBPyConnection, table_sql: str, rule: Rule, limit: int
) -> tuple[int, list[dict[str, object]]]:
    """How many rows break a rule, and the first of them by value: the same rows whatever the number of threads."""
    failing = f"({rule.over(table_sql)}\n)"
    found = connection.execute(f"SELECT count(*) FROM {failing}").fetchone()
    count = int(found[0]) if found else 0
    if not count:
        return 0, []
    cursor = connection.execute(f"SELECT * FROM {failing} ORDER BY ALL LIMIT {limit:d}")
    names = [str(column[0]) for column in cursor.description or ()]
    return count, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _suite(schema: Schema, rules: Sequence[Rule]) -> ExpectationSuite:
    suite = gx_duckdb.great_expectations().ExpectationSuite(
        name="contract", expectations=[_configuration(rule) for rule in rules], meta={"title": schema.title.en}
    )
    return cast("ExpectationSuite", suite)


def _configuration(rule: Rule) -> dict[str, object]:
    """One expectation. Its meta carries the rule's name, by which its result is found again."""
    return {
        "type": rule.expectation.type,
        "kwargs": dict(rule.expectation.kwargs),
        "meta": {"rule": rule.name, "code": rule.code},
        "severity": _SEVERITIES[rule.severity],
    }


def _outcome(result: ExpectationValidationResult) -> Outcome:
    configuration = result.expectation_config
    name = str(configuration.meta["rule"]) if configuration and configuration.meta else "?"
    for raised in _raised(cast("dict[str, Any]", result.exception_info or {})):
        raise SuiteError(f"{name}: {raised}")
    count = (result.result or {}).get("unexpected_count")
    return Outcome(name, result.success is True, None if count is None else int(count))


def _raised(info: Mapping[str, Any]) -> Iterator[str]:
    """The messages of what was raised; the information is of one exception, or of several by metric."""
    each = [info] if "raised_exception" in info else [part for part in info.values() if isinstance(part, dict)]
    return (str(part.get("exception_message")) for part in each if part.get("raised_exception"))
