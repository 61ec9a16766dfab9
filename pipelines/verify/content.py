"""The current release read again: the CSV is that of the Parquet, byte for byte, and the key is a key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import duckdb

from pipelines.contract.types import CSV_FORM, csv_text
from pipelines.durable import sha256_of
from pipelines.sqltext import identifier, literal, parquet
from pipelines.verify.place import Place, Unreadable, document, fetched, size
from pipelines.verify.report import Report


def check_content(
    place: Place, report: Report, name: str, version: str, files: Mapping[str, object], scratch: Path
) -> None:
    """Check what hashes can't say. Files that could not be read have been told of before."""
    folder = f"{name}/releases/{version}"
    facts = files.get(f"{name}.parquet")
    try:
        with ExitStack() as stack:
            schema = _schema(json.loads(document(place, f"{folder}/datapackage.json")), name)
            limit = size(facts) if isinstance(facts, dict) else 0
            parquet = fetched(place, f"{folder}/{name}.parquet", limit, scratch / "t.parquet")
            table = _Table(stack.enter_context(duckdb.connect()), stack.enter_context(parquet), schema)
            _check(report, name, folder, table, files, scratch / "t.csv")
    except Unreadable:
        return
    except (duckdb.Error, ValueError, KeyError, TypeError, StopIteration) as error:
        report.found("verify.content", f"{folder}/{name}.parquet", f"{type(error).__name__}: {error}"[:200], name)


class _Table:
    """A released Parquet and its Table Schema."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, schema: Mapping[str, object]) -> None:
        fields = schema["fields"]
        assert isinstance(fields, list)
        self.connection = connection
        self.relation = parquet(path)
        self.kinds: dict[str, str] = {str(field["name"]): str(field["type"]) for field in fields}
        self.key: Sequence[str] = [str(part) for part in schema["primaryKey"]]  # type: ignore[attr-defined]
        self.required = [str(f["name"]) for f in fields if f.get("constraints", {}).get("required")]

    def write_csv(self, path: Path) -> None:
        """Write the canonical CSV."""
        select = ", ".join(_column(name, kind) for name, kind in self.kinds.items())
        texts = ", ".join(identifier(name) for name, kind in self.kinds.items() if kind == "string")
        form = f"{CSV_FORM}, FORCE_QUOTE ({texts})" if texts else CSV_FORM
        self.connection.execute(f"COPY (SELECT {select} FROM {self.relation}) TO {literal(str(path))} ({form})")

    def count(self, what: str) -> int:
        """A number over the whole table."""
        return int((self.connection.execute(f"SELECT {what} FROM {self.relation}").fetchone() or (0,))[0])


def _column(name: str, kind: str) -> str:
    value = csv_text(identifier(name), "TIMESTAMP") if kind == "datetime" else identifier(name)
    return f"{value} AS {identifier(name)}"


def _schema(package: Mapping[str, object], name: str) -> Mapping[str, object]:
    resources = package["resources"]
    assert isinstance(resources, list)
    table = next(resource for resource in resources if resource["path"] == f"{name}.csv")
    return dict(table["schema"])


def _check(report: Report, name: str, folder: str, table: _Table, files: Mapping[str, object], csv: Path) -> None:
    table.write_csv(csv)
    facts = files.get(f"{name}.csv")
    if not isinstance(facts, dict) or sha256_of(csv) != facts.get("sha256"):
        report.found("verify.csv_differs", f"{folder}/{name}.csv", "", name)
    key = ", ".join(identifier(part) for part in table.key)
    if repeated := table.count(f"count(*) - count(DISTINCT ({key}))"):
        report.found("verify.key", f"{folder}/{name}.parquet", str(repeated), name, key="、".join(table.key))
    for required in table.required:
        if missing := table.count(f"count(*) - count({identifier(required)})"):
            report.found("verify.required", f"{folder}/{name}.parquet", str(missing), name, field=required)
