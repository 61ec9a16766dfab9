"""The same work four ways, each run in a process of its own: read as text, type, check, order by key, Parquet, CSV, sha256."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from tests.bench.synthetic import COLUMNS, NAME


def ours(root: Path, folder: Path) -> None:
    """The real code from delivery to release, without Dagster."""
    from pipelines.night import run_dataset
    from pipelines.pipeline import Pipeline
    from pipelines.settings import Settings

    pipeline = replace(Pipeline.open(Settings(root=root, home=folder / "home")), catalogues=[])
    result = run_dataset(pipeline, NAME, "bench", "bench")
    assert result.outcome == "published"
    print("implausible", sum(finding.count for finding in result.findings))


def hand(root: Path, folder: Path) -> None:
    """Hand-written DuckDB SQL."""
    import duckdb

    connection = duckdb.connect()
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    source = (
        f"read_csv('{root}/sources/deliveries/synthetic.csv', auto_detect=false, header=true, columns={{{columns}}})"
    )
    connection.execute(f"""
        CREATE TABLE t AS SELECT TRY_CAST(id AS BIGINT) AS id, TRY_CAST(fiscal_year AS SMALLINT) AS fiscal_year, area_code, code,
            TRY_CAST(amount AS DECIMAL(18, 2)) AS amount, TRY_CAST(persons AS BIGINT) AS persons, TRY_CAST(day AS DATE) AS day, remark
        FROM {source} ORDER BY id""")
    row = connection.execute("""
        SELECT count(*) FILTER (id IS NULL), count(*) FILTER (id < 0), count(*) FILTER (fiscal_year IS NULL),
               count(*) FILTER (fiscal_year < 1950), count(*) FILTER (fiscal_year > 2100), count(*) FILTER (area_code IS NULL),
               count(*) FILTER (area_code NOT IN ('14131','14132','14133','14134','14135','14136','14137')),
               count(*) FILTER (length(code) < 5), count(*) FILTER (length(code) > 5),
               count(*) FILTER (NOT regexp_full_match(code, '[0-9]{5}')), count(*) FILTER (amount IS NULL),
               count(*) FILTER (amount < 0), count(*) FILTER (amount > 100000), count(*) FILTER (persons < 0),
               count(*) FILTER (persons > 1000000), count(*) FILTER (day < DATE '1990-01-01'), count(*) FILTER (length(remark) > 40)
        FROM t""").fetchone()
    doubled = connection.execute("SELECT count(*) FROM (SELECT id FROM t GROUP BY id HAVING count(*) > 1)").fetchone()
    assert row is not None
    assert doubled == (0,)
    print("implausible", sum(row))
    connection.execute(f"COPY t TO '{folder}/t.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(
        f"COPY t TO '{folder}/t.csv' (FORMAT csv, HEADER true, NEW_LINE '\\r\\n', FORCE_QUOTE (area_code, code, remark))"
    )
    _hash(folder)


def pandas(root: Path, folder: Path) -> None:
    """Pandas: read as text, convert, check, sort, write."""
    import pandas as pd

    frame = pd.read_csv(root / "sources" / "deliveries" / "synthetic.csv", dtype=str)
    for name in ("id", "fiscal_year", "amount", "persons"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["day"] = pd.to_datetime(frame["day"], errors="coerce", format="%Y-%m-%d")
    wards = [str(14131 + i) for i in range(7)]
    faults = [
        frame["id"].isna(), frame["id"] < 0, frame["fiscal_year"].isna(), frame["fiscal_year"] < 1950, frame["fiscal_year"] > 2100,
        frame["area_code"].isna(), ~frame["area_code"].isin(wards), frame["code"].str.len() < 5, frame["code"].str.len() > 5,
        ~frame["code"].str.fullmatch("[0-9]{5}"), frame["amount"].isna(), frame["amount"] < 0, frame["amount"] > 100000,
        frame["persons"] < 0, frame["persons"] > 1000000, frame["day"] < "1990-01-01", frame["remark"].str.len() > 40,
    ]  # fmt: skip
    print("implausible", sum(int(fault.sum()) for fault in faults))
    assert not frame["id"].duplicated().any()
    frame = frame.sort_values("id")
    frame.to_parquet(folder / "t.parquet", compression="zstd", index=False)
    frame.to_csv(folder / "t.csv", index=False)
    _hash(folder)


def frictionless(root: Path, folder: Path) -> None:
    """frictionless' own validation; given a slice."""
    from frictionless import Resource, Schema

    from pipelines.contract.table_schema import table_schema
    from pipelines.datasets import load_repository

    schema = Schema.from_descriptor(table_schema(load_repository(root)[NAME].schema))
    path = root / "sources" / "deliveries" / "synthetic.csv"
    resource = Resource(path=path.name, basepath=str(path.parent), schema=schema, encoding="utf-8")
    report = resource.validate()
    print("implausible", sum(task.stats["errors"] for task in report.tasks), folder.name)


def _hash(folder: Path) -> None:
    for path in (folder / "t.parquet", folder / "t.csv"):
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()


CONTENDERS = {"ours": ours, "hand": hand, "pandas": pandas, "frictionless": frictionless}

if __name__ == "__main__":
    CONTENDERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
