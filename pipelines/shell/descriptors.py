"""The texts of the two YAML files that `opendata new` proposes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipelines.datasets import Layout
from pipelines.shell.guesses import Guess, Table

_HOW = """# Replace every TODO. TODO_1 … are names of fields: lower case with _, the same in schemas/ and sources/.
# TODO をすべて書き換えてください。TODO_1 などは項目名で、schemas/ と sources/ の両方を同じ名前にします。
"""


def schema(table: Table, department: str, licence: str) -> str:
    """`schemas/<name>.yaml`: what is published."""
    lines = [
        "# yaml-language-server: $schema=../docs/json-schema/schema.json",
        _HOW + f"title: {{ja: {_quoted(table.title)}, en: {_quoted('TODO: ' + table.title)}}}",
        "description:",
        '  ja: "TODO: 何の数値か、定義と出典"',
        '  en: "TODO: what the figures are, their definition and source"',
        f"department: {department}",
        f"update_frequency: {_frequency(table)}  # annual, quarterly, monthly, daily, irregular, as_planned, once",
        f"licence: {licence}  # that of the origin; schemas/_city.yaml has the others",
        "fields:",
        *(line for field in table.fields for line in _field(field, is_key=field.name in table.key)),
        f"primaryKey: [{', '.join(table.key)}]",
    ]
    return "\n".join(lines) + "\n"


def source(table: Table) -> str:
    """`sources/<name>.yaml`: how the delivery is read."""
    lines = [
        "# yaml-language-server: $schema=../docs/json-schema/source.json",
        f"kind: {table.kind}",
        f"path: {_quoted(table.path)}",
        *_file(table),
        *_rows(table),
        *_missing(table),
        "columns:",
        *(f"  {field.name}: {_column(field)}" for field in table.fields if field.header),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _frequency(table: Table) -> str:
    kinds = {field.type for field in table.fields}
    return "annual" if "year" in kinds else "monthly" if "yearmonth" in kinds else "irregular"


def _field(field: Guess, *, is_key: bool) -> Iterator[str]:
    yield f"  - name: {field.name}"
    yield f"    type: {field.type}"
    if field.type == "number":
        yield f"    decimals: {field.decimals}"
    english = field.english or f"TODO: {field.japanese}"
    yield f"    title: {{ja: {_quoted(field.japanese)}, en: {_quoted(english)}}}"
    if field.unit:
        yield f"    unit: {_quoted(field.unit)}"
    if is_key:
        yield "    constraints: {required: true}"


def _file(table: Table) -> Iterator[str]:
    if table.kind == "workbook":
        yield f"sheet: {_quoted(table.sheet)}"
        return
    yield f"encoding: {table.encoding}"
    if table.delimiter != ",":
        yield f"delimiter: {_quoted(table.delimiter)}"


def _rows(table: Table) -> Iterator[str]:
    layout = table.layout
    assert layout is not None
    if layout.transpose:
        yield "transpose: true  # rows and columns change roles: header.rows are column numbers (1 is A)"
        yield f"columns_between: {_quoted(layout.columns_between or '')}"
    if layout.header and (table.kind == "workbook" or layout.header.rows != [1]):
        carry = ", carry: true" if layout.header.carry else ""
        yield f"header: {{rows: {layout.header.rows}{carry}}}"
    yield from _first_of_several(layout)
    if layout.notes:
        yield f"notes: {_quoted(layout.notes)}"
    if layout.fill_down:
        yield f"fill_down: [{', '.join(layout.fill_down)}]"
    if layout.skip:
        yield "skip:  # totals; take this out to publish them"
        yield from (f"  - {{field: {s.field}, matching: {_quoted(s.matching)}}}" for s in layout.skip)
    if layout.ignore:
        yield f"ignore: [{', '.join(map(_quoted, layout.ignore))}]  # each of these headers stands there several times"
    if u := layout.unpivot:
        value = f", value: {u.value}" if u.value else ""
        yield f"unpivot: {{into: {u.into}, matching: {_quoted(u.matching)}, level: {u.level}{value}}}"


def _first_of_several(layout: Layout) -> Iterator[str]:
    """Where the table ends when others stand beside or below it, and rows that head those below them."""
    if layout.columns_between and not layout.transpose:
        yield f"columns_between: {_quoted(layout.columns_between)}  # what stands beside it is left out"
    if layout.rows and layout.rows.end:
        yield f"rows: {{to: {layout.rows.end}}}  # another table stands below; each is a dataset or one of `tables`"
    if layout.section:
        yield f"section: {{into: {layout.section.into}, field: {layout.section.field}}}"


def _missing(table: Table) -> Iterator[str]:
    texts = sorted({text for field in table.fields for text in field.missing})
    if texts:
        yield f"missing: [{', '.join(map(_quoted, texts))}]  # no value, if the legend says so; a - may also mean zero"


def _column(field: Guess) -> str:
    if not field.endings and field.scale == 1:
        return _quoted(field.header)
    endings = f", unit: [{', '.join(map(_quoted, field.endings))}]" if field.endings else ""
    scale = f", scale: {field.scale}" if field.scale != 1 else ""
    return f"{{headers: [{_quoted(field.header)}]{endings}{scale}}}"
