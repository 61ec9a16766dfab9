"""Types of the contract: Table Schema → DuckDB, and which plain texts are already in canonical form."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.datasets import Field
from pipelines.sqltext import identifier, literal

_DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "year": "SMALLINT",
    "yearmonth": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}

# What the cell grammar would give back unchanged; DuckDB casts these alone, in bulk.
_CANONICAL = {
    "integer": r"-?(0|[1-9][0-9]{0,17})",
    "boolean": r"true|false",
    "year": r"(19|20|21)[0-9]{2}",
    "yearmonth": r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])",
    "date": r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}",
    # The hours in full: DuckDB makes the next day of 24:00:00.
    "datetime": r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
}

WIDTH = 18


def duckdb_type(field: Field) -> str:
    """The DuckDB type of a field. Numbers are exact decimals, never binary floats."""
    if field.type == "number":
        return f"DECIMAL({WIDTH}, {field.decimals})"
    return _DUCKDB[field.type]


def is_odd(field: Field, text: str, cast: str, missing: Sequence[str]) -> str:
    """SQL: whether a text is not exactly its `cast`, both SQL expressions, or stands for no value.

    Such a text goes through the grammar. Of the symbols only those are compared that might be a value (9999, `true`).
    """
    symbols = [symbol for symbol in missing if any(map(str.isdigit, symbol)) or symbol in {"true", "false"}]
    inexact = _is_inexact(field, text, cast)
    return f"({inexact} OR coalesce({_is_one_of(text, symbols)}, false))" if symbols else inexact


def _is_inexact(field: Field, text: str, cast: str) -> str:
    """SQL: whether the grammar might make something else of a text than its cast.

    A text that comes back from its cast unchanged needs no pattern, and that is nearly every text of a long table.
    A number that would only be rounded, or a 30 February, matches the pattern or casts, never both.
    """
    pattern = _number(field.decimals or 0) if field.type == "number" else _CANONICAL[field.type]
    matches = f"regexp_full_match({text}, '{pattern}')"
    if field.type in {"yearmonth", "boolean", "datetime"}:
        return f"coalesce(NOT ({matches} AND {cast} IS NOT NULL), {text} IS NOT NULL)"
    exact = f"{cast}::VARCHAR = {text}{_RANGE.get(field.type, '').format(text=text, cast=cast)}"
    return f"CASE WHEN {text} IS NULL OR ({exact}) THEN false ELSE NOT {matches} OR {cast} IS NULL END"


def is_odd_text(text: str, missing: Sequence[str]) -> str:
    """SQL: whether a string has white space around it, is empty or stands for no value.

    White space and control characters of ASCII sort before `!`; the last character is looked at alone, since that is
    several times quicker than a pattern. A text with visible ASCII at both ends needs no further look.
    """
    first, last = f"{text}[1]", f"{text}[-1]"
    symbols = _is_one_of(text, missing)
    edges = f"{text} < '!' OR {last} < '!' OR contains({_SPACES}, {first}) OR contains({_SPACES}, {last})"
    quick = f"{text} BETWEEN '!' AND '~' AND {last} BETWEEN '!' AND '~'"
    return f"CASE WHEN {quick} THEN {symbols} ELSE coalesce({edges} OR {symbols}, false) END"


# The white space beyond ASCII that the grammar takes away, as Python's `str.strip` does.
_SPACES = literal("".join(char for char in map(chr, range(0x80, 0x3001)) if char.isspace()))


def _is_one_of(text: str, symbols: Sequence[str]) -> str:
    """SQL: whether a text is one of these; no IN, which is a join when it is long."""
    return " OR ".join(f"{text} = {literal(symbol)}" for symbol in symbols) or "false"


# What else is asked of a text that comes back from its cast: figures that a column holds and the grammar refuses, and
# the years that the grammar reads without being told so; others are for it to judge. A day before Christ and one of
# the year 20190 are longer than a day.
_MOST = 10**WIDTH - 1
_RANGE = {
    "integer": f" AND {{cast}} BETWEEN -{_MOST} AND {_MOST}",
    "year": " AND {text} BETWEEN '1900' AND '2199' AND length({text}) = 4",
    "date": " AND {text} BETWEEN '1900' AND '2200' AND strlen({text}) = 10",
}


def _number(decimals: int) -> str:
    whole = r"-?(0|[1-9][0-9]{0,14})"
    return f"{whole}(\\.[0-9]{{1,{decimals}}})?" if decimals else whole


# RFC 4180: records end with CR LF. DuckDB quotes every text (FORCE_QUOTE) and nothing else has a reason to be quoted.
CSV_FORM = r"FORMAT csv, HEADER true, NEW_LINE '\r\n'"


def csv_select(fields: list[Field]) -> str:
    """The select list of the canonical CSV: every type in the one form that a Table Schema reads."""
    return ", ".join(_csv_column(field) for field in fields)


def _csv_column(field: Field) -> str:
    name = identifier(field.name)
    return f"{csv_text(name, 'TIMESTAMP')} AS {name}" if field.type == "datetime" else name


def csv_text(value: str, kind: str) -> str:
    """SQL: the text that the canonical CSV has for an SQL expression of a DuckDB type."""
    if kind != "TIMESTAMP":
        return f"{value}::VARCHAR"
    seconds, fraction = (f"strftime({value}, '%Y-%m-%dT%H:%M:%S{end}')" for end in ("", ".%f"))
    return f"CASE WHEN microsecond({value}) % 1000000 = 0 THEN {seconds} ELSE {fraction} END"
