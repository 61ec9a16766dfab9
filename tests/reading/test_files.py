"""Files: encodings, quotes, long regular text files read by DuckDB alone, and what Excel leaves in a cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest
import xlwt

from pipelines.datasets import Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding, Place
from pipelines.reading.read import BULK_BYTES, Delivered, explain_bulk_failure, read
from tests.reading.sheets import Rows, addressed, cells, refusal, source_of, text_file, workbook

COLUMNS = {"year": "年度", "name": "名", "count": "件数"}


# --- text files


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("name", "written", "declared"),
    [("x.csv", "utf-8", "utf-8"), ("x.csv", "utf-8-sig", "utf-8"), ("x.cp932.csv", "cp932", "cp932")],
)
def test_a_text_file_reads_the_same_in_every_encoding(
    tmp_path: Path, name: str, written: str, declared: str, newline: str
) -> None:
    """UTF-8, UTF-8 with BOM and cp932, with any line ends: the same texts at the same addresses."""
    path = text_file(tmp_path / name, newline.join(["年度,名,件数", "2020,①髙﨑～,５"]), written)
    source = source_of("csv", encoding=declared, columns=COLUMNS)
    assert cells(source, path, "year", "name", "count") == ["2020@A2 ①髙﨑～@B2 ５@C2"]


def test_a_quoted_field_may_hold_separators_quotes_and_line_breaks(tmp_path: Path) -> None:
    """A record is a row, as a spreadsheet shows it, though it takes several lines of the file."""
    path = text_file(tmp_path / "x.csv", '年度,名,件数\r\n2020,"川崎\r\n（""旧""）, 区","1,234"\r\n2021,幸,5\r\n')
    found = cells(source_of("csv", columns=COLUMNS), path, "year", "name", "count")
    assert found == ['2020@A2 川崎\r\n（"旧"）, 区@B2 1,234@C2', "2021@A3 幸@B3 5@C3"]


def test_a_preamble_above_the_header_counts(tmp_path: Path) -> None:
    """Lines above the header may be of any length; row numbers are those of the file."""
    path = text_file(tmp_path / "x.csv", "件数（公表値から再構成）\n\n年度,名,件数\n2020,川崎,5\n")
    source = source_of("csv", header={"rows": [3]}, columns=COLUMNS)
    assert cells(source, path, "year", "name", "count") == ["2020@A4 川崎@B4 5@C4"]


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    """A cp932 file declared as UTF-8 names the first line that is none, and the bytes found."""
    path = text_file(tmp_path / "x.csv", "a,b\n1,2\n川,3\n", "cp932")
    finding = refusal(source_of("csv", columns={"aa": "a"}), path)
    assert (finding.code, finding.place.line, finding.facts["encoding"]) == ("file.encoding", 3, "utf-8")


def test_a_quote_that_is_never_closed_is_refused_with_its_line(tmp_path: Path) -> None:
    """Otherwise the rest of the file would be one field."""
    path = text_file(tmp_path / "x.csv", '年度,名,件数\n2020,"川崎" 区,5\n')
    finding = refusal(source_of("csv", columns=COLUMNS), path)
    assert (finding.code, finding.place.line) == ("csv.quotes", 2)


@pytest.mark.parametrize("record", ["2020,1,234,5", "2020"])
def test_a_record_of_another_length_is_refused(tmp_path: Path, record: str) -> None:
    """An unquoted thousands separator or a record broken off would put values under wrong headers."""
    path = text_file(tmp_path / "x.csv", f"年度,名,件数\n2019,川崎,5\n{record}\n")
    finding = refusal(source_of("csv", columns=COLUMNS), path)
    assert (finding.code, finding.found) == ("csv.ragged", str(record.count(",") + 1))
    assert finding.place.cell.startswith("A3:")


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"<!DOCTYPE html><html></html>", "workbook", "file.html"),
        (b"\xef\xbb\xbf\r\n <HTML><body>404", "csv", "file.html"),
        (b"", "csv", "file.empty"),
        (b"a,b\n1,2\n", "workbook", "file.wrong_kind"),
        (b"PK\x03\x04rest", "csv", "file.wrong_kind"),
        (b"PK\x03\x04rest", "workbook", "file.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "workbook", "file.damaged"),
    ],
)
def test_other_bytes_than_declared_are_refused(tmp_path: Path, content: bytes, kind: str, code: str) -> None:
    """A web page, nothing, another kind, a damaged one: each has its code."""
    path = tmp_path / ("x.csv" if kind == "csv" else "x.xlsx")
    path.write_bytes(content)
    assert refusal(source_of(kind, columns={"aa": "a"}), path).code == code


# --- long text files: with `header` stated the grid reads them, without DuckDB does

HEADER = "年度,名,件数"


def long_lines() -> list[str]:
    """More than a megabyte of records."""
    lines = [f"{2000 + i % 20},施設{i}号,{i}" for i in range(60_000)]
    assert sum(len(line.encode("cp932")) for line in lines) > BULK_BYTES
    return lines


def with_gaps(lines: list[str]) -> list[str]:
    """Empty lines, separators only and white space only between the records, and an empty line inside a field."""
    return [*lines[:9], "", "", *lines[9:99], ",,", "　, ,", '2020,"あ\n\nい",5', "", *lines[99:], "", ""]


LONG: dict[str, Callable[[list[str]], list[str]]] = {
    "plain": lambda lines: lines,
    "gaps": with_gaps,
    "quotes": lambda lines: [*lines[:9], '2020,"川崎\n（""旧""）, 区","1,234"', '2020, "a,b",""', *lines[9:]],
    "odd texts": lambda lines: [*lines[:9], "2020,NULL,NA", '2020,a "b" c\\,007', "# 2020, x ,1e3", *lines[9:]],
}


@pytest.mark.parametrize(
    ("content", "encoding", "newline"),
    [
        ("plain", "cp932", "\r\n"),
        ("gaps", "utf-8", "\n"),
        ("gaps", "utf-8-sig", "\r\n"),
        ("gaps", "cp932", "\r\n"),
        ("quotes", "utf-8-sig", "\r\n"),
        ("odd texts", "utf-8", "\n"),
    ],
)
def test_a_long_file_reads_as_a_short_one_would(tmp_path: Path, content: str, encoding: str, newline: str) -> None:
    """DuckDB alone and the grid give the same rows at the same addresses, whatever stands between the records."""
    text = newline.join([HEADER, *LONG[content](long_lines())]) + newline
    path = text_file(tmp_path / "x.csv", text, encoding)
    bulk = source_of("csv", encoding=encoding.removesuffix("-sig"), columns=COLUMNS)
    same_by_grid = Source.model_validate({**bulk.model_dump(exclude_defaults=True), "header": {"rows": [1]}})
    assert texts(bulk, path) == texts(same_by_grid, path)


def texts(source: Source, path: Path) -> list[list[tuple[str, str]]]:
    """Every row's texts and addresses, without the white space around them."""
    return [[(row[n][0].strip(), row[n][1]) for n in COLUMNS] for row in addressed(source, path)]


