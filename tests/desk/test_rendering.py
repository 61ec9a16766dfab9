"""LibreOffice opens the annotated copy and shows everything as it was, but for the marks."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.desk.annotate import annotate
from pipelines.desk.indexsheet import Cover
from pipelines.desk.marks import Mark
from pipelines.desk.styles import FILLS
from tests.desk.macro import MACRO, vba_project
from tests.desk.office import converted, pages
from tests.desk.workbooks import SHEET, rich, save


def test_the_copy_looks_like_the_original_with_just_these_cells_coloured(tmp_path: Path) -> None:
    """Pixel by pixel as a workbook that was made with the colours from the start, on every page; the index follows."""
    marks = [Mark(SHEET, ["B6"], "題", "文"), Mark(SHEET, ["F30"], "題", "文")]
    copy = annotate(rich(), marks, Cover("修正が必要です", "指摘 2種"), "ja")
    coloured = rich(filled=f"#{FILLS['error'][2:]}")
    expected = pages(save(coloured, tmp_path / "coloured.xlsx"), tmp_path)
    plain = pages(save(rich(), tmp_path / "plain.xlsx"), tmp_path)
    shown = pages(save(copy, tmp_path / "copy.xlsx"), tmp_path)
    assert plain[0] != expected[0]
    assert plain[1:] == expected[1:]
    assert shown[: len(expected)] == expected
    assert len(shown) == len(expected) + 1


def test_the_copy_still_has_the_macro(tmp_path: Path) -> None:
    """LibreOffice reads the project out of the copy of a workbook with macros: each module as it was written."""
    copy = annotate(rich(macro=vba_project(sheets=3)), [Mark(SHEET, ["B6"], "題", "文")], Cover("", ""), "ja")
    shown = converted(save(copy, tmp_path / "copy.xlsm"), tmp_path, "fods").read_text(encoding="utf-8")
    assert re.findall('ooo:module ooo:name="(.+?)"', shown) == ["Module1", "Sheet1", "Sheet2", "Sheet3", "ThisWorkbook"]
    written = MACRO.partition("\r\n")[2].replace("\r\n", "\n").replace('"', "&quot;")
    assert written in shown
