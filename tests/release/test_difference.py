"""The difference between two releases by primary key: every value that came, changed or went, and nothing else."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.release.difference import Difference, compare

TYPES = "year SMALLINT, ward VARCHAR, people BIGINT, share DECIMAL(18, 1)"
KEY = ("year", "ward")


def parquet(folder: Path, name: str, rows: Sequence[Sequence[object]], types: str = TYPES) -> Path:
    """A table as Parquet."""
    path = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({types})")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def difference(
    folder: Path,
    old: Sequence[Sequence[object]],
    new: Sequence[Sequence[object]],
    types: tuple[str, str] = (TYPES, TYPES),
    key: Sequence[str] = KEY,
) -> tuple[Difference, list[list[str]]]:
    """The counts, and the rows of changes.csv without its header; [] when there is no file."""
    path = folder / "changes.csv"
    path.unlink(missing_ok=True)
    before, after = (parquet(folder, n, rows, t) for n, rows, t in zip(("old", "new"), (old, new), types, strict=True))
    with duckdb.connect() as connection:
        counts = compare(connection, before, after, key, path)
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else [[]]
    return counts, rows[1:]


ROWS = [(2019, "14131", 10, "1.5"), (2019, "14132", 20, None), (2020, "14131", 11, "1.6")]


def test_equal_tables_differ_in_nothing(tmp_path: Path) -> None:
    """Nothing is told of rows that are the same, in whatever order they stand."""
    assert difference(tmp_path, ROWS, ROWS[::-1]) == (Difference(0, 0, 0), [])


def test_a_changed_value_is_told_with_old_and_new(tmp_path: Path) -> None:
    """One value of one row, under its key; the others of the row are not mentioned."""
    new = [(2019, "14131", 12, "1.5"), *ROWS[1:]]
    assert difference(tmp_path, ROWS, new) == (
        Difference(0, 1, 0),
        [["changed", "2019", "14131", "people", "10", "12"]],
    )


def test_changed_values_are_counted_one_by_one(tmp_path: Path) -> None:
    """Two values of one row are two changes."""
    counts, rows = difference(tmp_path, ROWS, [(2019, "14131", 12, "1.4"), *ROWS[1:]])
    assert (counts, [row[3] for row in rows]) == (Difference(0, 2, 0), ["people", "share"])


def test_a_value_that_comes_or_goes_is_a_change(tmp_path: Path) -> None:
    """From no value to one and back: the side without a value is empty."""
    new = [(2019, "14131", 10, None), (2019, "14132", 20, "0.0"), ROWS[2]]
    _, rows = difference(tmp_path, ROWS, new)
    assert rows == [["changed", "2019", "14131", "share", "1.5", ""], ["changed", "2019", "14132", "share", "", "0.0"]]


def test_rows_that_come_are_told_with_all_their_values(tmp_path: Path) -> None:
    """An added row counts once and has a line for each of its values."""
    counts, rows = difference(tmp_path, ROWS, [*ROWS, (2021, "14131", 9, None)])
    assert counts == Difference(1, 0, 0)
    assert rows == [["added", "2021", "14131", "people", "", "9"], ["added", "2021", "14131", "share", "", ""]]


def test_rows_that_go_are_told_with_all_their_values(tmp_path: Path) -> None:
    """A removed row keeps what it had, so that the figure can still be found."""
    counts, rows = difference(tmp_path, ROWS, ROWS[1:])
    assert counts == Difference(0, 0, 1)
    assert rows == [["removed", "2019", "14131", "people", "10", ""], ["removed", "2019", "14131", "share", "1.5", ""]]


def test_a_changed_key_is_one_row_less_and_one_more(tmp_path: Path) -> None:
    """A row is the same row only under the same key."""
    counts, _ = difference(tmp_path, ROWS[:1], [(2019, "14133", 10, "1.5")])
    assert counts == Difference(1, 0, 1)


def test_a_table_of_keys_only_has_differences_too(tmp_path: Path) -> None:
    """Without any other field the key's own values are told."""
    types = ("ward VARCHAR", "ward VARCHAR")
    counts, rows = difference(tmp_path, [("14131",)], [("14131",), ("14132",)], types, ["ward"])
    assert (counts, rows) == (Difference(1, 0, 0), [["added", "14132", "ward", "", "14132"]])


