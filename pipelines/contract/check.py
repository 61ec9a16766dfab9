"""Runs a contract's checks: Great Expectations says which rules fail, DuckDB says in which cells."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contract.places import cell_findings
from pipelines.contract.rules import Rule, rules
from pipelines.contract.typed import Typed
from pipelines.datasets import Dataset
from pipelines.findings import Finding, Place
from pipelines.reading.read import Part
from pipelines.sqltext import identifier, literal, parquet


@dataclass(frozen=True, slots=True)
class Checked:
    """Every rule with its verdict, and the findings of those that failed."""

    verdicts: list[dict[str, object]]
    findings: list[Finding]


def check(
    connection: duckdb.DuckDBPyConnection,
    typed: Typed,
    dataset: Dataset,
    references: Mapping[str, Path],
    parts: Sequence[Part],
    place: Place,
) -> Checked:
    """Validate a typed table. `references` are the published tables of the other datasets that it refers to."""
    from pipelines.contract.suite import validate

    tables = {name: parquet(file) for name, file in references.items()} | {dataset.name: parquet(typed.table)}
    asked = rules(dataset.schema, tables)
    outcomes = {outcome.name: outcome for outcome in validate(typed.table, asked, dataset.schema, _limits(typed.table))}
    failed = [rule for rule in asked if not outcomes[rule.name].success]
    findings = [f for rule in failed for f in _findings(connection, typed.located, rule, dataset, parts, place)]
    broken = {rule.name for rule in failed}
    verdicts = [{"name": r.name, "code": r.code, "severity": r.severity, "passed": r.name not in broken} for r in asked]
    return Checked(verdicts, findings)


def _findings(
    connection: duckdb.DuckDBPyConnection, table: str, rule: Rule, dataset: Dataset, parts: Sequence[Part], place: Place
) -> list[Finding]:
    """The cells that break a rule. A required cell that could not be read has been reported as that already."""
    field = dataset.schema.field(rule.fields[-1])
    columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    at = f"_at_{field.name}"
    found = ", ".join(f"{identifier(name)}::VARCHAR" for name in rule.fields)
    expected = rule.facts.get("expected", "")
    unread = (
        f"WHERE NOT list_contains(_bad, {literal(field.name)})" if "_bad" in columns and _asks_for_a_value(rule) else ""
    )
    rows = (
        f"SELECT _part, _row, {identifier(at) if at in columns else 'NULL::VARCHAR'} AS address, "
        f"concat_ws(', ', {found}) AS found, {literal(rule.code)} AS code, {literal(expected)} AS expected "
        f"FROM ({_failing(table, rule, dataset)}) {unread}"
    )
    facts = {"rule": rule.name, **rule.facts}
    return cell_findings(connection, rows, field, parts, place, facts, rule.severity)


def _limits(path: Path) -> dict[str, object]:
    """Settings of the suite's DuckDB: what does not fit spills beside the table."""
    return {"threads": os.cpu_count() or 1, "memory_limit": "500MB", "temp_directory": str(path.parent / "spill")}


def _failing(table: str, rule: Rule, dataset: Dataset) -> str:
    """SQL: the rows that break a rule. A check's own SQL need only name their keys; the rows are looked up by them."""
    if rule.code != "rule.sql":
        return rule.over(table)
    key = ", ".join(identifier(name) for name in dataset.schema.primaryKey)
    return f"SELECT t.* FROM {table} t SEMI JOIN ({rule.over(table)}) f USING ({key})"


def _asks_for_a_value(rule: Rule) -> bool:
    return rule.code in {"constraint.required", "key.primary"}
