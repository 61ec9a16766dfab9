"""LibreOffice opens the annotated copy and shows everything as it was, but for the marks."""

from __future__ import annotations

from pathlib import Path

from pipelines.desk.annotate import annotate
from pipelines.desk.indexsheet import Cover
from pipelines.desk.marks import Mark
from pipelines.desk.styles import FILLS
from tests.desk.office import pages
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
