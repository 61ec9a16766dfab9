"""A night in a process of its own: python -m tests.packages.elsewhere ROOT HOME THREADS."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings

CONNECT = duckdb.connect


def main(root: str, home: str, threads: str) -> int:
    """Run the night with that many threads in every DuckDB, as on a machine with other cores."""

    def connect(*args, **kwargs) -> duckdb.DuckDBPyConnection:
        connection = CONNECT(*args, **kwargs)
        connection.execute(f"SET threads = {int(threads)}")
        return connection

    duckdb.connect = connect
    return run_night(Pipeline.open(Settings(root=Path(root), home=Path(home))), "elsewhere").exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
