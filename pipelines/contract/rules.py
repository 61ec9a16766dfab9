"""A contract as a list of rules: each one constraint of one field or key, and the SQL that selects what breaks it.

`Rule.failing` is the one definition of a rule: Great Expectations counts with it, and the rows shown to a
steward come from it. It is a `str.format` template with the single place `{table}`.

No core expectation is used. They hold every bound as a float, so that 9007199254740993 passes a maximum of
9007199254740992; and they cost four times as much as ours on the small tables that most datasets are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pipelines.datasets.schema import Check, Constraints, Field, FieldType, ForeignKey, Scalar, Schema, Severity
from pipelines.sqltext import identifier
from pipelines.sqltext import literal as text_literal

NO_FAILING_ROWS = "expect_no_failing_rows"  # counts what any SQL selects: one query each
NO_WRONG_ROW = "expect_no_wrong_row"  # counts by a condition on one row: all of a suite in one query
INTEGERS: tuple[FieldType, ...] = ("integer", "year")
TEXTS: tuple[FieldType, ...] = ("string", "yearmonth")


@dataclass(frozen=True, slots=True)
class Expectation:
    """How Great Expectations names a rule: the type of an expectation and its arguments."""

    type: str
    kwargs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint of one field or key. `failing` selects every row that breaks it, with all columns.

    The last of `fields` is the one to mark as wrong; `facts["expected"]` is what it should have been.
    """

    code: str
    name: str
    severity: Severity
    fields: tuple[str, ...]
    failing: str
    facts: Mapping[str, str]
    expectation: Expectation

    def over(self, table: str) -> str:
        """The failing rows of a table; `table` is SQL that may stand after FROM."""
        return self.failing.format(table=table)


def rules(schema: Schema, foreign: Mapping[str, str]) -> list[Rule]:
    """Every rule of the contract; `foreign` gives the SQL of each referenced table by dataset, KeyError without it."""
    every = [
        *(rule for field in schema.fields for rule in _field_rules(field, key=field.name in schema.primaryKey)),
        _unique_rule("key.primary", "primary_key", schema.primaryKey),
        *(_unique_rule("key.unique", f"unique_key_{'_'.join(key)}", key) for key in schema.uniqueKeys),
        *(_foreign_rule(key, foreign[key.reference.dataset]) for key in schema.foreignKeys),
        *(_check_rule(schema, check) for check in schema.checks),
    ]
    return list(_named_apart(every))


def _named_apart(every: Sequence[Rule]) -> Iterator[Rule]:
    """Two rules may be given one name by chance, such as a check called `ward_required`: the later is numbered."""
    seen: set[str] = set()
    for rule in every:
        name, number = rule.name, 1
        while name in seen:
            number += 1
            name = f"{rule.name}_{number}"
        seen.add(name)
        yield replace(rule, name=name)


def literal(value: Scalar, kind: FieldType) -> str:
    """A value as an SQL literal of the field's type. Numbers are DECIMAL, never floats, so bounds are exact."""
    if kind == "boolean":
        return "TRUE" if value is True or str(value).lower() == "true" else "FALSE"
    if kind in INTEGERS or kind == "number":
        return f"{Decimal(str(value)):f}"
    prefix = {"date": "DATE ", "datetime": "TIMESTAMP "}.get(kind, "")
    return prefix + _braced(text_literal(str(value)))


def _braced(sql: str) -> str:
    """Braces doubled, because a rule's SQL is a format template: `[0-9]{5}` is a pattern, not a place."""
    return sql.replace("{", "{{").replace("}", "}}")


def _number(field: Field) -> str:
    """A column to calculate with: integers are widened, so that no difference or sum overflows."""
    return f"CAST({identifier(field.name)} AS HUGEINT)" if field.type in INTEGERS else identifier(field.name)


def _where(condition: str) -> str:
    return f"SELECT t.* FROM {{table}} t WHERE {condition}"


def _not_null(names: Sequence[str]) -> str:
    return " AND ".join(f"{identifier(name)} IS NOT NULL" for name in names)


def _partition(names: Sequence[str]) -> str:
    return f"PARTITION BY {', '.join(identifier(name) for name in names)} " if names else ""


# -- fields ---------------------------------------------------------------------------------------------------------