@pytest.mark.parametrize(
    ("record", "code", "where"),
    [
        ("2020,1,234,5", "csv.ragged", "A502:D502"),
        ("2020,1", "csv.ragged", "A502:B502"),
        ('2020,"a,5', "csv.quotes", ""),
        ("2020,\udc82\udca0,5", "file.encoding", ""),
    ],
)
def test_a_long_file_is_refused_for_the_same_reasons(tmp_path: Path, record: str, code: str, where: str) -> None:
    """What DuckDB can't read is told by code and place, as of a short file; blank lines above don't mislead."""
    lines = ["", *long_lines()]
    lines[500] = record
    path = tmp_path / "x.csv"
    path.write_bytes("\n".join([HEADER, *lines]).encode("utf-8", "surrogateescape"))
    finding = bulk_refusal(source_of("csv", columns=COLUMNS), path)
    assert (finding.code, finding.place.cell) == (code, where)


def bulk_refusal(source: Source, path: Path) -> Finding:
    """Why a night refuses a long file."""
    delivered, place = Delivered(path, path.name, "0" * 64), Place("x", path.name)
    with duckdb.connect() as connection:
        raw = read(connection, source, delivered, place, path.parent)
        with pytest.raises(duckdb.InvalidInputException) as caught:
            connection.sql(raw.relation).fetchall()
    try:
        return explain_bulk_failure(source, delivered, place, caught.value).finding
    except DeliveryRefused as refused:
        return refused.finding


def test_a_long_files_header_is_held_to_the_declaration(tmp_path: Path) -> None:
    """A renamed header of a long file is refused as of a short one."""
    path = text_file(tmp_path / "x.csv", "\n".join(["年度,名称,件数", *long_lines()]))
    finding = refusal(source_of("csv", columns=COLUMNS), path)
    assert (finding.code, finding.place.field, finding.place.cell) == ("header.missing", "name", "A1:C1")


def test_a_long_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    """A cp932 file under a UTF-8 declaration is refused at its header, not taken for another header."""
    path = text_file(tmp_path / "x.csv", "\n".join([HEADER, *long_lines()]), "cp932")
    finding = refusal(source_of("csv", columns=COLUMNS), path)
    assert (finding.code, finding.place.line) == ("file.encoding", 1)


