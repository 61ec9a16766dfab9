"""Whatever really arrives: each kind of file has a stated rule (docs/formats.md), and is read right or refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from pipelines.checking.sheet import UNCOMPUTED
from pipelines.checking.xlsxbook import open_xlsx
from pipelines.datasets import Column
from pipelines.desk.package import Package
from pipelines.errors import DeliveryRefused
from pipelines.findings import Place
from pipelines.reading import bulk, package, sheetxml
from pipelines.reading.read import Raw, require_typed_texts
from tests.hostile.zips import book, parts
from tests.kit import shared
from tests.reading.sheets import addressed, cells, refusal, source_of, text_file, workbook

ONE = {"value": "値"}


def values(path: Path, kind: str = "workbook", **keys: object) -> list[str]:
    return [row["value"][0] for row in addressed(source_of(kind, columns=ONE, **keys), path)]


@pytest.mark.parametrize("ends", [["\n", "\r\n", "\r"], ["\r\n", "\n"], ["\r", "\r\n"]])
@pytest.mark.parametrize("long", [False, True])
def test_mixed_line_ends_are_read_alike_in_short_and_long_files(
    tmp_path: Path, monkeypatch, ends: list[str], long: bool
) -> None:
    """However a record ends, it ends; a line break inside quotes stays as it was delivered."""
    monkeypatch.setattr(bulk, "BULK_BYTES", 0 if long else 1 << 30)
    records = ["値,名", "1,川崎", '2,"幸\r\n区"', '3,5" 管', "", "4,中原", "5,"]
    text = "".join(record + ends[i % len(ends)] for i, record in enumerate(records))
    source = source_of("csv", columns={"value": "値", "name": "名"})
    found = [(row["value"], row["name"]) for row in addressed(source, text_file(tmp_path / "x.csv", text))]
    assert found == [
        (("1", "A2"), ("川崎", "B2")),
        (("2", "A3"), ("幸\r\n区", "B3")),
        (("3", "A4"), ('5" 管', "B4")),
        (("4", "A6"), ("中原", "B6")),
        (("5", "A7"), ("", "B7")),
    ]


@pytest.mark.parametrize("ends", ["1\r", "1\n\n2\n", "1\r\r2\r", "1\r\n\r\n2\r\n", "1\n2\n\n\n", "1"])
@pytest.mark.parametrize("block", range(1, 14))
def test_line_ends_at_the_edge_of_a_block_are_seen(tmp_path: Path, monkeypatch, ends: str, block: int) -> None:
    """A long file is looked over block by block: an empty line or another line end there moves no address."""
    monkeypatch.setattr(bulk, "BULK_BYTES", 0)
    monkeypatch.setattr(bulk, "_BLOCK", block)
    text = "値,名" + ("\r" if ends.startswith("1\r\r") else "\r\n" if "\r\n" in ends else "\n") + ends
    text = text.replace("1", "1,x").replace("2", "2,y")
    found = [row["value"] for row in addressed(source_of("csv", columns=ONE), text_file(tmp_path / "x.csv", text))]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert found == [(line[0], f"A{number}") for number, line in enumerate(lines, 1) if line and number > 1]


def test_figures_are_read_as_decimals_in_whatever_way_they_are_stored(tmp_path: Path) -> None:
    """Numbers, numbers kept as text, and tails of binary floats; what a number's format shows does not count."""
    path = workbook(tmp_path / "x.xlsx", [["値"], [0.1 + 0.2], ["0.3"], ["１，２３４"], [122032299.99999999], [1e-7]])
    assert values(path) == ["0.3", "0.3", "１，２３４", "122032300", "0.0000001"]


def test_a_whole_number_of_more_digits_than_a_spreadsheet_keeps_is_refused(tmp_path: Path) -> None:
    """A code of 16 digits kept as a number has lost its last ones; the reader makes none up."""
    path = workbook(tmp_path / "x.xlsx", [["値"], [1234567890123456]])
    assert refusal(source_of(columns=ONE), path).code == "sheet.fault"


