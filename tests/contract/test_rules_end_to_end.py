"""Each kind of constraint and each named rule, from a cell of a delivery to the finding, through the real night.

The figures are synthetic, and every file here says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.findings import Finding
from pipelines.night import Result
from pipelines.settings import REPOSITORY
from tests.hand.wards import NAME as VISITS
from tests.hand.wards import made
from tests.kit import Town, result
from tests.night.towns import copied, outcomes, versions

NAME, PLACES, DERIVED = "synthetic_everything", "synthetic_places", "synthetic_derived"
HEAD = """\
title: {ja: 合成データ（試験用）, en: Synthetic data (made for a test)}
description: {ja: 試験のための合成データ。実在の値ではない。, en: Synthetic figures for a test; none of them is real.}
department: environment
update_frequency: annual
licence: CC-BY-4.0
"""
FIELDS = """\
  - {name: id, type: integer, title: {ja: 番号, en: Number}}
  - name: fiscal_year
    type: year
    title: {ja: 年度, en: Year}
    constraints: {required: true, minimum: 1990, maximum: 2030}
  - {name: month, type: yearmonth, title: {ja: 年月, en: Month}, constraints: {minimum: 2020-01, maximum: 2021-12}}
  - name: day
    type: date
    title: {ja: 日, en: Day}
    constraints: {minimum: "2020-01-01", exclusiveMaximum: "2021-12-31"}
  - {name: ward, type: string, title: {ja: 区, en: Ward}, constraints: {enum: [川崎区, 幸区]}}
  - {name: code, type: string, title: {ja: 符号, en: Code}, constraints: {pattern: '[0-9]{5}'}}
  - {name: label, type: string, title: {ja: 名, en: Label}, constraints: {minLength: 2, maxLength: 4}}
  - name: value
    type: number
    decimals: 2
    title: {ja: 値, en: Value}
    constraints: {minimum: 0.1, maximum: 1000}
  - name: share
    type: number
    decimals: 2
    title: {ja: 割合, en: Share}
    constraints: {exclusiveMinimum: 0, exclusiveMaximum: 100}
  - {name: rank, type: number, decimals: 2, title: {ja: 級, en: Rank}, constraints: {enum: [0.1, 0.25]}}
  - {name: tag, type: string, title: {ja: 札, en: Tag}, constraints: {unique: true}}
  - {name: half, type: string, title: {ja: 半, en: Half}}
  - {name: other, type: string, title: {ja: 他, en: Other}}
  - {name: place, type: string, title: {ja: 所, en: Place}}
  - {name: level, type: integer, title: {ja: 水準, en: Level}}
  - {name: step, type: number, decimals: 2, title: {ja: 段, en: Step}}
  - {name: total, type: integer, title: {ja: 計, en: Total}}
  - {name: part_a, type: integer, title: {ja: 甲, en: Part A}}
  - {name: part_b, type: integer, title: {ja: 乙, en: Part B}}
  - {name: seen, type: datetime, title: {ja: 時, en: Seen}, constraints: {maximum: "2021-01-01T00:00:00"}}
  - {name: open, type: boolean, title: {ja: 開, en: Open}, constraints: {enum: [true]}}
  - {name: guess, type: integer, title: {ja: 見込み, en: Guess}, plausible: {minimum: 1, maximum: 900}}
"""
SCHEMA = f"""\
{HEAD}fields:
{FIELDS}primaryKey: [id, fiscal_year]
uniqueKeys: [[half, other]]
foreignKeys:
  - {{fields: [place], reference: {{dataset: {PLACES}, fields: [key]}}}}
checks:
  - {{name: no_jump, rule: max_change, field: level, per: fiscal_year, limit: 15%}}
  - {{name: no_step, rule: max_change, field: step, per: month, limit: "0.5", severity: warn}}
  - {{name: every_year, rule: complete_periods, per: fiscal_year}}
  - {{name: every_month, rule: complete_periods, per: month}}
  - {{name: adds_up, rule: sum_of_parts, field: total, parts: [part_a, part_b], tolerance: 1}}
  - name: half_is_written_small
    rule: sql
    title: {{ja: 半は小文字, en: Half is in small letters}}
    sql: SELECT id, fiscal_year FROM {{table}} WHERE half <> lower(half)