# --- what stands in a workbook's cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (902, "902"),
        (0.1 + 0.2, "0.3"),
        (95.60000000000001, "95.6"),
        (1e15, "1000000000000000"),
        ("００７", "００７"),
        ("NA", "NA"),
        (True, "true"),
        (dt.date(2019, 5, 1), "2019-05-01"),
        (dt.datetime(2019, 5, 1, 9, 30), "2019-05-01T09:30:00"),
    ],
)
def test_a_cells_text_is_what_a_person_sees(tmp_path: Path, value: object, text: str) -> None:
    """Numbers have 15 digits and no exponent, dates are ISO, texts stay."""
    path = workbook(tmp_path / "x.xlsx", [["値"], [value]])
    assert [row["value"] for row in addressed(source_of(columns={"value": "値"}), path)] == [(text, "A2")]


def with_formula(tmp_path: Path, formula: str, rows: Rows, at: str) -> Path:
    """A workbook with an error value or a formula in one cell, as openpyxl saves it: not computed."""
    path = workbook(tmp_path / "x.xlsx", rows)
    book = openpyxl.load_workbook(path)
    book.worksheets[0][at].value = formula
    book.save(path)
    return path


ROWS = [["年度", "件数", "率"], [2019, 10, 1], [2020, 9, 2]]


@pytest.mark.parametrize("fault", ["#N/A", "#DIV/0!", "#REF!", "=B2/C2"])
def test_an_error_in_a_cell_is_not_an_empty_cell(tmp_path: Path, fault: str) -> None:
    """An error, or a formula that was never computed, holds the delivery back and names its cell."""
    path = with_formula(tmp_path, fault, ROWS, "B3")
    finding = refusal(source_of(columns={"year": "年度", "count": "件数"}), path)
    assert (finding.code, finding.place.sheet, finding.place.cell, finding.place.field) == (
        "sheet.fault",
        "表",
        "B3",
        "count",
    )
    assert finding.found == f"B3 {fault}"


@pytest.mark.parametrize("rows", [3, 400])
def test_an_error_in_an_old_workbook_is_not_an_empty_cell(tmp_path: Path, rows: int) -> None:
    """The same for .xls, of whatever length; true, false and empty cells are no errors."""
    book = xlwt.Workbook()
    book.add_sheet("別").row(1).set_cell_error(1, 0x07)
    page = book.add_sheet("表")
    for row in range(rows):
        page.write(row, 0, 1600 + row if row else "年度")
        page.write(row, 1, 10 * row if row else "件数")
    page.row(rows).set_cell_error(1, 0x2A)
    page.write(rows, 0, 1600 + rows)
    page.row(rows + 1).set_cell_boolean(1, True)
    page.write(rows + 1, 0, 1600 + rows + 1)
    book.save(str(tmp_path / "x.xls"))
    finding = refusal(source_of(sheet="表", columns={"year": "年度", "count": "件数"}), tmp_path / "x.xls")
    assert (finding.code, finding.place.cell, finding.found) == ("sheet.fault", f"B{rows + 1}", f"B{rows + 1} #N/A")


def test_a_formula_of_an_old_workbook_that_came_to_an_error_is_not_an_empty_cell(tmp_path: Path) -> None:
    """A formula's last result is an error, where Excel stores a value."""
    book = xlwt.Workbook()
    page = book.add_sheet("表")
    for column, value in enumerate(["年度", "件数"]):
        page.write(0, column, value)
    page.write(1, 0, 2019)
    page.write(1, 1, xlwt.Formula("1/0"))
    path = tmp_path / "x.xls"
    book.save(str(path))
    empty, error = b"\x03\x00\x00\x00\x00\x00\xff\xff", b"\x02\x00\x07\x00\x00\x00\xff\xff"
    assert path.read_bytes().count(empty) == 1
    path.write_bytes(path.read_bytes().replace(empty, error))
    finding = refusal(source_of(columns={"year": "年度", "count": "件数"}), path)
    assert (finding.code, finding.found) == ("sheet.fault", "B2 #DIV/0!")


def test_an_error_beside_the_table_is_nobodys_business(tmp_path: Path) -> None:
    """Columns that are not read may hold what they like."""
    path = with_formula(tmp_path, "#N/A", ROWS, "C3")
    assert len(cells(source_of(columns={"year": "年度", "count": "件数"}), path, "year", "count")) == 2


def test_an_error_may_be_declared_to_mean_no_value(tmp_path: Path) -> None:
    """Where the legend says that #N/A stands for no value, `missing` lists it."""
    path = with_formula(tmp_path, "#N/A", ROWS, "B3")
    source = source_of(columns={"year": "年度", "count": "件数"}, missing=["#N/A"])
    assert cells(source, path, "year", "count") == ["2019@A2 10@B2", "2020@A3 #N/A@B3"]


def test_an_error_of_a_table_on_its_side_has_the_sheets_address(tmp_path: Path) -> None:
    """transpose does not turn the address of a fault."""
    path = with_formula(tmp_path, "#N/A", [["年度", 2019, 2020, 2021], ["件数", 10, 9, 8]], "C2")
    finding = refusal(source_of(transpose=True, columns={"year": "年度", "count": "件数"}), path)
    assert (finding.code, finding.place.cell) == ("sheet.fault", "C2")