def _field_rules(field: Field, *, key: bool) -> Iterator[Rule]:
    """The parts of the primary key are required, also when their constraints do not say so."""
    constraints = field.constraints.model_copy(update={"required": True}) if key else field.constraints
    yield from _constraint_rules(field, constraints, "error", "")
    yield from _constraint_rules(field, field.plausible, "warn", "_plausible")


def _constraint_rules(field: Field, constraints: Constraints, severity: Severity, suffix: str) -> Iterator[Rule]:
    for key, (code, condition) in _CONSTRAINTS.items():
        value = getattr(constraints, key)
        if value is None or value is False:
            continue
        wrong = condition(field, value)
        yield Rule(
            code=f"constraint.{code}",
            name=f"{field.name}_{code}{suffix}",
            severity=severity,
            fields=(field.name,),
            failing=_where(wrong) if wrong else _unique([field.name]),
            facts=_constraint_facts(field, code, value),
            expectation=_no_wrong(wrong) if wrong else _counted(_unique([field.name])),
        )


def _constraint_facts(field: Field, code: str, value: Scalar | list[Scalar]) -> dict[str, str]:
    if value is True:
        return {"field": field.name, "expected": ""}
    shown = ", ".join(_written(item) for item in value) if isinstance(value, list) else str(value)
    return {"field": field.name, code: shown, "expected": shown}


def _written(value: Scalar) -> str:
    """A value as the schema writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compared(operator: str) -> Callable[[Field, Scalar], str]:
    return lambda field, value: f"{identifier(field.name)} {operator} {literal(value, field.type)}"


def _measured(operator: str) -> Callable[[Field, Scalar], str]:
    return lambda field, value: f"length({identifier(field.name)}) {operator} {value}"


def _unmatched(field: Field, value: Scalar) -> str:
    column = identifier(field.name) if field.type in TEXTS else f"CAST({identifier(field.name)} AS VARCHAR)"
    return f"NOT regexp_full_match({column}, {literal(value, 'string')})"


def _unlisted(field: Field, values: list[Scalar]) -> str:
    return f"{identifier(field.name)} NOT IN ({', '.join(literal(value, field.type) for value in values)})"


# A comparison with NULL is neither true nor false, so an empty cell breaks `required` alone, as in a Table Schema.
_CONSTRAINTS: dict[str, tuple[str, Callable[..., str]]] = {
    "required": ("required", lambda field, _: f"{identifier(field.name)} IS NULL"),
    "unique": ("unique", lambda *_: ""),  # no condition on one row
    "minimum": ("minimum", _compared("<")),
    "maximum": ("maximum", _compared(">")),
    "exclusiveMinimum": ("exclusive_minimum", _compared("<=")),
    "exclusiveMaximum": ("exclusive_maximum", _compared(">=")),
    "minLength": ("min_length", _measured("<")),
    "maxLength": ("max_length", _measured(">")),
    "pattern": ("pattern", _unmatched),
    "enum": ("enum", _unlisted),
}


# -- keys -----------------------------------------------------------------------------------------------------------


def _unique(names: Sequence[str]) -> str:
    """Rows that share their values; NULLs are distinct. A window is as quick as GROUP BY and keeps the rows."""
    return _where(_not_null(names)) + f" QUALIFY count(*) OVER ({_partition(names)}) > 1"


def _unique_rule(code: str, name: str, names: Sequence[str]) -> Rule:
    failing, shown = _unique(names), ", ".join(names)
    return Rule(code, name, "error", tuple(names), failing, {"fields": shown, "expected": shown}, _counted(failing))


def _no_wrong(condition: str) -> Expectation:
    return Expectation(NO_WRONG_ROW, {"wrong": condition})


def _counted(failing: str) -> Expectation:
    return Expectation(NO_FAILING_ROWS, {"failing": failing})


def _foreign_rule(key: ForeignKey, relation: str) -> Rule:
    """Rows whose combination is not in the referenced table; a combination with a NULL refers to nothing."""
    pairs = zip(key.fields, key.reference.fields, strict=True)
    joined = " AND ".join(f"t.{identifier(ours)} = r.{identifier(theirs)}" for ours, theirs in pairs)
    absent = f"NOT EXISTS (SELECT 1 FROM {_braced(relation)} r WHERE {joined})"
    failing = _where(f"{_not_null(key.fields)} AND {absent}")
    facts = {
        "fields": ", ".join(key.fields),
        "dataset": key.reference.dataset,
        "reference_fields": ", ".join(key.reference.fields),
        "expected": key.reference.dataset,
    }
    name = f"foreign_key_{'_'.join(key.fields)}"
    return Rule("key.foreign", name, "error", tuple(key.fields), failing, facts, _counted(failing))


# -- checks ---------------------------------------------------------------------------------------------------------


def _check_rule(schema: Schema, check: Check) -> Rule:
    failing = _CHECKS[check.rule](schema, check)
    named = dict.fromkeys(name for name in [*check.by, *check.parts, check.per, check.field] if name)
    fields = tuple(named) or tuple(schema.primaryKey)  # SQL names no field: its rows are marked by their key
    return Rule(f"rule.{check.rule}", check.name, check.severity, fields, failing, _facts(check), _counted(failing))


def _facts(check: Check) -> dict[str, str]:
    """Every fact a message of any check may want; those that do not apply are empty."""
    return {
        "name": check.name,
        "field": check.field or "",
        "per": check.per or "",
        "by": ", ".join(check.by),
        "limit": check.limit or "",
        "parts": ", ".join(check.parts),
        "tolerance": f"{Decimal(str(check.tolerance)).normalize():f}",
        "title_ja": check.title.ja if check.title else "",
        "title_en": check.title.en if check.title else "",
        "expected": _expected(check),
    }


def _expected(check: Check) -> str:
    """What the registry's texts show as expected for each kind of check."""
    told = f"{check.title.ja} / {check.title.en}" if check.title else check.name
    shown = {"max_change": check.limit, "complete_periods": check.per, "sum_of_parts": ", ".join(check.parts)}
    return shown.get(check.rule) or told


