"""Count and checksum of a release's rows, as our extension makes them of a DataStore table (its README.md). Pure SQL.

Two that are equal tell that the rows are. Two that differ tell nothing: PostgreSQL may write a value otherwise.
"""

from __future__ import annotations

from pipelines.catalogue.ckan.columns import Columns
from pipelines.sqltext import identifier

DIGITS = 15  # hexadecimal digits of each half of a row's MD5


def checksum_query(columns: Columns, relation: str) -> str:
    """SQL for DuckDB: the number of rows, and the checksum as a text."""
    row = " || ".join(_value(str(one["id"]), str(one["type"])) for one in columns.fields)
    halves = [f"coalesce(sum(('0x' || hash[{start}:{start + DIGITS - 1}])::BIGINT), 0)" for start in (1, 1 + DIGITS)]
    return f"SELECT count(*), {halves[0]} || '-' || {halves[1]} FROM (SELECT md5({row}) AS hash FROM {relation})"


def _value(name: str, kind: str) -> str:
    """A value as PostgreSQL writes it, its length in bytes before it; of one that is missing, a sign."""
    quoted = identifier(name)
    text = f"strftime({quoted}::TIMESTAMP, '%Y-%m-%d %H:%M:%S.%f')" if kind == "timestamp" else f"{quoted}::VARCHAR"
    return f"coalesce(strlen({text}) || ':' || {text}, '-')"
