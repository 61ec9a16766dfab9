"""A synthetic dataset in three states, as releases in a store; and how it is published into a real CKAN."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.catalogue import Wanted
from pipelines.catalogue.ckan.mapping import release_mark
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings
from pipelines.store import Store
from tests.ckan.instance import Ckan
from tests.ckan.proxy import Fault, Proxy
from tests.ckan.values import Rows, canonical
from tests.kills.zygote import Ended, Nights

COLUMNS = "年度,番号,名称,人数,割合,調査日,有効"
SCHEMA = """\
title: {{ja: 停留所の利用（架空）, en: Use of stops (synthetic)}}
description: {{ja: 試験のために作った表, en: A table made up for tests}}
department: environment
update_frequency: annual
licence: CC-BY-4.0
guards: off
keywords:
  - {{ja: 架空, en: synthetic}}
fields:
  - {{name: fiscal_year, type: year, title: {{ja: 年度, en: Fiscal year}}, constraints: {{required: true}}}}
  - {{name: stop_id, type: string, title: {{ja: 番号, en: Stop}}, constraints: {{required: true}}}}
  - {{name: stop_name, type: string, title: {{ja: 名称, en: Name}}}}
  - {{name: boardings, type: integer, title: {{ja: 人数, en: Boardings}}, unit: person}}
  - {{name: share, type: {share}, title: {{ja: 割合, en: Share}}{unit}}}
  - {{name: surveyed, type: date, title: {{ja: 調査日, en: Day of the survey}}}}
  {last}
primaryKey: [fiscal_year, stop_id]
"""
SOURCE = """\
kind: csv
path: deliveries/{name}.csv
columns:
  {{fiscal_year: 年度, stop_id: 番号, stop_name: 名称, boardings: 人数, share: 割合,
    surveyed: 調査日, {last}: {header}}}
origins:
  - {{title: 架空の数字 / made up}}
"""
STATES = ("old", "gone", "few", "new", "columns")  # `gone`: the first release, withdrawn
PATIENCE, SHORT = 60.0, 1.5
IN_USE = "- {name: in_use, type: boolean, title: {ja: 有効, en: In use}}"
REMARK = "- {name: remark, type: string, title: {ja: 備考, en: Remark}}"


@dataclass(frozen=True)
class Release:
    """What a reader may find: the version, what marks it, the hash of every file, and the rows."""

    version: str
    identity: str
    withdrawn: bool
    files: Mapping[str, str]
    rows: Rows
    columns: frozenset[str]


@dataclass(frozen=True)
class Scenes:
    """A store with the releases of STATES of one dataset, and processes that publish them into a CKAN."""

    ckan: Ckan
    nights: Nights
    rivals: Nights
    folder: Path
    name: str
    entries: Mapping[str, int]

    @property
    def package(self) -> str:
        """The dataset's name in CKAN."""
        return self.name.replace("_", "-")

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline without CKAN."""
        return Pipeline.open(Settings(root=self.folder / "root", home=self.folder / "home"))

    def wanted(self, state: str) -> Wanted:
        """The release of a state, as a catalogue gets it."""
        pipeline = self.pipeline
        entry = next(found for found in pipeline.store.log.entries() if found.number == self.entries[state])
        return pipeline.wanted(entry)[self.name]

    @cached_property
    def releases(self) -> Mapping[str, Release]:
        """What a reader may find, by state."""
        return {state: release_of(self.wanted(state)) for state in self.entries}

    def spec(self, state: str, proxy: Proxy | None = None, patience: float = PATIENCE) -> dict[str, object]:
        """A publication of a state by a process of its own. `patience`: seconds until it gives a request up."""
        environment = {"CKAN_URL": self.ckan.url, "CKAN_API_TOKEN": self.ckan.editor_token, "no_proxy": ""}
        environment |= {"http_proxy": proxy.url if proxy else "", "CKAN_REQUESTS_PER_SECOND": "1000"}
        where = {"root": str(self.folder / "root"), "home": str(self.folder / "home")}
        what = {"entry": self.entries[state], "environment": environment, "patience": patience}
        return {"task": "tests.ckan.child:publish", **where, **what}

    def publish(self, state: str, proxy: Proxy | None = None) -> Ended | None:
        """Publish a state; how the process ended."""
        if proxy:
            proxy.begin()
        return self.nights.run(self.spec(state, proxy))

    def publish_badly(
        self, state: str, proxy: Proxy, fault: Fault, rival: Callable[[], None] | None = None
    ) -> Ended | None:
        """Publish a state while one request goes wrong; how the process ended. `rival`: who comes in between."""
        patience = SHORT if fault.kind == "time-out" else PATIENCE
        pid = self.nights.start({**self.spec(state, proxy, patience), "waits": True})
        assert self.nights.wait(pid) == "SIGSTOP"
        proxy.begin(fault, pid, rival or (lambda: self._rival(state)))
        return self.nights.go_on(pid)

    def _rival(self, state: str) -> None:
        """Somebody else publishes the same, from its beginning to its end."""
        self.rivals.run(self.spec(state))


def release_of(want: Wanted) -> Release:
    """What a reader may find of a release."""
    table = pq.read_table(want.path(f"{want.manifest.name}.parquet"))
    rows: Rows = Counter(canonical(row) for row in table.to_pylist())
    files = {path: want.manifest.file(path) for path in want.manifest.files}
    gone, columns = want.withdrawn is not None, frozenset(table.column_names)
    return Release(want.ref.version, release_mark(want), gone, files, rows, columns)


def make(ckan: Ckan, nights: Nights, rivals: Nights, folder: Path, name: str) -> Scenes:
    """Put the releases into a store; nothing is published."""
    root, entries = folder / "root", {}
    for part in ("schemas", "sources/deliveries"):
        (root / part).mkdir(parents=True)
    shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", root / "schemas" / "_city.yaml")
    log = Store(folder / "home" / "store").log
    for state in STATES:
        if state == "gone":
            entries[state] = log.withdraw(name, "steward", "試しに取り下げた", "").number
            log.give_back(name, "steward", "")
            continue
        _write(root, name, state)
        assert nights.run({"task": "night", "root": str(root), "home": str(folder / "home")}) == 0
        entries[state] = log.head().number
    return Scenes(ckan, nights, rivals, folder, name, entries)


def _write(root: Path, name: str, state: str) -> None:
    """The dataset's files in one state: `columns` has another last column, and text where there was a number."""
    changed = state == "columns"
    share, unit = ("string", "") if changed else ("number", ", unit: '%', decimals: 2")
    schema = SCHEMA.format(share=share, unit=unit, last=REMARK if changed else IN_USE)
    source = SOURCE.format(name=name, last="remark" if changed else "in_use", header="備考" if changed else "有効")
    (root / "schemas" / f"{name}.yaml").write_text(schema, encoding="utf-8")
    (root / "sources" / f"{name}.yaml").write_text(source, encoding="utf-8")
    header = COLUMNS.replace("有効", "備考") if changed else COLUMNS
    lines = [header, *rows_of(state)]
    (root / "sources" / "deliveries" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def rows_of(state: str) -> list[str]:
    """Rows of a delivery: `new` has five more than `old`, five less, five changed; `few` ten less, five changed."""
    numbers = {"old": range(40), "few": range(5, 35)}.get(state, range(5, 45))
    last = "備考" if state == "columns" else "true"
    bump = dict.fromkeys(range(10, 15), 7) if state != "old" else {}
    return [
        f"{2020 + n % 4},{n:03},停留所{n},{n * 10 + bump.get(n, 0)},{n / 4},2024-04-{n % 28 + 1:02},{last}"
        for n in numbers
    ]