"""
COLUMNS = [line.partition("name: ")[2].partition(",")[0].strip() for line in FIELDS.splitlines() if "name: " in line]
SOURCE = "kind: csv\npath: deliveries/{name}.csv\nheader: {{rows: [2]}}\ncolumns:\n{columns}"
PLACES_SCHEMA = HEAD + "fields:\n  - {name: key, type: string, title: {ja: 鍵, en: Key}}\nprimaryKey: [key]\n"
TITLE = "合成データ（試験用） / synthetic"


def row(number: int) -> dict[str, str]:
    """A row without a fault; the numbers are 1 to 6."""
    return {
        "id": str(number),
        "fiscal_year": str(2017 + number),
        "month": f"2020-0{number}",
        "day": f"2020-0{number}-15",
        "ward": "川崎区",
        "code": "12345",
        "label": "四文字だ",
        "value": f"{number}.10",
        "share": "50",
        "rank": "0.1",
        "tag": f"t{number}",
        "half": "h",
        "other": f"o{number}",
        "place": "A",
        "level": "100",
        "step": "1",
        "total": "11",
        "part_a": "4",
        "part_b": "6",
        "seen": "2020-06-01T12:00:00",
        "open": "true",
        "guess": "5",
    }


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = TITLE) -> None:
    """A delivery: a title, the header, the rows."""
    lines = [",".join([title, *[""] * (len(columns) - 1)]), ",".join(columns), *(",".join(values) for values in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def add(made: Town, name: str, schema: str, source: str) -> None:
    for part, text in (("schemas", schema), ("sources", source)):
        (made.root / part).mkdir(parents=True, exist_ok=True)
        (made.root / part / f"{name}.yaml").write_text(text, encoding="utf-8")


def deliver(made: Town, rows: Sequence[dict[str, str]]) -> None:
    write(made.root / "sources" / "deliveries" / f"{NAME}.csv", COLUMNS, [[r[c] for c in COLUMNS] for r in rows])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The synthetic datasets after a first night without a finding; copy them, don't change them."""
    folder = tmp_path_factory.mktemp("synthetic")
    made = Town(folder / "town", folder / "home")
    add(made, NAME, SCHEMA, SOURCE.format(name=NAME, columns="".join(f"  {c}: {c}\n" for c in COLUMNS)))
    add(made, PLACES, PLACES_SCHEMA, SOURCE.format(name=PLACES, columns="  key: key\n"))
    shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", made.root / "schemas" / "_city.yaml")
    (made.root / "sources" / "deliveries").mkdir()
    write(made.root / "sources" / "deliveries" / f"{PLACES}.csv", ["key"], [["A"], ["B"]])
    deliver(made, [row(number) for number in range(1, 7)])
    night = made.night()
    assert {r.name: (r.outcome, list(r.findings)) for r in night.results} == {
        NAME: ("published", []),
        PLACES: ("published", []),
    }
    return made


@pytest.fixture
def own(clean: Town, tmp_path: Path) -> Town:
    """A copy of the synthetic town, to be changed."""
    return copied(clean, tmp_path)


@dataclass(frozen=True)
class Fault:
    """What is typed into row 6 (row 8 of the file), and the one finding it must come to."""

    code: str
    marked: str
    typed: dict[str, str]
    found: str
    expected: str
    rows: str = "8"
    count: int = 1
    severity: str = "error"

    @property
    def name(self) -> str:
        return f"{self.code}-{'-'.join(f'{k}={v}' for k, v in self.typed.items())}"

    @property
    def cell(self) -> str:
        letter = chr(65 + COLUMNS.index(self.marked))
        return ":".join(letter + number for number in self.rows.split(":"))


def fault(code: str, marked: str, text: str, expected: str, found: str | None = None, **more: object) -> Fault:
    """A fault that is typed into the cell that is marked."""
    return Fault(code, marked, {marked: text}, text if found is None else found, expected, **more)  # type: ignore[arg-type]


