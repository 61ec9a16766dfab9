"""The CSV for spreadsheet programs: with a byte order mark, so that they see UTF-8, and no text that they would run.

A text that begins with one of `= + - @` or their full-width forms, also behind white space, or with a tab or a line
break, gets an apostrophe before it (OWASP, CSV injection); so does one that begins with an apostrophe, so that whoever
takes the first apostrophe of such a text away has the published text again. Numbers are never touched. What a
spreadsheet program does on opening any CSV, such as dropping the zeros of `007`, it does here too: the XLSX has typed
cells.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.contract.types import CSV_FORM
from pipelines.formats.table import Column, Table
from pipelines.sqltext import literal

BOM = b"\xef\xbb\xbf"
# White space does not hide a sign: what comes first behind it counts as well.
SIGNS = "=+@＝＋－＠-"
WHITE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
ARMED = f"^([\t\r\n']|[{WHITE}]*[{SIGNS}])"  # RE2


def spreadsheet_csv(table: Table, path: Path) -> None:
    """Write the table to a path."""
    select = ", ".join(f"{_safe(column)} AS {column.sql}" for column in table.columns)
    texts = ", ".join(column.sql for column in table.columns if column.type == "string")
    form = f"{CSV_FORM}, FORCE_QUOTE ({texts})" if texts else CSV_FORM
    plain = path.with_suffix(".plain")
    table.connection.execute(f"COPY (SELECT {select} FROM {table.relation}) TO {literal(str(plain))} ({form})")
    with plain.open("rb") as source, path.open("wb") as target:
        target.write(BOM)
        shutil.copyfileobj(source, target, 1 << 20)
    plain.unlink()


def disarmed(text: str) -> str:
    """SQL: a text expression with an apostrophe before what a spreadsheet program would run."""
    return f"CASE WHEN regexp_matches({text}, {literal(ARMED)}) THEN chr(39) || {text} ELSE {text} END"


def _safe(column: Column) -> str:
    return disarmed(column.sql) if column.type == "string" else column.text if column.type == "datetime" else column.sql
