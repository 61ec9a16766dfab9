"""A real CKAN: the first load of a large table beside xloader's of the same file, and ten changed rows of 100,000.

`make bench-ckan`, or `python -m tests.bench.ckan` with `change`, `load`, or `extension` (the load without a stock
CKAN's); BENCH_CKAN_ROWS is the size of the large table. Prints ratios of one run, and what readers saw.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import duckdb
import requests
from ckanapi import NotFound
from pydantic import SecretStr

from pipelines.catalogue.ckan import CkanCatalogue
from pipelines.catalogue.ckan.resources import resource_id
from pipelines.catalogue.interface import Wanted
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings
from tests.bench.synthetic import NAME, make_town
from tests.ckan.instance import Ckan, catalogue
from tests.ckan.polling import polling

ROWS = int(os.environ.get("BENCH_CKAN_ROWS", "1000000"))
SLICE, CHANGED = 100_000, 10
PAUSE = 0.25  # seconds between the looks of a reader
Figure = tuple[str, str]


@dataclass
class Traffic:
    """What went to CKAN and came back while it was counted."""

    seconds: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    waited: dict[str, float] = field(default_factory=dict)
    sent: int = 0
    received: int = 0

    def __str__(self) -> str:
        total = sum(self.requests.values())
        named = ", ".join(f"{count} {name} {self.waited[name]:.1f} s" for name, count in self.requests.most_common())
        return f"{total} requests ({named}), {self.sent:,} B sent, {self.received:,} B received, {self.seconds:.1f} s"


@contextmanager
def counted() -> Iterator[Traffic]:
    """Count requests and the bytes of their bodies below ckanapi, where nothing can be left out."""
    traffic, send = Traffic(), requests.adapters.HTTPAdapter.send

    def counting(adapter: object, request: requests.PreparedRequest, **options: object) -> requests.Response:
        begun = time.perf_counter()
        response = send(adapter, request, **options)  # type: ignore[arg-type]
        if request.headers.get("User-Agent") != "opendata-pipeline":  # a reader's
            return response
        action = str(request.path_url).partition("?")[0].rpartition("/")[2]
        name = action if "/action/" in str(request.url) else "file"
        traffic.requests[name] += 1
        traffic.waited[name] = traffic.waited.get(name, 0) + time.perf_counter() - begun
        traffic.sent += int(request.headers.get("Content-Length", 0))
        traffic.received += int(response.headers.get("Content-Length", 0))
        return response

    requests.adapters.HTTPAdapter.send = counting  # type: ignore[method-assign,assignment]
    start = time.perf_counter()
    try:
        yield traffic
    finally:
        traffic.seconds = time.perf_counter() - start
        requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]


def released(root: Path, home: Path) -> Mapping[str, Wanted]:
    """What a night makes of a town, without any catalogue."""
    pipeline = replace(Pipeline.open(Settings(root=root, home=home)), catalogues=[])
    run_night(pipeline, "bench")
    return pipeline.wanted()


def publish(ckan: Ckan, wanted: Mapping[str, Wanted]) -> tuple[Traffic, Mapping[str, Counter[str]]]:
    """Publish with readers asking for the dataset and its table all the while."""
    ours = CkanCatalogue(ckan.url, SecretStr(ckan.editor_token), per_second=1000)
    table = resource_id(wanted[NAME], "table")

    def shown() -> str:
        time.sleep(PAUSE)
        with ckan.anyone() as reader:
            found = reader.call_action("package_show", {"id": NAME.replace("_", "-")})
        return f"version {found['version']}"

    def rows() -> str:
        time.sleep(PAUSE)
        with ckan.anyone() as reader:
            return f"{reader.call_action('datastore_search', {'resource_id': table, 'limit': 5})['total']:,} rows"

    with polling(dataset=shown, table=rows) as seen, counted() as traffic:
        ours.publish(lambda: wanted, [NAME])
    return traffic, seen


def xloader(ckan: Ckan, file: Path) -> float:
    """How long the same file takes: typed columns first, then upload, then xloader's COPY (its fastest way)."""
    _forget_xloaders(ckan)
    with ckan.editor() as editor:
        package = editor.call_action("package_create", {"name": "bench-xloader", "owner_org": "environment"})["id"]
        resource = editor.call_action("resource_create", {"package_id": package, "name": "file", "url": "x"})["id"]
        kinds = ["int", "int4", "text", "text", "numeric", "int", "date", "text"]
        with file.open(encoding="utf-8") as lines:
            names = next(lines).strip().split(",")
        fields = [
            {"id": name, "type": kind, "info": {"type_override": kind}} for name, kind in zip(names, kinds, strict=True)
        ]
        create = {"resource_id": resource, "fields": fields, "primary_key": [names[0]], "force": True}
        editor.call_action("datastore_create", create)
        start = time.perf_counter()
        with file.open("rb") as upload:
            patch = {"id": resource, "format": "CSV", "url_type": "upload"}
            editor.call_action("resource_patch", patch, files={"upload": (file.name, upload)})
        while _xloader_state(ckan, resource) != "complete":
            time.sleep(0.5)
        return time.perf_counter() - start


