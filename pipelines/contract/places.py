"""Rows that are wrong → findings with cell addresses; what has one cause is one finding.

Cells that stand below one another and are wrong in the same way (a column shifted from row 812) become one
finding with its range and count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from pipelines.datasets import Field
from pipelines.findings import Finding, Place, Severity
from pipelines.reading.read import Part
from pipelines.sqltext import literal

MOST = 200
SAMPLES = 5


def cell_findings(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    field: Field,
    parts: Sequence[Part],
    place: Place,
    facts: Mapping[str, str] | None = None,
    severity: Severity | None = None,
) -> list[Finding]:
    """Findings for the cells of `rows`, SQL with `_part, _row, address, found, code, expected`.

    At most MOST findings; the last then stands for all the rest. Counts are true, and of cells, not of rows.
    """
    query = f"""
        WITH located AS (
            SELECT _part, code, expected, found,
                   coalesce(regexp_extract(address, '^[A-Z]+'), {_letters(field.name, parts)}) AS letters,
                   coalesce(CAST(regexp_extract(address, '[0-9]+$') AS BIGINT), _row) AS line
            FROM ({rows})
        ), cells AS (  -- one cell may be read into many rows: an unpivoted header, a label that is filled down
            SELECT _part, code, expected, letters, line, min(found) AS found FROM located GROUP BY ALL
        ), runs AS (
            SELECT *, line - row_number() OVER (PARTITION BY _part, code, expected, letters ORDER BY line) AS run
            FROM cells
        )
        SELECT _part, code, any_value(expected), letters, min(line), max(line), count(*),
               list(found ORDER BY line)[1:{SAMPLES}]
        FROM runs GROUP BY _part, code, expected, letters, run ORDER BY _part, min(line), letters, code
    """
    found = connection.execute(query).fetchall()
    shared = {"field_ja": field.title.ja, "field_en": field.title.en, **(facts or {})}
    findings = [_finding(row, field, parts, place, shared, severity) for row in found[:MOST]]
    return [*findings, *_rest(found[MOST:], findings)]


def _letters(name: str, parts: Sequence[Part]) -> str:
    """SQL: the column letter of a field by `_part`; empty when it stands in no column of its own."""
    known = {i: part.columns[name] for i, part in enumerate(parts) if name in part.columns}
    if not known:
        return "''"
    return "CASE _part " + " ".join(f"WHEN {i} THEN {literal(c)}" for i, c in known.items()) + " ELSE '' END"


def _finding(
    row: tuple[int, str, str, str, int, int, int, list[str]],
    field: Field,
    parts: Sequence[Part],
    place: Place,
    facts: Mapping[str, str],
    severity: Severity | None,
) -> Finding:
    part, code, expected, letters, first, last, count, samples = row
    origin = parts[part] if 0 <= part < len(parts) else None  # a derived row is of no part
    where = Place(
        dataset=place.dataset,
        file=origin.file if origin else place.file,
        sheet=origin.sheet if origin else "",
        cell=_range(letters, first, last),
        field=field.name,
    )
    shown = tuple("" if sample is None else str(sample) for sample in samples)
    return Finding(code, where, shown[0], {"expected": expected, **facts}, count, shown, severity)


def _range(letters: str, first: int, last: int) -> str:
    if not letters:
        return f"{first}:{last}"
    return f"{letters}{first}" if first == last else f"{letters}{first}:{letters}{last}"


def _rest(
    rows: Sequence[tuple[int, str, str, str, int, int, int, list[str]]], shown: Sequence[Finding]
) -> list[Finding]:
    """One finding for everything beyond the ones shown, so that the totals stay true."""
    if not rows:
        return []
    last = shown[-1]
    where = Place(last.place.dataset, last.place.file, field=last.place.field)
    return [
        Finding("many", where, "", {**last.facts, "code": last.code}, sum(row[6] for row in rows), (), last.severity)
    ]
