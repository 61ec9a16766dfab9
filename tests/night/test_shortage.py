"""What runs short for a night is no verdict on a dataset: the next night tries again."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import duckdb
import pytest

from pipelines import work
from pipelines.contract.derived import Input, derive
from pipelines.errors import ConfigurationError
from pipelines.findings import Place
from tests.hand.wards import DERIVED, NAME, made
from tests.kit import result

# The same figures, by a detour that needs more memory than there will be.
GREEDY = """\
kind: derived
inputs: [visits]
sql: >-
  SELECT year, (max(visits) + 0 * count(DISTINCT md5(r.range::VARCHAR || ref)))::BIGINT AS visits,
  list(DISTINCT ref ORDER BY ref) AS refs FROM visits, range(10000) r GROUP BY year
"""


def test_a_derived_table_for_which_memory_ran_short_is_made_the_next_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither memory nor disk are the SQL's fault."""
    town = made(tmp_path)
    (town.root / "sources" / f"{DERIVED}.yaml").write_text(GREEDY, encoding="utf-8")
    connect = work.connect

    def short(workshop: Path) -> duckdb.DuckDBPyConnection:
        connection = connect(workshop)
        connection.execute("SET memory_limit = '60MB'")
        connection.execute("SET max_temp_directory_size = '1MB'")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(work, "connect", short)
        found = result(town.night(), DERIVED)
    assert (found.outcome, [finding.code for finding in found.findings]) == ("failed", ["store.unwritable"])
    assert "OutOfMemoryException" in found.findings[0].found
    assert result(town.night(), DERIVED).outcome == "published"


class Failing:
    """A DuckDB that fails at what it is told to make."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> None:
        self.connection, self.error = connection, error

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        if "_derived" in sql:
            raise self.error
        return self.connection.execute(sql)


@pytest.mark.parametrize(
    "passing", [duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.InternalException]
)
def test_a_fault_that_may_pass_is_not_the_sqls(tmp_path: Path, passing: type[duckdb.Error]) -> None:
    """It is raised as it is, so that nothing is remembered; any other is told as the operator's, who wrote the SQL."""
    town = made(tmp_path)
    dataset = town.open().repository[DERIVED]
    inputs = {NAME: Input(tmp_path / "none.parquet", "1.0.0")}
    with duckdb.connect() as connection:
        connection.execute("COPY (SELECT 1 AS year) TO '" + str(inputs[NAME].path) + "' (FORMAT parquet)")
        for error, raised in ((passing("not now"), passing), (duckdb.BinderException("x"), ConfigurationError)):
            failing = cast("duckdb.DuckDBPyConnection", Failing(connection, error))
            with pytest.raises(raised):
                derive(failing, dataset, inputs, Place(), tmp_path)