FAULTS = [
    # what can't be read as the type of its field
    fault("cell.integer", "level", "1O0", "a whole number, such as 902 or 1,234"),
    fault("cell.integer", "level", "100.5", "a whole number, such as 902 or 1,234"),
    fault("cell.number", "value", "6..1", "a number, such as 902, 1,234.5 or ▲10.2"),
    fault("cell.decimals", "value", "6.105", "at most 2 decimal places"),
    fault("cell.date", "day", "2020-06-31", "such as 2019-01-01 or 平成31年1月1日 "),
    fault("cell.datetime", "seen", "2020-06-01 25:00", "such as 2019-01-01T09:00:00 "),
    fault("cell.boolean", "open", "はい", "true or false"),
    # the constraints of a Table Schema
    fault("constraint.required", "id", "", "a value"),
    fault("constraint.required", "fiscal_year", "", "a value"),
    fault("constraint.minimum", "month", "2019-12", "at least 2020-01"),
    fault("constraint.minimum", "day", "2019-12-31", "at least 2020-01-01"),
    fault("constraint.minimum", "value", "0.09", "at least 0.1"),
    fault("constraint.maximum", "value", "1000.01", "at most 1000"),
    fault("constraint.maximum", "seen", "2021-01-01T00:00:01", "at most 2021-01-01T00:00:00", "2021-01-01 00:00:01"),
    fault("constraint.exclusive_minimum", "share", "0", "more than 0", "0.00"),
    fault("constraint.exclusive_maximum", "share", "100", "less than 100", "100.00"),
    fault("constraint.exclusive_maximum", "day", "2021-12-31", "less than 2021-12-31"),
    fault("constraint.enum", "ward", "高津区", "one of: 川崎区, 幸区"),
    fault("constraint.enum", "rank", "0.11", "one of: 0.1, 0.25"),
    fault("constraint.enum", "open", "false", "one of: true"),
    fault("constraint.pattern", "code", "1234", "the form [0-9]{5}"),
    fault("constraint.pattern", "code", "123456", "the form [0-9]{5}"),
    fault("constraint.min_length", "label", "一", "at least 2 characters"),
    fault("constraint.max_length", "label", "五文字です", "at most 4 characters"),
    fault("constraint.unique", "tag", "t5", "a value that stands once", rows="7:8", count=2),
    # keys
    Fault("key.primary", "fiscal_year", {"id": "5", "fiscal_year": "2022"}, "5, 2022",
          "one id, fiscal_year for each row", "7:8", 2),
    fault("key.unique", "other", "o5", "each half, other once", "h, o5", rows="7:8", count=2),
    fault("key.foreign", "place", "C", f"a value of {PLACES}"),
    # the named rules
    fault("rule.max_change", "level", "116", "a change of at most 15%", "2023, 116"),
    fault("rule.max_change", "level", "84", "a change of at most 15%", "2023, 84"),
    fault("rule.max_change", "step", "1.51", "a change of at most 0.5", "2020-06, 1.51", severity="warn"),
    fault("rule.complete_periods", "fiscal_year", "2024", "periods without a gap (fiscal_year)"),
    fault("rule.complete_periods", "month", "2020-08", "periods without a gap (month)"),
    fault("rule.sum_of_parts", "total", "12", "the sum of part_a, part_b", "4, 6, 12"),
    Fault("rule.sum_of_parts", "total", {"part_b": "9"}, "4, 9, 11", "the sum of part_a, part_b"),
    Fault("rule.sql", "fiscal_year", {"half": "H"}, "6, 2023", "Half is in small letters"),
    # plausible: shown, and goes out
    fault("constraint.minimum", "guess", "0", "at least 1", severity="warn"),
    fault("constraint.maximum", "guess", "901", "at most 900", severity="warn"),
]  # fmt: skip


def told(finding: Finding) -> tuple[str, str, str, str, str, int, str]:
    place, rule = finding.place, finding.rule
    expected = rule.expected.fill("en", finding.facts)
    return (finding.code, place.field, place.cell, finding.found, expected, finding.count, finding.severity)