def test_a_field_that_comes_or_goes_is_no_changed_value(tmp_path: Path) -> None:
    """That a column is new is the version's matter; the values of the others are compared."""
    more = f"{TYPES}, note VARCHAR"
    new = [(*row, "x") for row in [(2019, "14131", 12, "1.5"), *ROWS[1:]]]
    assert difference(tmp_path, ROWS, new, (TYPES, more))[0] == Difference(0, 1, 0)
    assert difference(tmp_path, new, ROWS, (more, TYPES))[0] == Difference(0, 1, 0)


def test_a_field_of_another_type_is_compared_as_text(tmp_path: Path) -> None:
    """A figure that reads the same before and after has not changed."""
    texts = TYPES.replace("people BIGINT", "people VARCHAR")
    new = [(2019, "14131", "10", "1.5"), (2019, "14132", "20人", None), (2020, "14131", "11", "1.6")]
    assert difference(tmp_path, ROWS, new, (TYPES, texts)) == (
        Difference(0, 1, 0),
        [["changed", "2019", "14132", "people", "20", "20人"]],
    )


def test_more_decimals_are_another_text(tmp_path: Path) -> None:
    """1.5 that becomes 1.50 is published as another text, and told."""
    finer = TYPES.replace("(18, 1)", "(18, 2)")
    counts, rows = difference(tmp_path, ROWS[:1], ROWS[:1], (TYPES, finer))
    assert (counts, rows) == (Difference(0, 1, 0), [["changed", "2019", "14131", "share", "1.5", "1.50"]])


def test_under_another_key_every_row_is_new(tmp_path: Path) -> None:
    """Where the key is not in both tables with the same types, rows can't be matched: all go, all come."""
    texts = TYPES.replace("year SMALLINT", "year VARCHAR")
    counts, _ = difference(tmp_path, ROWS, [(str(row[0]), *row[1:]) for row in ROWS[:2]], (TYPES, texts))
    assert counts == Difference(2, 0, 3)


def test_texts_with_quotes_commas_and_line_breaks_survive(tmp_path: Path) -> None:
    """Old and new come back as they were, whatever stands in them."""
    types = ("ward VARCHAR, note VARCHAR",) * 2
    _, rows = difference(tmp_path, [("a", "x")], [("a", '"y", z')], types, ["ward"])
    assert rows == [["changed", "a", "note", "x", '"y", z']]


ROW = st.tuples(
    st.integers(2000, 2003),
    st.sampled_from(["14131", "14132"]),
    st.none() | st.integers(-2, 2),
    st.none() | st.sampled_from(["0.0", "1.5", "-1.5"]),
)
TABLE = st.lists(ROW, max_size=8, unique_by=lambda row: row[:2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("difference")


@settings(max_examples=40, deadline=None)
@given(old=TABLE, new=TABLE)
def test_the_difference_leads_from_the_old_table_to_the_new(
    folder: Path, old: list[tuple[object, ...]], new: list[tuple[object, ...]]
) -> None:
    """Whoever applies the told changes to the old release has the new one, and the counts are those of the lines."""
    counts, rows = difference(folder, old, new)
    values, wanted = cells(old), cells(new)
    for change, year, ward, field, was, now in rows:
        key = (year, ward, field)
        assert values.pop(key, "") == was
        if change != "removed":
            values[key] = now
    assert values == wanted
    kinds = {kind: [row for row in rows if row[0] == kind] for kind in ("added", "changed", "removed")}
    assert counts.changed == len(kinds["changed"])
    assert counts.added == len({tuple(row[1:3]) for row in kinds["added"]})
    assert counts.removed == len({tuple(row[1:3]) for row in kinds["removed"]})


def cells(table: list[tuple[object, ...]]) -> dict[tuple[str, str, str], str]:
    """Every value of a table by its key and field, as the canonical CSV writes it."""
    names = ("people", "share")
    return {
        (str(row[0]), str(row[1]), name): "" if value is None else str(value)
        for row in table
        for name, value in zip(names, row[2:], strict=True)
    }
