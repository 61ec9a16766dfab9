"""Reads files as the night does, each in a process of its own: what became of it, how long it took, its peak.

`python -m tests.hostile.child KIND PATH …` prints a line of JSON a file. The processes are forked off one that has
imported what reading needs, so that what is measured is the reading.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.datasets import Source
from pipelines.errors import DeliveryRefused
from pipelines.findings import Place
from pipelines.reading import apart
from pipelines.reading.read import Delivered, explain_bulk_failure, read

LIMIT = 6 << 30  # bytes of address space: should a guard fail, the machine lives
LOADED = (pa,)


def main() -> None:
    for kind, name in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        sys.stdout.flush()
        if pid := os.fork():
            _, status = os.waitpid(pid, 0)
            if status:
                print(json.dumps({"code": f"died {status}", "seconds": 0, "before": 0, "peak": 0}))
            continue
        try:
            print(json.dumps(measured(kind, Path(name))), flush=True)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told
            print(f"{name}: {error!r}", file=sys.stderr, flush=True)
            os._exit(1)


def measured(kind: str, path: Path) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    before, started = peak(), time.monotonic()
    code = read_as_the_night(kind, path)
    seconds = time.monotonic() - started
    apart.close()
    return {"code": code, "seconds": seconds, "before": before, "peak": peak()}


def read_as_the_night(kind: str, path: Path) -> str:
    """`read`, or the code of the refusal."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection, tempfile.TemporaryDirectory() as workshop:
        return read_with(connection, kind, path, Path(workshop))


def read_with(connection, kind: str, path: Path, workshop: Path) -> str:
    """The same with a connection and a folder that are there already."""
    source = Source.model_validate({"kind": kind, "path": "x", "columns": {"value": "値"}})
    delivered, place = Delivered(path, path.name, "0" * 64), Place("x", path.name)
    try:
        raw = read(connection, source, delivered, place, workshop)
        return explained(connection, raw.relation, source, delivered, place)
    except DeliveryRefused as refused:
        found = refused.finding.found
        return f"{refused.code} {found}" if found.startswith("SIG") else refused.code  # by the end of its reader


def explained(connection, relation: str, source: Source, delivered: Delivered, place: Place) -> str:
    try:
        connection.sql(f"SELECT count(*), max(value) FROM ({relation})").fetchall()
    except duckdb.InvalidInputException as error:
        return explain_bulk_failure(source, delivered, place, error).code
    return "read"


def peak() -> int:
    """The most memory that the process ever had, in MB, and the one that opens workbooks for it, once it is over."""
    return (
        sum(resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    )


if __name__ == "__main__":
    main()