@pytest.mark.parametrize("bad", FAULTS, ids=lambda bad: bad.name)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(own: Town, bad: Fault) -> None:
    """One finding, at the cell; an error holds the dataset back, a warning goes out."""
    deliver(own, [*(row(number) for number in range(1, 6)), row(6) | bad.typed])
    night = own.night()
    done = result(night, NAME)
    wanted = (bad.code, bad.marked, bad.cell, bad.found, bad.expected, bad.count, bad.severity)
    assert [told(finding) for finding in done.findings] == [wanted]
    assert outcomes(night) == {NAME: "held" if bad.severity == "error" else "published", PLACES: "unchanged"}
    assert versions(own) == {NAME: "1.0.0" if bad.severity == "error" else "1.0.1", PLACES: "1.0.0"}
    for finding in done.findings:
        for language in ("ja", "en"):
            assert finding.place.file == f"{NAME}.csv"
            assert finding.text(language).startswith(f"[{bad.code}] {NAME} ▸ {NAME}.csv ▸ {bad.cell}({bad.marked})")


def test_every_rule_of_the_contract_is_tried_above(own: Town) -> None:
    """No constraint and no check of the synthetic contract is without a fault of its own."""
    deliver(own, [row(number) for number in range(1, 6)])
    asked = {str(check["code"]) for check in result(own.night(), NAME).checks}
    assert asked == {bad.code for bad in FAULTS if not bad.code.startswith("cell.")}


def test_every_cell_at_its_bounds_goes_out(own: Town) -> None:
    """A value that is just allowed is no finding."""
    edge = {
        "month": "2020-05",
        "day": "2021-12-30",
        "label": "二字",
        "value": "1000",
        "guess": "900",
        "share": "99.99",
        "rank": "0.25",
        "ward": "幸区",
        "place": "B",
        "level": "115",
        "step": "1.5",
        "total": "9",
        "seen": "2021-01-01T00:00:00",
    }
    rows = [row(number) for number in range(1, 7)]
    rows[5] |= edge
    deliver(own, rows)
    done = result(own.night(), NAME)
    assert (done.outcome, list(done.findings)) == ("published", [])


def test_an_empty_cell_breaks_no_rule_but_that_it_is_required(own: Town) -> None:
    """Where nothing is required, nothing may stand."""
    rows = [row(number) for number in range(1, 7)]
    rows[5] = dict.fromkeys(COLUMNS, "") | {key: rows[5][key] for key in ("id", "fiscal_year")}
    deliver(own, rows)
    done = result(own.night(), NAME)
    assert (done.outcome, list(done.findings)) == ("published", [])


def test_faults_of_every_kind_at_once_are_all_told(own: Town) -> None:
    """One file with as many faults as can stand side by side: each has its finding."""
    typed = {
        "month": "2019-12",
        "day": "2022-01-01",
        "ward": "高津区",
        "code": "x",
        "label": "一",
        "value": "2000",
        "share": "100",
        "rank": "1",
        "tag": "t5",
        "half": "H",
        "place": "C",
        "level": "1O0",
        "total": "99",
        "open": "false",
    }
    deliver(own, [*(row(number) for number in range(1, 6)), row(6) | typed])
    found = result(own.night(), NAME).findings
    assert {(f.code, f.place.field) for f in found if f.severity == "error"} == {
        ("constraint.minimum", "month"),
        ("constraint.exclusive_maximum", "day"),
        ("constraint.enum", "ward"),
        ("constraint.pattern", "code"),
        ("constraint.min_length", "label"),
        ("constraint.maximum", "value"),
        ("constraint.exclusive_maximum", "share"),
        ("constraint.enum", "rank"),
        ("constraint.unique", "tag"),
        ("rule.sql", "fiscal_year"),
        ("key.foreign", "place"),
        ("cell.integer", "level"),
        ("rule.sum_of_parts", "total"),
        ("constraint.enum", "open"),
    }


def test_a_derived_table_is_checked_by_its_contract_too(own: Town) -> None:
    """A derived figure that breaks a constraint holds the derived dataset back; its input is published."""
    schema = f"{HEAD}fields:\n{''.join(FIELDS.splitlines(keepends=True)[:5])}primaryKey: [id]\n"
    sql = f"SELECT id, fiscal_year + CASE id WHEN 3 THEN 50 ELSE 0 END AS fiscal_year, [ref] AS refs FROM {NAME}"
    add(own, DERIVED, schema, f"kind: derived\ninputs: [{NAME}]\nsql: {sql}\n")
    night = own.night()
    assert outcomes(night) == {NAME: "unchanged", PLACES: "unchanged", DERIVED: "held"}
    (finding,) = result(night, DERIVED).findings
    assert (finding.code, finding.place.dataset, finding.place.field) == ("constraint.maximum", DERIVED, "fiscal_year")
    assert (finding.place.cell, finding.found, finding.count) == ("3:3", "2070", 1)


