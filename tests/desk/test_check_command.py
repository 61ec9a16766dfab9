"""`opendata check --html OUT --annotate OUT.xlsx`: the same faces as the desk's, from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import cli
from tests.desk.workbooks import SHEET, parts, rich, save


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run the command in this process, on a home of its own; the exit code."""
    monkeypatch.setenv("OPENDATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENDATA_LANG_OPTION", "ja")

    def run(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["opendata", "check", *map(str, arguments)])
        return cli.run()

    return run


def test_page_and_copy_are_written_and_the_file_is_not_touched(run, tmp_path: Path) -> None:
    """The exit code is that of the verdict."""
    file = save(rich(), tmp_path / "ごみ排出量の推移.xlsx")
    page, copy = tmp_path / "page.html", tmp_path / "copy.xlsx"
    assert run(file, "--html", page, "--annotate", copy, "--lang", "ja") == 1
    assert file.read_bytes() == rich()
    assert SHEET in page.read_text(encoding="utf-8") and "修正が必要です" in page.read_text(encoding="utf-8")
    assert "xl/charts/chart1.xml" in parts(copy.read_bytes())


def test_the_copy_of_a_workbook_with_macros_ends_as_one(run, tmp_path: Path) -> None:
    """Excel opens no macros under another name, and none of the macro's bytes change."""
    macro = b"\xd0\xcf\x11\xe0" + bytes(2000)
    file = save(rich(macro=macro), tmp_path / "マクロ.xlsm")
    assert run(file, "--annotate", tmp_path / "copy.xlsx") == 1
    assert parts((tmp_path / "copy.xlsm").read_bytes())["xl/vbaProject.bin"] == macro


def test_a_file_that_can_not_be_read_has_a_page_and_no_copy(run, tmp_path: Path) -> None:
    """The page says why."""
    file = tmp_path / "表.xlsx"
    file.write_bytes(b"<!doctype html><title>404</title>")
    page, copy = tmp_path / "page.html", tmp_path / "copy.xlsx"
    assert run(file, "--html", page, "--annotate", copy, "--lang", "ja") == 2
    assert "ファイルを読めません" in page.read_text(encoding="utf-8") and not copy.exists()


def test_a_file_is_never_written_over(run, tmp_path: Path) -> None:
    """Whatever was typed."""
    file = save(rich(), tmp_path / "a.xlsx")
    assert run(file, "--annotate", file) == 3
    assert file.read_bytes() == rich()