def _max_change(schema: Schema, check: Check) -> str:
    """Rows too far from the row before them; rows without a value or a period are skipped, not compared."""
    name, per, limit = check.field or "", check.per or "", check.limit or ""
    value = _number(schema.field(name))
    previous = f"lag({value}) OVER ({_partition(check.by)}ORDER BY {identifier(per)})"
    change = f"abs({value} - {previous})"
    bound = f"abs({previous}) * {limit[:-1]}" if limit.endswith("%") else limit
    exceeds = f"{change} * 100 > {bound}" if limit.endswith("%") else f"{change} > {bound}"
    return _where(_not_null([name, per])) + f" QUALIFY {exceeds}"


def _complete_periods(schema: Schema, check: Check) -> str:
    """The row after each gap: periods are counted as years or months, and the count jumps by more than one."""
    per = schema.field(check.per or "")
    count = _period_count(per)
    jump = f"{count} - lag({count}) OVER ({_partition(check.by)}ORDER BY {identifier(per.name)})"
    return _where(_not_null([per.name])) + f" QUALIFY {jump} > 1"


def _period_count(per: Field) -> str:
    """Years since year 0, or months for the types whose text begins YYYY-MM."""
    if per.type in INTEGERS:
        return f"CAST({identifier(per.name)} AS BIGINT)"
    text = f"CAST({identifier(per.name)} AS VARCHAR)"
    return f"(CAST(substr({text}, 1, 4) AS BIGINT) * 12 + CAST(substr({text}, 6, 2) AS BIGINT))"


def _sum_of_parts(schema: Schema, check: Check) -> str:
    """Rows whose total differs from its parts; where the total or a part is NULL there is nothing to compare."""
    parts = " + ".join(_number(schema.field(name)) for name in check.parts)
    total = _number(schema.field(check.field or ""))
    return _where(f"abs({total} - ({parts})) > {Decimal(str(check.tolerance)):f}")


def _sql(_: Schema, check: Check) -> str:
    """The check's own SQL, in which only `{table}` is a place."""
    return _braced((check.sql or "").rstrip("; \n\t")).replace("{{table}}", "{table}")


_CHECKS: dict[str, Callable[[Schema, Check], str]] = {
    "max_change": _max_change,
    "complete_periods": _complete_periods,
    "sum_of_parts": _sum_of_parts,
    "sql": _sql,
}