# -- long files, which DuckDB reads alone ---------------------------------------------------------------------------

LONG, LONG_ROWS = "synthetic_long", 45_000
LONG_SCHEMA = f"""\
{HEAD}fields:
  - {{name: id, type: integer, title: {{ja: 番号, en: Number}}}}
  - {{name: name, type: string, title: {{ja: 名, en: Name}}, constraints: {{required: true}}}}
  - {{name: value, type: integer, title: {{ja: 値, en: Value}}, constraints: {{required: true, maximum: 1000}}}}
  - {{name: note, type: string, title: {{ja: 注（合成データ）, en: Note (synthetic)}}}}
primaryKey: [id]
"""
LONG_SOURCE = (
    "kind: csv\npath: deliveries/{name}.csv\nencoding: {encoding}\n"
    "columns: {{id: 番号, name: 名, value: 値, note: 注（合成データ）}}\n"
)
Rows = list[list[str]]


@pytest.fixture
def long(tmp_path: Path) -> Callable[..., Result]:
    """A night with one long synthetic file: a function of what to do to its rows and bytes."""

    def night(change: Callable[[Rows], object], encoding: str = "utf-8", written: str = "utf-8") -> Result:
        made = Town(tmp_path / "town", tmp_path / "home")
        add(made, LONG, LONG_SCHEMA, LONG_SOURCE.format(name=LONG, encoding=encoding))
        shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", made.root / "schemas" / "_city.yaml")
        rows = [["番号", "名", "値", "注（合成データ）"]]
        rows += [[str(i), f"名前{i}", str(i % 1000), "合成データの行である（試験用）"] for i in range(2, LONG_ROWS + 2)]
        change(rows)
        path = made.root / "sources" / "deliveries" / f"{LONG}.csv"
        path.parent.mkdir()
        path.write_bytes("".join(",".join(values) + "\r\n" for values in rows).encode(written, "surrogateescape"))
        assert path.stat().st_size > 1 << 20
        return result(made.night(), LONG)

    return night


def typed_at(number: int, column: int, text: str) -> Callable[[Rows], None]:
    """Type a text into one cell; rows count as a spreadsheet does."""

    def change(rows: Rows) -> None:
        rows[number - 1][column] = text

    return change


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_long_file_without_a_fault_is_published(long: Callable[..., Result], encoding: str) -> None:
    """Many thousand rows are published in either encoding."""
    done = long(list, encoding, encoding)
    assert (done.outcome, list(done.findings)) == ("published", [])
    assert done.manifest is not None
    assert done.manifest.build.count == LONG_ROWS


def test_a_letter_in_a_long_file_is_found_in_its_cell(long: Callable[..., Result]) -> None:
    """One cell of 180,000."""
    done = long(typed_at(31_416, 2, "4l6"))
    assert [told(f)[:4] for f in done.findings] == [("cell.integer", "value", "C31416", "4l6")]


@pytest.mark.parametrize("text", ['"名\r\n前"', '"名, 前"', '"名 ""前"""'])
def test_a_cell_is_found_below_one_that_was_quoted(long: Callable[..., Result], text: str) -> None:
    """A record is a row, as a spreadsheet shows it, however many lines it takes in the file."""

    def change(rows: Rows) -> None:
        rows[99][1], rows[199][2] = text, "4l6"

    assert [told(f)[:4] for f in long(change).findings] == [("cell.integer", "value", "C200", "4l6")]


def test_a_cell_is_found_below_a_blank_line(long: Callable[..., Result]) -> None:
    """A blank line in the file is a row of the spreadsheet, and no row of the table."""

    def change(rows: Rows) -> None:
        rows[199][2] = "4l6"
        rows.insert(100, [])

    assert [told(f)[:4] for f in long(change).findings] == [("cell.integer", "value", "C201", "4l6")]


