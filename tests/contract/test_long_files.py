"""A long regular text file is typed as one stream by all threads, and still every cell keeps its address.

The figures are synthetic, and the schema says so.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.contract.load import load
from pipelines.datasets import load_repository
from pipelines.findings import Place
from pipelines.night import Result
from pipelines.reading.read import BULK_BYTES, Delivered, corrected, read, reshaped
from tests.bench.synthetic import NAME, make_town
from tests.kit import Town, result

ROWS, WRONG, BLANKS = 40_000, 31_111, (5, 20_000)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Result, list[str]]:
    """A night over a long file with two blank lines and one implausible amount; and the lines of the file."""
    made = Town(tmp_path_factory.mktemp("long") / "town", tmp_path_factory.mktemp("home"))
    path = make_town(made.root, ROWS)
    lines = path.read_text(encoding="utf-8").replace("-1.50", "1.50").splitlines()
    parts = lines[WRONG].split(",")
    lines[WRONG] = ",".join([*parts[:4], "-7.25", *parts[5:]])
    for blank in BLANKS:
        lines.insert(blank, "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert path.stat().st_size > BULK_BYTES
    return made, result(made.night(), NAME), lines


def test_a_wrong_cell_of_a_long_file_is_named_by_its_row(night: tuple[Town, Result, list[str]]) -> None:
    """Blank lines are no rows of the table, but they count in the address."""
    _, found, lines = night
    (finding,) = found.findings
    row = next(number for number, line in enumerate(lines, 1) if ",-7.25," in line)
    assert (finding.place.cell, finding.found) == (f"E{row}", "-7.25")


def test_every_row_of_a_long_file_is_published_once_with_its_line(night: tuple[Town, Result, list[str]]) -> None:
    """The provenance of each published row leads to the line of the file that holds it."""
    town, found, lines = night
    assert found.manifest is not None
    folder = town.home / "catalogue" / NAME
    query = f"""SELECT t.id, p.row FROM read_parquet('{folder}/{NAME}.parquet') t
        POSITIONAL JOIN read_parquet('{folder}/provenance.parquet') p"""
    rows = duckdb.connect().execute(query).fetchall()
    assert rows == sorted((int(line.split(",")[0]), n) for n, line in enumerate(lines, 1) if line and n > 1)
    assert len(rows) == ROWS


def test_a_long_file_with_a_text_that_is_no_plain_value_reads_as_a_short_one(tmp_path: Path) -> None:
    """One full-width figure among forty thousand rows: the guess fails, the grammar reads it, the row is right."""
    made = Town(tmp_path / "town", tmp_path / "home")
    path = make_town(made.root, ROWS)
    lines = path.read_text(encoding="utf-8").splitlines()
    parts = lines[WRONG].split(",")
    lines[WRONG] = ",".join([*parts[:5], "１２３", *parts[6:]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made.night()
    table = made.home / "catalogue" / NAME / f"{NAME}.parquet"
    query = f"SELECT persons FROM '{table}' WHERE id = {parts[0]}"
    assert duckdb.connect().execute(query).fetchall() == [(123,)]


def test_a_long_file_that_nobody_corrects_is_typed_as_one_stream(tmp_path: Path) -> None:
    """As DuckDB numbers rows with one thread only, all else waits for it where the stream is lost on the way."""
    made = Town(tmp_path / "town", tmp_path / "home")
    delivered = Delivered(make_town(made.root, ROWS), "synthetic.csv", "0" * 64)
    source, place = load_repository(made.root)[NAME].source, Place()
    with duckdb.connect() as connection:
        raw = read(connection, source, delivered, place, tmp_path)
        taken = reshaped(connection, corrected(connection, raw, source, place), source, place)
    assert raw.stream is not None
    assert taken.stream == raw.stream


def test_rows_keep_their_numbers_when_several_threads_type_a_file(tmp_path: Path) -> None:
    """Long enough that each thread has its share of the text and of the table."""
    path = make_town(tmp_path / "town", 10 * ROWS)
    dataset, place = load_repository(tmp_path / "town")[NAME], Place()
    with duckdb.connect(config={"threads": 4}) as connection:
        raw = read(connection, dataset.source, Delivered(path, path.name, "0" * 64), place, tmp_path)
        typed = load(connection, raw, dataset, place, tmp_path).typed
        rows = connection.execute(f"SELECT id, _row FROM {typed.located}").fetchall()
    lines = path.read_text(encoding="utf-8").splitlines()
    assert rows == sorted((int(line.split(",")[0]), number) for number, line in enumerate(lines, 1) if number > 1)