@pytest.mark.parametrize("value", ["inf", "NaN", "1e400"])
def test_what_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    path = book(tmp_path / "x.xlsx", parts(f'<row r="2"><c r="A2"><v>{value}</v></c></row>'))
    assert refusal(source_of(columns=ONE), path).code in {"sheet.fault", "file.damaged"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(dt.date(2026, 1, 2), "2026-01-02"), (dt.time(9, 30), "09:30:00"), (dt.timedelta(hours=26), "26:00:00")],
)
def test_a_date_that_excel_made_of_a_text_is_refused_where_texts_are_published(
    tmp_path: Path, value: object, text: str
) -> None:
    """`1-2` became a date. In a field of texts it is refused, unless the source says how such a cell is read."""
    import duckdb

    from tests.reading.sheets import raw as read_raw

    path = workbook(tmp_path / "x.xlsx", [["値"], [value]])
    with duckdb.connect() as connection:
        raw: Raw = read_raw(connection, source_of(columns=ONE), path)
    assert values(path) == [text]
    with pytest.raises(DeliveryRefused) as refused:
        require_typed_texts(raw, ["value"], {"value": Column(headers=["値"])}, Place("x", "x.xlsx"))
    assert (refused.value.code, refused.value.finding.place.cell) == ("sheet.time", "A2")
    require_typed_texts(raw, [], {}, Place("x", "x.xlsx"))
    require_typed_texts(raw, ["value"], {"value": Column(headers=["値"], pattern="(.*)")}, Place("x", "x.xlsx"))


@pytest.mark.parametrize("row", [3, 9])
def test_a_formula_that_was_never_computed_is_refused_also_at_the_edge_of_the_sheet(tmp_path: Path, row: int) -> None:
    """The reader in Rust leaves such a cell out where nothing stands behind it; the row must not be lost in silence."""
    path = workbook(tmp_path / "x.xlsx", [["値"], [1]])
    opened = openpyxl.load_workbook(path)
    opened.worksheets[0][f"A{row}"].value = "=A2+1"
    opened.save(path)
    finding = refusal(source_of(columns=ONE), path)
    assert (finding.code, finding.place.cell, finding.found) == ("sheet.fault", f"A{row}", f"A{row} =A2+1")


@pytest.mark.parametrize("stored", [0, 3, "", "x"])
def test_what_a_program_stores_in_place_of_a_result_is_none(tmp_path: Path, stored: float | str) -> None:
    """XlsxWriter stores 0 for each formula, and that all are to be computed when the workbook is opened."""
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        page = made.add_worksheet("表")
        page.write_column(0, 0, ["値", 2])
        page.write_formula(2, 0, "=A2+1", value=stored)
    finding = refusal(source_of(columns=ONE), path)
    assert (finding.code, finding.found) == ("sheet.fault", "A3 =A2+1")
    (sheet,) = open_xlsx(path, Place()).sheets
    assert (sheet.kinds[2, 0] & UNCOMPUTED, sheet.text(2, 0)) == (UNCOMPUTED, "=A2+1")


def test_formulas_that_were_computed_keep_their_values_whatever_else_the_workbook_says(tmp_path: Path) -> None:
    """Excel and LibreOffice leave the mark out once they have computed; without it what is stored is the value."""
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        page = made.add_worksheet("表")
        page.write_column(0, 0, ["値", 2])
        page.write_formula(2, 0, "=A2+1", value=3)
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    found["xl/workbook.xml"] = found["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    assert values(book(path, found)) == ["2", "3"]


def test_a_workbook_that_counts_from_1904_has_the_same_dates(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    page = made.active
    page.append(["値"])
    page.append([dt.date(2026, 4, 1)])
    made.save(tmp_path / "x.xlsx")
    assert values(tmp_path / "x.xlsx") == ["2026-04-01"]


def test_hidden_rows_and_columns_are_data_like_any_other(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [["値"], [1], [2], [3]])
    opened = openpyxl.load_workbook(path)
    opened.worksheets[0].row_dimensions[3].hidden = True
    opened.save(path)
    assert values(path) == ["1", "2", "3"]


def test_a_strict_workbook_is_read_like_any_other(tmp_path: Path) -> None:
    """ISO 29500 Strict has other namespaces and nothing else that matters here."""
    content = {
        name: text.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        for name, text in parts().items()
    }
    assert values(book(tmp_path / "x.xlsx", content)) == ["1"]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["xl/workbook.bin"], "xlsb"),
        (["mimetype", "content.xml"], "odf"),
        (["word/document.xml"], "docx"),
        (["ppt/presentation.xml"], "pptx"),
        (["Index/Document.iwa"], "numbers"),
        (["a.csv"], "zip"),
    ],
)
def test_other_packages_are_refused_by_their_name(tmp_path: Path, names: list[str], kind: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as made:
        for name in names:
            made.writestr(name, "x")
    finding = refusal(source_of(columns=ONE), tmp_path / "x.xlsx")
    assert (finding.code, finding.found) == ("file.wrong_kind", kind)


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.7", "pdf"), (b"\x1f\x8b\x08", "gzip"), (b"SQLite format 3", "sqlite"), (b"PAR1", "parquet")],
)
def test_other_files_are_refused_by_their_name(tmp_path: Path, head: bytes, kind: str) -> None:
    for declared in ("workbook", "csv"):
        path = tmp_path / "x"
        path.write_bytes(head + b"\n" * 600)
        finding = refusal(source_of(declared, columns=ONE), path)
        assert (finding.code, finding.found) == ("file.wrong_kind", kind)


