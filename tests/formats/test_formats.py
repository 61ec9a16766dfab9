"""Every form of every release, read back with the tools of its users, has the values of the Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from pyjstat import pyjstat

from pipelines.night import Night
from pipelines.pipeline import Pipeline
from tests.formats import read_back
from tests.packages.synthetic import HARD_TEXTS, as_csv, hard_rows, synthetic_town

City = tuple[Pipeline, Night]
Reader = Callable[[Path, str], list[read_back.Row]]
READERS: dict[str, Reader] = {
    "spreadsheet.csv": read_back.spreadsheet_csv,
    "json": read_back.json_rows,
    "xlsx": read_back.xlsx,
    "jsonstat.json": read_back.json_stat,
}


ARMED = ("=SUM(A1)", "+81", "@x", "-", "＝1", "'quoted", "_x0041_")


def rows() -> list[list[str]]:
    return [*hard_rows(), *([f"Z{number}", text, *[""] * 7] for number, text in enumerate(ARMED))]


def releases(catalogue: Path) -> list[tuple[Path, str]]:
    return [(path.parent, path.parents[2].name) for path in sorted(catalogue.glob("*/releases/*/forms.json"))]


@pytest.fixture(scope="session")
def catalogue(city: City) -> Path:
    return city[0].catalogues[0].root


@pytest.fixture(scope="session")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of a synthetic dataset with every value that is hard to bring through a format."""
    town = synthetic_town(tmp_path_factory.mktemp("hard"), as_csv(rows()))
    assert town.night().exit_code == 0
    return town.home / "catalogue" / "synthetic" / "releases" / "1.0.0"


def differing(folder: Path, name: str, read: Reader) -> list[object]:
    """Rows that a form and the Parquet don't share."""
    found, expected = read(folder, name), read_back.published(folder, name)
    pairs = zip(found, expected, strict=False)
    return [*(pair for pair in pairs if pair[0] != pair[1]), *([] if len(found) == len(expected) else [len(found)])]


@pytest.mark.parametrize("suffix", READERS)
def test_every_dataset_reads_back_equal(catalogue: Path, suffix: str) -> None:
    """The rows of every form of every dataset are those of its Parquet, in order, value for value."""
    having = [(f, n) for f, n in releases(catalogue) if (f / f"{n}.{suffix}").exists()]
    assert len(having) > 50
    assert {n: bad for f, n in having if (bad := differing(f, n, READERS[suffix]))} == {}


@pytest.mark.parametrize("suffix", ["spreadsheet.csv", "json", "xlsx"])
def test_hard_values_read_back_equal(hard: Path, suffix: str) -> None:
    """So are texts that look like numbers, formulas or nothing, long numbers, early days and fractions of a second."""
    assert differing(hard, "synthetic", READERS[suffix]) == []


def test_no_text_of_the_spreadsheet_csv_is_a_formula(hard: Path) -> None:
    """A text that a spreadsheet program would run begins with an apostrophe; a number keeps its sign."""
    content = (hard / "synthetic.spreadsheet.csv").read_text(encoding="utf-8-sig")
    assert '"\'=SUM(A1)"' in content
    assert '"\'＝1"' in content
    assert ',"\'-",' in content
    assert ",-0.0001," in content


def test_every_release_has_every_form_or_a_reason(catalogue: Path) -> None:
    """forms.json lists each form with its hash, or says in both languages why there is none."""
    for folder, name in releases(catalogue):
        forms = json.loads((folder / "forms.json").read_bytes())
        listed = {form["file"]: form["sha256"] for form in forms["files"]}
        missing = {form["file"]: form["reason"] for form in forms["missing"]}
        assert listed.keys() | missing.keys() == {f"{name}.{suffix}" for suffix in [*READERS, "zip"]}
        assert all(reason["ja"] and reason["en"] for reason in missing.values())
        assert {path.name for path in folder.glob(f"{name}.*")} == {*listed, f"{name}.csv", f"{name}.parquet"}


def test_most_datasets_are_cubes_and_the_others_are_not(catalogue: Path) -> None:
    """Only a table without numbers, or with a text beside its key, has no JSON-stat."""
    for folder, name in releases(catalogue):
        kinds, key = read_back.fields(folder, name), read_back.key(folder, name)
        beside = {kind for field, kind in kinds.items() if field not in key}
        if beside <= {"integer", "number"}:
            assert (folder / f"{name}.jsonstat.json").exists(), name


def test_the_reference_reader_reads_every_cube(catalogue: Path) -> None:
    """pyjstat makes of every JSON-stat file a frame with a row per cell and the values of the Parquet."""
    for folder, name in releases(catalogue):
        path = folder / f"{name}.jsonstat.json"
        if path.exists():
            cube = json.loads(path.read_bytes())
            frame = pyjstat.Dataset.read(path.read_text(encoding="utf-8")).write("dataframe", naming="id")
            assert _values(frame) == _published(folder, name, cube), name


def _values(frame: Any) -> list[float]:
    return sorted(float(value) for value in frame["value"].dropna())


def _published(folder: Path, name: str, cube: dict[str, Any]) -> list[float]:
    measures = read_back.categories(cube, "measure")
    rows = read_back.published(folder, name)
    return sorted(float(row[m]) for row in rows for m in measures if row[m] is not None)


def test_the_zip_is_the_package(catalogue: Path, tmp_path: Path) -> None:
    """Unpacked anywhere, it has the released files byte for byte, and frictionless finds it valid."""
    folder, name = catalogue / "waste_per_capita" / "releases" / "1.0.0", "waste_per_capita"
    files = read_back.unpacked(folder, name, tmp_path / "out")
    record = json.loads((folder / "release.json").read_bytes())
    assert files.keys() == record["files"].keys() - {"datapackage.current.json"}
    assert all(content == (folder / path).read_bytes() for path, content in files.items())
    assert Package(str(tmp_path / "out" / "datapackage.json")).validate().valid


def test_a_reader_of_the_workbook_finds_dictionary_and_notes(catalogue: Path) -> None:
    """The header is frozen, and the second sheet tells about every field in both languages."""
    import openpyxl

    book = openpyxl.load_workbook(catalogue / "waste_per_capita" / "waste_per_capita.xlsx")
    assert book.sheetnames[0] == "data"
    assert book["data"].freeze_panes == "A2"
    told = [[cell.value for cell in row if cell.value] for row in book.worksheets[1].iter_rows()]
    assert any("1人1日あたりのごみ排出量" in row and "grams_per_person_day" in row for row in told)


def test_forms_are_the_same_bytes_on_another_day(hard: Path, tmp_path: Path) -> None:
    """Another store and another catalogue, made later, have the same files."""
    town = synthetic_town(tmp_path, as_csv(rows()))
    town.night()
    again = town.home / "catalogue" / "synthetic" / "releases" / "1.0.0"
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in hard.iterdir()}
    assert len(HARD_TEXTS) > 30


def test_a_form_that_was_damaged_comes_back(hard: Path) -> None:
    """The next night finds it and puts back the bytes that were there."""
    home = hard.parents[3]
    path = hard / "synthetic.xlsx"
    before = path.read_bytes()
    path.write_bytes(before[:-9])
    pipeline = Pipeline.open(_settings(home))
    (catalogue,) = pipeline.catalogues
    assert [action.reason for action in catalogue.differences(pipeline.wanted())] == ["damaged"]
    catalogue.publish(pipeline.wanted, ["synthetic"])
    assert path.read_bytes() == before


def _settings(home: Path) -> Any:
    from pipelines.settings import Settings

    return Settings(root=home.parent / "town", home=home)
