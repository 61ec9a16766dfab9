"""Hostile files are refused by their code, within bounded memory, and nothing that they hold is run or followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import SourceUnavailable
from pipelines.findings import Finding, Place
from tests.hostile.files import FILES
from tests.hostile.measure import Cost, costs, hostile_costs
from tests.hostile.zips import dense
from tests.kit import Town, result

MOST = 500  # MB above what the process had before; the largest files that are let through have a test of their own
LARGEST = 2048  # MB in all, as pipelines/reading/limits.py says


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cost]:
    """Each hostile file, read once."""
    folder = tmp_path_factory.mktemp("hostile")
    found = hostile_costs(folder)
    assert {path.name for path in folder.iterdir()} == {one.name for one in FILES}, "something was unpacked"
    return found


@pytest.mark.parametrize("name", [one.name for one in FILES])
def test_a_hostile_file_has_its_code_and_bounded_memory(made: dict[str, Cost], name: str) -> None:
    """Each is refused with its own code, or read where it only looks dangerous, and never takes the process with it."""
    expected = next(one.code for one in FILES if one.name == name)
    assert made[name].code == expected
    assert made[name].peak - made[name].before < MOST


def test_what_an_entity_names_is_never_read(made: dict[str, Cost]) -> None:
    """A workbook whose text is `file:///etc/passwd` is refused before anything is looked up."""
    assert made["entity_outside.xlsx"].code == "file.markup"


@pytest.mark.parametrize("where", ["../../../etc/passwd", "deliveries/link.csv", "deliveries/folder/passwd"])
def test_a_path_that_leads_out_of_its_folder_is_refused(small: Town, where: str) -> None:
    """Neither a path with dots nor a link, to a file or a folder, makes a delivery of another file of the machine."""
    folder = small.root / "sources" / "deliveries"
    (folder / "link.csv").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    path = small.root / "sources" / "waste_per_capita.yaml"
    text = path.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith("path:"))
    path.write_text(text.replace(old, f"path: {where}"), encoding="utf-8")
    found = result(small.night(), "waste_per_capita")
    assert [finding.code for finding in found.findings] == ["source.outside"]
    assert SourceUnavailable.exit_code == 1


def test_a_name_with_characters_that_are_not_seen_is_shown_with_them() -> None:
    """Neither a line break nor a mark that turns the text around reaches a terminal or a log."""
    found = Finding("file.empty", Place(file="x\u202excod\n\x1b[31m.xlsx", sheet="表\u3000１"), facts={"kind": "csv"})
    text = found.text("ja")
    assert "x\\x202excod\\x0a\\x1b[31m.xlsx" in text
    assert "表\u3000１" in text
    assert text.isprintable() or text.replace("\u3000", "").isprintable()


@pytest.mark.parametrize(
    "text", ["9" * 32_767, "1万" * 16_000, "1,111" * 6_000, "平成" * 16_000, "(" * 32_767, "令和元年" * 8_000]
)
def test_a_long_text_in_a_cell_costs_no_more_than_its_length(text: str) -> None:
    """No text makes the cell grammar go back and forth over it."""
    from pipelines.reading.cells import NotReadable, canonical

    for kind in ("number", "integer", "year", "yearmonth", "date", "datetime", "boolean"):
        with pytest.raises(NotReadable):
            canonical(kind, text, decimals=2)  # type: ignore[arg-type]


def test_a_workbook_of_half_a_million_cells_is_read(tmp_path: Path) -> None:
    """An ordinary large workbook is no hostile one."""
    [found] = costs([("workbook", dense(tmp_path / "x.xlsx", 100_000, "ABCDE"))])
    assert (found.code, found.peak < MOST) == ("read", True)


@pytest.mark.long
def test_the_largest_workbook_that_is_let_through_stays_below_the_stated_memory(tmp_path: Path) -> None:
    """A million rows of as many columns as a grid takes."""
    [found] = costs([("workbook", dense(tmp_path / "x.xlsx", 1_000_000, "ABCDEFGH"))])
    assert (found.code, found.peak < LARGEST) == ("read", True)