def _forget_xloaders(ckan: Ckan) -> None:
    """What an earlier run left in a CKAN that was kept."""
    with ckan.sysadmin() as sysadmin, suppress(NotFound):
        found = sysadmin.call_action("package_show", {"id": "bench-xloader"})
        for one in found["resources"]:
            sysadmin.call_action("datastore_delete", {"resource_id": one["id"], "force": True})
        sysadmin.call_action("dataset_purge", {"id": found["id"]})


def _xloader_state(ckan: Ckan, resource: str) -> str:
    key = {"entity_id": resource, "task_type": "xloader", "key": "xloader"}
    with ckan.sysadmin() as sysadmin:
        try:
            state = str(sysadmin.call_action("task_status_show", key)["state"])
        except NotFound:
            return "pending"
    if state == "error":
        raise RuntimeError(f"xloader failed; see {ckan.stack.log('worker')}")
    return state


def purge(ckan: Ckan, wanted: Mapping[str, Wanted]) -> None:
    with ckan.sysadmin() as sysadmin:
        sysadmin.call_action("datastore_delete", {"resource_id": resource_id(wanted[NAME], "table")})
        sysadmin.call_action("dataset_purge", {"id": NAME.replace("_", "-")})


def first_load(ckan: Ckan, base: Path, *, stock: bool = True) -> Iterator[Figure]:
    """The large table three ways, in one run on one catalogue; without the stock CKAN's, which takes longest, two."""
    file = make_town(base / "large", ROWS)
    wanted = released(base / "large", base / "home-large")
    yield "large table", f"{ROWS:,} rows × 8 columns, {file.stat().st_size / 2**20:,.0f} MiB of CSV"
    theirs = xloader(ckan, file)
    yield "xloader, typed table made before", f"{theirs:.1f} s"
    with ckan.switched(extension=True) as extended:
        traffic, seen = publish(extended, wanted)
    yield "first load with the extension / xloader, time", f"{traffic.seconds / theirs:.2f} × (goal < 1)"
    yield "  traffic, the reading back of every row and file included", str(traffic)
    yield "  readers saw", _told(seen)
    purge(ckan, wanted)
    if not stock:
        return
    traffic, seen = publish(ckan, wanted)
    yield "first load, stock / xloader, time", f"{traffic.seconds / theirs:.2f} ×"
    yield "  traffic, the reading back of every row and file included", str(traffic)
    yield "  readers saw", _told(seen)
    purge(ckan, wanted)


def ten_rows(ckan: Ckan, base: Path) -> Iterator[Figure]:
    """Ten changed rows of 100,000, on a stock CKAN."""
    file = make_town(base / "slice", SLICE)
    before = released(base / "slice", base / "home-slice")
    whole, _ = publish(ckan, before)
    _change(file)
    wanted = released(base / "slice", base / "home-slice")
    assert wanted[NAME].ref != before[NAME].ref
    traffic, seen = publish(ckan, wanted)
    yield f"{CHANGED} changed rows of {SLICE:,} / its first load, time", f"{traffic.seconds / whole.seconds:.2f} ×"
    yield "  traffic, the files of the new release included", str(traffic)
    yield "  readers saw", _told(seen)
    purge(ckan, wanted)


def _change(file: Path) -> None:
    """One figure more in CHANGED rows."""
    every = f"id::INT % {SLICE // CHANGED} = 5"
    persons = f"CASE WHEN {every} THEN (persons::INT + 1)::VARCHAR ELSE persons END AS persons"
    query = f"SELECT * REPLACE ({persons}) FROM read_csv('{file}', all_varchar = true)"
    changed = file.with_suffix(".new")
    duckdb.connect().execute(f"COPY ({query}) TO '{changed}' (FORMAT csv, HEADER)")
    changed.replace(file)


def _told(seen: Mapping[str, Counter[str]]) -> str:
    return "; ".join(
        f"{who}: {', '.join(f'{count} × {what}' for what, count in found.items())}" for who, found in seen.items()
    )


PARTS = {"change": ten_rows, "load": first_load}
MORE = {"extension": partial(first_load, stock=False)}


def main() -> None:
    base = Path(tempfile.mkdtemp(prefix="opendata-bench-"))
    try:
        with catalogue() as ckan:
            for part in sys.argv[1:] or list(PARTS):
                for name, figure in (PARTS | MORE)[part](ckan, base):
                    print(f"{name:<60} {figure}", flush=True)
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
