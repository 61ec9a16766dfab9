"""The table as an XLSX workbook: a sheet of typed cells under a frozen header, and one with dictionary and notes.

A workbook holds binary floats of 15 digits and days from 1 March 1900 on. A column with a value that it could not hold
exactly is written as texts, and the dictionary says so; no figure is changed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from pipelines.formats.table import Column, Table, Unfit
from pipelines.formats.words import HEADINGS, WORDS
from pipelines.words import FREQUENCIES

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LIMIT = 100_000
Writer: TypeAlias = "Callable[[int, int, object, object], object]"
DATA, DICTIONARY = "data", "dictionary 項目"
_LONGEST_TEXT = 32_767
_FIRST_DAY = "1900-03-01"  # Excel believes that 1900 had a 29 February
_DIGITS = 10**15
_PLAIN = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "constant_memory": True,
    "default_date_format": "yyyy-mm-dd",
}


def workbook(table: Table, path: Path) -> None:
    """Write the table to a path. Raises Unfit above the limit, or where a text is longer than a cell can be."""
    from xlsxwriter.workbook import Workbook

    table.at_most(LIMIT)
    _no_text_is_too_long(table)
    as_text = {column.name for column in table.columns if _is_beyond_a_cell(table, column)}
    with Workbook(str(path), {**_PLAIN, "tmpdir": str(path.parent)}) as book:
        book.set_properties(_properties(table))
        _write_data(book, table, as_text)
        _write_dictionary(book, table, as_text)


def _properties(table: Table) -> dict[str, object]:
    """No clock: a workbook of one release is the same on every day."""
    return {"title": table.title("ja"), "comments": table.title("en"), "created": datetime(2000, 1, 1)}  # noqa: DTZ001


def _no_text_is_too_long(table: Table) -> None:
    texts = [column for column in table.columns if column.type == "string"]
    for column, longest in zip(texts, table.one([f"max(length({c.sql}))" for c in texts] or ["0"]), strict=False):
        if longest is not None and int(str(longest)) > _LONGEST_TEXT:
            raise Unfit(
                f"項目「{column.title['ja']}」に、セルに入る長さを超える文字列があるため。",
                f"The field “{column.title['en']}” has a text longer than a cell can hold.",
            )


def _is_beyond_a_cell(table: Table, column: Column) -> bool:
    """Whether a column has a value that a cell could not hold exactly."""
    tests = {
        "integer": f"abs({column.sql}::HUGEINT) >= {_DIGITS}",
        "number": f"abs({column.sql}) >= {_DIGITS // 10 ** (column.decimals or 0)}",
        "date": f"{column.sql} < DATE '{_FIRST_DAY}'",
        "datetime": f"{column.sql} < DATE '{_FIRST_DAY}' OR microsecond({column.sql}) % 1000000 <> 0",
    }
    return column.type in tests and bool(table.one([f"coalesce(bool_or({tests[column.type]}), false)"])[0])


def _write_data(book: Workbook, table: Table, as_text: set[str]) -> None:
    sheet, bold = book.add_worksheet(DATA), book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    formats = [book.add_format({"num_format": _number_format(column, as_text)}) for column in table.columns]
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, min(max(len(column.name) + 2, 12), 40), formats[at])
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.name, bold)
    writers = [_writer(sheet, column, as_text) for column in table.columns]
    select = [column.text if column.name in as_text else column.sql for column in table.columns]
    for row, values in enumerate(table.rows(select), 1):
        for at, value in enumerate(values):
            if value is not None:
                writers[at](row, at, value, formats[at])


def _number_format(column: Column, as_text: set[str]) -> str:
    if column.name in as_text or column.type in {"string", "yearmonth"}:
        return "@"
    decimals = "." + "0" * column.decimals if column.decimals else ""
    return {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "boolean": "General"}.get(
        column.type, f"0{decimals}"
    )


def _writer(sheet: Worksheet, column: Column, as_text: set[str]) -> Writer:
    """How the values of a column are written; never by what a value looks like."""
    if column.name in as_text:
        return cast("Writer", sheet.write_string)
    writers = {
        "boolean": sheet.write_boolean,
        "date": sheet.write_datetime,
        "datetime": sheet.write_datetime,
        "integer": sheet.write_number,
        "number": sheet.write_number,
        "year": sheet.write_number,
    }
    return cast("Writer", writers.get(column.type, sheet.write_string))


def _write_dictionary(book: Workbook, table: Table, as_text: set[str]) -> None:
    sheet, bold = book.add_worksheet(DICTIONARY), book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 1, 24, wrap)
    sheet.set_column(2, 9, 36, wrap)
    rows = [*_about(table), [], list(HEADINGS), *(_entry(column, table, as_text) for column in table.columns)]
    heading = rows.index(list(HEADINGS))
    for at, row in enumerate(rows):
        for place, text in enumerate(row):
            if text:
                sheet.write_string(at, place, text, bold if at == heading or place == 0 else wrap)


def _about(table: Table) -> list[list[str]]:
    """What the workbook is: a label in both languages, then the text in Japanese, then in English."""
    about = table.description
    frequency = FREQUENCIES[str(about["updateFrequency"])]
    rows = [
        [WORDS["title"], "", table.title("ja"), table.title("en")],
        [WORDS["description"], "", str(about["description@ja"]), str(about["description@en"])],
        [WORDS["version"], "", table.release.ref.version],
        [WORDS["frequency"], "", frequency.ja, frequency.en],
        *([WORDS["licence"], "", f"{licence['name']} {licence['path']}"] for licence in _list(about, "licenses")),
        *([WORDS["by"], "", who["title@ja"], who["title@en"]] for who in _list(about, "contributors")),
        *([WORDS["note"], "", note["ja"], note["en"]] for note in _list(about, "notes")),
    ]
    return [[str(text) for text in row] for row in rows]


def _list(document: dict[str, object], key: str) -> Sequence[dict[str, str]]:
    found = document.get(key)
    return found if isinstance(found, list) else []


def _entry(column: Column, table: Table, as_text: set[str]) -> list[str]:
    """One line of the dictionary, under `HEADINGS`."""
    return [
        column.name,
        column.type,
        column.title["ja"],
        column.title["en"],
        column.unit,
        "●" if column.name in table.key else "",
        column.description["ja"],
        column.description["en"],
        WORDS["as_text"] if column.name in as_text else "",
    ]