def test_rows_that_slipped_by_a_column_are_one_finding_a_column(long: Callable[..., Result]) -> None:
    """From row 812 on everything stands one column to the right: one finding for each column, with range and count."""

    def shift(rows: Rows) -> None:
        for values in rows[811:]:
            values[1:] = ["", values[1], values[2]]

    done = long(shift)
    last, count = LONG_ROWS + 1, LONG_ROWS + 1 - 811
    assert done.outcome == "held"
    assert [told(f)[:3] + told(f)[5:6] for f in done.findings] == [
        ("cell.integer", "value", f"C812:C{last}", count),
        ("constraint.required", "name", f"B812:B{last}", count),
    ]


def test_many_faults_are_counted_in_full(long: Callable[..., Result]) -> None:
    """Two thousand bad cells, no two below one another: the first two hundred, and how many more there are."""

    def spoil(rows: Rows) -> None:
        for values in rows[1:4001:2]:
            values[2] = "9999"

    found = long(spoil).findings
    assert [f.place.cell for f in found[:200]] == [f"C{number}" for number in range(2, 402, 2)]
    assert [(f.code, f.count, f.facts["code"]) for f in found[200:]] == [("many", 1800, "constraint.maximum")]
    assert all(f.severity == "error" for f in found)


def test_a_ragged_row_of_a_long_file_is_named(long: Callable[..., Result]) -> None:
    """A thousands separator without quotes makes a fifth field."""
    done = long(typed_at(20_000, 2, "1,000"))
    (finding,) = done.findings
    assert (done.outcome, told(finding)[:6]) == (
        "held",
        ("csv.ragged", "", "A20000:E20000", "5", "4 columns", 1),
    )


def test_an_open_quote_of_a_long_file_is_named(long: Callable[..., Result]) -> None:
    """A quote that is opened and never closed holds the file back."""
    done = long(typed_at(20_000, 1, '"名前'))
    assert (done.outcome, [f.code for f in done.findings]) == ("held", ["csv.quotes"])


@pytest.mark.parametrize(("declared", "written"), [("utf-8", "cp932"), ("cp932", "utf-8")])
def test_a_long_file_in_another_encoding_is_refused(long: Callable[..., Result], declared: str, written: str) -> None:
    """The encoding is as declared or the file is held back, with the line where it stops being so."""
    done = long(list, declared, written)
    (finding,) = done.findings
    assert (done.outcome, finding.code, finding.place.line) == ("held", "file.encoding", 1)


def test_a_long_file_whose_encoding_changes_in_the_middle_is_refused(long: Callable[..., Result]) -> None:
    """One row of Latin-1 in a file of UTF-8."""

    done = long(typed_at(30_000, 3, "caf\udce9"))
    (finding,) = done.findings
    assert (done.outcome, finding.code, finding.place.line) == ("held", "file.encoding", 30_000)


def test_a_key_may_refer_to_the_table_that_it_stands_in(tmp_path: Path) -> None:
    """A row of a table that names another of its rows: what counts is the table that goes out, not the one before."""
    keys = "foreignKeys: [{fields: [part_of], reference: {dataset: visits, fields: [ward]}}]\n"
    town = made(tmp_path, keys)
    schema, source = (town.root / part / f"{VISITS}.yaml" for part in ("schemas", "sources"))
    part_of = "  - {name: part_of, type: string, title: {ja: 上位の区, en: Part of}}\nprimaryKey"
    schema.write_text(schema.read_text("utf-8").replace("primaryKey", part_of), "utf-8")
    source.write_text(source.read_text("utf-8").replace("ward: 区", "ward: 区, part_of: 上位"), "utf-8")
    lines = "年,区,上位,来館者数", "2020,川崎,,1", "2020,大師,川崎,2"
    town.delivery(VISITS).write_text("\r\n".join(lines), "utf-8")
    assert result(town.night(), VISITS).outcome == "published"
    town.delivery(VISITS).write_text("\r\n".join([*lines, "2020,田島,川﨑,3", "2020,中央,田島,4"]), "utf-8")
    (finding,) = result(town.night(), VISITS).findings
    assert (finding.code, finding.place.cell, finding.found) == ("key.foreign", "C4", "川﨑")