def test_text_of_every_encoding_of_japan_is_read(tmp_path: Path) -> None:
    """NEC's and IBM's characters of cp932, half-width kana, UTF-16 with its mark; nothing is turned into another."""
    text = "値\n①㈱髙﨑～ｶﾅ－\n"
    for encoding, declared in (("cp932", "cp932"), ("utf-16", "utf-16"), ("utf-8-sig", "utf-8")):
        path = text_file(tmp_path / f"{encoding}.txt", text, encoding)
        import duckdb

        from tests.reading.sheets import raw

        with duckdb.connect() as connection:
            found = raw(connection, source_of("csv", encoding=declared, columns=ONE), path)
            assert connection.sql(found.relation).fetchall()[0][0] == "①㈱髙﨑～ｶﾅ－"


def manifest() -> list[str]:
    path = shared("realdata", "MANIFEST.tsv")
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    return [line.split("\t")[0] for line in lines]


def test_every_real_file_is_read_or_refused_by_a_code() -> None:
    """All 36 files: each sheet of a workbook becomes a grid; the web page named .xlsx is told for what it is."""
    from pipelines.reading.grid import read_workbook, sheet_names
    from pipelines.reading.kinds import format_of
    from pipelines.reading.textfile import read_text

    read = []
    for name in manifest():
        path, place = shared("realdata", *name.split("/")), Place(file=name)
        kind = format_of(path)
        if kind in {"xlsx", "xls"}:
            grids = [read_workbook(path, place, sheet) for sheet in sheet_names(path, place)]
            assert any(grid.rows for grid in grids), name
            assert not [
                text for grid in grids for row in grid.rows for text in row if "e+" in text and text[0].isdigit()
            ]
        elif kind == "text":
            encoding = "cp932" if _is_cp932(path) else "utf-8"
            assert len(read_text(path, place, encoding, ",").rows) > 1, name
        else:
            assert (kind, name.endswith("mynumber_card_data_detailed.xlsx")) == ("html", True)
        read.append(name)
    assert len(read) == 36


def _is_cp932(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def test_headings_of_sections_and_cells_outside_the_table_have_their_addresses(tmp_path: Path) -> None:
    rows = [
        ["2026年4月1日現在", ""],
        ["駅", "値"],
        ["南武線", ""],
        ["川崎", 1],
        ["立川", 2],
        ["", ""],
        ["東横線", ""],
        ["日吉", 3],
    ]
    path = workbook(tmp_path / "x.xlsx", rows)
    source = source_of(
        header={"rows": [2]},
        section={"into": "line", "field": "station"},
        cells={"as_of": "A1"},
        columns={"station": "駅", "value": "値"},
    )
    assert cells(source, path, "as_of", "line", "station", "value") == [
        "2026年4月1日現在@A1 南武線@A3 川崎@A4 1@B4",
        "2026年4月1日現在@A1 南武線@A3 立川@A5 2@B5",
        "2026年4月1日現在@A1 東横線@A7 日吉@A8 3@B8",
    ]


@pytest.mark.parametrize("encoding", ["UTF-U", "rot13", "shift_jis"])
def test_a_part_in_an_encoding_that_nobody_can_read_is_refused(encoding: str) -> None:
    """Found by the fuzzer: one letter of the declaration was another."""
    parser = sheetxml.parser_of(Place(), lambda *_: None)
    with pytest.raises(DeliveryRefused) as caught:
        sheetxml.parse([f'<?xml version="1.0" encoding="{encoding}"?><a>あ</a>'.encode()], parser, Place(), "sheet")
    assert caught.value.code == "file.damaged"


def test_a_package_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """Found by the fuzzer: a directory that asks for a zip of version 25.4, which nothing here can read."""
    path = workbook(tmp_path / "x.xlsx", [["年度", "値"], [2020, 902]])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 254
    path.write_bytes(content)
    with pytest.raises(DeliveryRefused) as caught:
        package.parts(path, Place())
    assert caught.value.code == "file.damaged"
    with pytest.raises(DeliveryRefused) as caught:
        Package(path.read_bytes())
    assert caught.value.code == "file.damaged"
