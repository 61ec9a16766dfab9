"""What the publisher asks of CKAN, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pipelines.catalogue import Action, Wanted
from pipelines.catalogue.ckan import CkanCatalogue
from pipelines.catalogue.ckan.client import Client, Request, observers
from pipelines.datasets import load_repository
from pipelines.errors import CatalogueError
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.release import descriptor
from pipelines.settings import REPOSITORY
from pipelines.store import Withdrawal
from tests.ckan import reader
from tests.ckan.instance import Ckan
from tests.packages.synthetic import as_csv, hard_rows, synthetic_town

NAME = "synthetic"
COLUMNS = """
  - {{name: code, type: string, title: {{ja: 番号, en: Code}}}}
  - {{name: amount, type: {kind}, title: {{ja: 量, en: Amount}}}}
  - {{name: remark, type: string, title: {{ja: 備考, en: Remark}}}}
"""
SCHEMA = """
title: {{ja: 合成データ, en: Synthetic data}}
description: {{ja: 試験のために作った値。実在しない。, en: Made up for a test. Not real.}}
department: environment
update_frequency: once
licence: CC-BY-4.0
guards: off
primaryKey: [code]
fields:{columns}"""
SOURCE = """
kind: csv
path: deliveries/synthetic.csv
columns: {code: code, amount: amount, remark: remark}
"""
SMALL, LARGE = 300, 100_000
Rows = Sequence[tuple[str, str, str]]


def rows_of(count: int, **others: str) -> list[tuple[str, str, str]]:
    """Rows with the codes c000000 …; `others` are amounts by code."""
    codes = [f"c{number:06}" for number in range(count)]
    return [(code, others.get(code, "1.50"), f"行 {code}") for code in codes]


def delivery(rows: Rows) -> str:
    return "code,amount,remark\n" + "".join(f"{','.join(row)}\n" for row in rows)


def released(folder: Path, rows: Rows, kind: str = "number, decimals: 2") -> Wanted:
    """The release of some rows, after those that were made in the folder before."""
    schema = SCHEMA.format(columns=COLUMNS.format(kind=kind))
    if not folder.exists():
        town = synthetic_town(folder, delivery(rows), schema, SOURCE)
    else:
        from tests.kit import Town

        town = Town(folder / "town", folder / "home")
        (town.root / "sources/deliveries/synthetic.csv").write_text(delivery(rows), encoding="utf-8")
        (town.root / "schemas/synthetic.yaml").write_text(schema, encoding="utf-8")
    return wanted(replace(town.open(), catalogues=[]))


def wanted(pipeline: Pipeline) -> Wanted:
    night = run_night(pipeline, "test")
    assert night.exit_code == 0, night.results
    return pipeline.wanted()[NAME]


@dataclass
class Scene:
    """A CKAN, and a publisher whose requests are written down."""

    ckan: Ckan
    folder: Path

    def release(self, rows: Rows, kind: str = "number, decimals: 2") -> Wanted:
        return released(self.folder / "made", rows, kind)

    def catalogue(self) -> CkanCatalogue:
        return CkanCatalogue(self.ckan.url, SecretStr(self.ckan.editor_token), per_second=1000)

    def publish(self, want: Wanted) -> list[str]:
        """Publish a release; the writing requests that it took."""
        made: list[str] = []

        def heard(when: str, request: Request) -> None:
            if when == "before" and request.writes:
                made.append(request.action)

        observers.append(heard)
        try:
            self.catalogue().publish(lambda: {NAME: want}, [NAME])
        finally:
            observers.remove(heard)
        return made

    def shown(self) -> dict[str, Any]:
        with self.ckan.anyone() as anyone:
            return reader.package(anyone, NAME)

    def rows(self) -> list[list[Any]]:
        with self.ckan.anyone() as anyone:
            return reader.rows(anyone, self.shown())

    def agrees(self, want: Wanted) -> bool:
        return not self.catalogue().drift({NAME: want})


@pytest.fixture
def scene(ckan: Ckan, tmp_path: Path) -> Iterator[Scene]:
    _forget(ckan)
    yield Scene(ckan, tmp_path)
    _forget(ckan)


def _forget(ckan: Ckan) -> None:
    """Let CKAN forget the dataset, and the table that a purge leaves behind."""
    reader.purge(ckan, NAME)
    city = load_repository(REPOSITORY).city.local_government_code
    dataset = uuid.uuid5(descriptor._NAMESPACE, f"{city}/{NAME}")
    ckan.query(f'DROP TABLE IF EXISTS "{uuid.uuid5(dataset, "table")}"')


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[list[Mapping[str, Any]]]:
    """The rows of every request that sends rows."""
    sent: list[list[Mapping[str, Any]]] = []
    call = Client.call

    def listening(self: Client, action: str, dataset: str = "", *, records: str = "", **data: object) -> Any:
        if records:
            sent.append(json.loads(records))
        return call(self, action, dataset, records=records, **data)

    monkeypatch.setattr(Client, "call", listening)
    return sent


def test_only_the_difference_is_sent_and_each_kind_of_it_in_one_request(
    scene: Scene, records: list[list[Mapping[str, Any]]]
) -> None:
    """Changed rows: one update. Rows that only go: one delete. Rows that go and come: the ones are overwritten by the
    others. A claim comes before, files and metadata in one step after."""
    first = scene.release(rows_of(SMALL))
    assert scene.publish(first) == [
        "package_create",
        "datastore_create",
        "datastore_upsert",
        "resource_create_default_resource_views",
        "package_revise",
    ]
    records.clear()
    ten = {f"c{number:06}": "2.50" for number in range(0, SMALL, SMALL // 10)}
    changed = scene.release(rows_of(SMALL, **ten))
    assert scene.publish(changed) == ["package_revise", "datastore_upsert", "package_revise"]
    assert [len(sent) for sent in records] == [10]
    assert scene.agrees(changed)

    fewer = scene.release(rows_of(SMALL, **ten)[:-5])
    assert scene.publish(fewer) == ["package_revise", "datastore_records_delete", "package_revise"]
    assert scene.agrees(fewer)

    records.clear()
    moved = scene.release([*rows_of(SMALL, **ten)[5:-5], *(("d" + row[0], *row[1:]) for row in rows_of(5))])
    # The fourth release: the files of the first one have had their time.
    assert scene.publish(moved) == ["package_revise", "datastore_upsert", "package_revise", "package_revise"]
    assert [len(sent) for sent in records] == [5]
    assert all("_id" in row for row in records[0])
    assert scene.agrees(moved)


def test_more_rows_go_than_come(scene: Scene) -> None:
    """The one case that stock CKAN can't do in one step: an update, then a delete of what is left over."""
    scene.publish(scene.release(rows_of(SMALL)))
    less = scene.release(rows_of(SMALL - 20, c000003="9.00"))
    made = scene.publish(less)
    assert made == ["package_revise", "datastore_upsert", "datastore_records_delete", "package_revise"]
    assert scene.agrees(less)


def test_other_columns_are_a_new_table_under_the_same_id(scene: Scene) -> None:
    """The type of a column changes: resource id, package and addresses stay."""
    before = scene.release(rows_of(SMALL))
    scene.publish(before)
    ids = {role: reader.resource(scene.shown(), role)["id"] for role in ("table", "csv", "parquet", "datapackage")}
    whole = scene.release([(code, "1", remark) for code, _, remark in rows_of(SMALL)], "integer")
    assert whole.ref.version == "2.0.0"
    made = scene.publish(whole)
    assert made[:3] == ["package_revise", "datastore_delete", "datastore_create"]
    assert scene.agrees(whole)
    assert ids == {role: reader.resource(scene.shown(), role)["id"] for role in ids}
    with scene.ckan.anyone() as anyone:
        found = anyone.call_action("datastore_search", {"resource_id": ids["table"], "limit": 0})
    assert [one["type"] for one in found["fields"]] == ["int", "text", "int8", "text"]


def test_every_value_comes_through_unchanged(scene: Scene) -> None:
    """Line ends, quotes, signs of missing values, eighteen digits, times to the microsecond; blanks stay blanks."""
    town = synthetic_town(scene.folder / "hard", as_csv(hard_rows()))
    want = wanted(replace(town.open(), catalogues=[]))
    scene.publish(want)
    assert list(scene.catalogue().drift({NAME: want})) == []
    assert len(scene.rows()) == want.manifest.build.count


def test_ids_survive_deletion_and_purge(scene: Scene) -> None:
    """CKAN gives a purged dataset a new id; the resources, and the table that a purge leaves behind, keep theirs."""
    want = scene.release(rows_of(SMALL))
    scene.publish(want)
    before = {role: reader.resource(scene.shown(), role)["id"] for role in ("table", "csv", "parquet", "datapackage")}
    with scene.ckan.sysadmin() as sysadmin:
        sysadmin.call_action("dataset_purge", {"id": NAME})
    scene.publish(want)
    assert before == {role: reader.resource(scene.shown(), role)["id"] for role in before}
    assert scene.agrees(want)
    with scene.ckan.editor() as editor:
        editor.call_action("package_delete", {"id": NAME})
    scene.publish(want)
    assert before == {role: reader.resource(scene.shown(), role)["id"] for role in before}
    assert scene.agrees(want)


def test_what_people_of_the_catalogue_add_stays(scene: Scene) -> None:
    """Their fields, tags, groups and resources outlive a release and a withdrawal, and are no drift."""
    first = scene.release(rows_of(SMALL))
    scene.publish(first)
    with scene.ckan.editor() as editor:
        shown = scene.shown()
        editor.call_action("package_patch", {"id": NAME, "extras": [*shown["extras"], {"key": "窓口", "value": "1番"}]})
        editor.call_action("package_patch", {"id": NAME, "tags": [*shown["tags"], {"name": "市民の声"}]})
        editor.call_action("package_patch", {"id": NAME, "groups": [{"name": "sdg-17"}]})
        editor.call_action("resource_create", {"package_id": NAME, "name": "解説", "url": "https://city.example/"})
    assert scene.agrees(first)
    second = scene.release(rows_of(SMALL, c000001="7.00"))
    scene.publish(second)
    gone = replace(second, withdrawn=Withdrawal("2026-11-24T00:00:00+00:00", "steward", "x"))
    for want in (second, gone, second):
        scene.publish(want)
        shown = scene.shown()
        assert {"key": "窓口", "value": "1番"} in shown["extras"]
        assert "市民の声" in {tag["name"] for tag in shown["tags"]}
        assert "sdg-17" in {group["name"] for group in shown["groups"]}
        assert "解説" in {one["name"] for one in shown["resources"]}
        assert scene.agrees(want)


def test_nothing_is_written_when_nothing_changed(scene: Scene) -> None:
    """Of a dataset that CKAN shows as it should, a look is one search, and a publication writes nothing."""
    want = scene.release(rows_of(SMALL))
    scene.publish(want)
    asked: list[str] = []

    def heard(when: str, request: Request) -> None:
        asked.append(request.action) if when == "before" else None

    observers.append(heard)
    try:
        assert scene.catalogue().differences({NAME: want}) == []
        assert asked == ["package_search"]
        assert scene.publish(want) == []
    finally:
        observers.remove(heard)


def test_a_count_that_ckan_kept_from_before_is_renewed(scene: Scene) -> None:
    """CKAN counts on another connection and keeps what it counted: whoever asks while rows are being written can
    leave a count of the moment before, for ever. A publication notices it and has it renewed; drift tells it later."""
    want = scene.release(rows_of(SMALL))

    def ask_in_between(when: str, request: Request) -> None:
        if (when, request.action) == ("after", "datastore_upsert"):
            observers.remove(ask_in_between)
            _keep_count(scene, 0)

    observers.append(ask_in_between)
    scene.publish(want)
    with scene.ckan.anyone() as anyone:
        table = reader.resource(scene.shown(), "table")["id"]
        assert anyone.call_action("datastore_search", {"resource_id": table, "limit": 1})["total"] == SMALL
    _keep_count(scene, 7)
    assert [(one.field, one.shown) for one in scene.catalogue().drift({NAME: want})] == [("table.total", "7")]


def _keep_count(scene: Scene, count: int) -> None:
    """What CKAN's own function writes down when it has counted."""
    with scene.ckan.editor() as editor:
        table = reader.resource(reader.package(editor, NAME), "table")["id"]
    values = f"VALUES ('{table}', '{{\"rows\": {count}}}')"
    scene.ckan.query(
        f"INSERT INTO _table_stats {values} ON CONFLICT (resource_id) DO UPDATE SET stats = EXCLUDED.stats"
    )


def test_what_an_older_backup_does_not_know_stays(scene: Scene) -> None:
    """The log was put back to a state before what CKAN shows: no version is stepped back, and none is given twice.

    The same delivery comes to the very same release. A withdrawal is a decision, and goes through."""
    older = scene.release(rows_of(SMALL))
    shutil.copytree(scene.folder / "made", scene.folder / "backup")
    newer = scene.release(rows_of(SMALL, c000001="7.00"))
    scene.publish(newer)
    shutil.rmtree(scene.folder / "made")
    shutil.copytree(scene.folder / "backup", scene.folder / "made")
    before = scene.shown()
    for want in (older, scene.release(rows_of(SMALL, c000001="8.00"))):
        with pytest.raises(CatalogueError) as raised:
            scene.publish(want)
        assert (raised.value.code, raised.value.finding.found) == ("catalogue.other_release", newer.ref.version)
    assert scene.shown() == before
    shutil.rmtree(scene.folder / "made")
    shutil.copytree(scene.folder / "backup", scene.folder / "made")
    again = scene.release(rows_of(SMALL, c000001="7.00"))
    assert scene.publish(again) == []
    assert scene.agrees(again)
    scene.publish(replace(older, withdrawn=Withdrawal("2026-11-24T00:00:00+00:00", "steward", "x")))
    assert "opendata_withdrawn" in {item["key"] for item in scene.shown()["extras"]}


def test_a_dataset_that_is_not_ours_is_never_overwritten(scene: Scene) -> None:
    """A name that somebody else's dataset has is a finding."""
    with scene.ckan.editor() as editor:
        editor.call_action(
            "package_create", {"name": NAME, "title": "手で作った", "notes": "x", "owner_org": "environment"}
        )
    want = scene.release(rows_of(3))
    with pytest.raises(CatalogueError) as raised:
        scene.publish(want)
    assert raised.value.code == "catalogue.name_taken"
    assert scene.shown()["title"] == "手で作った"


def test_a_stale_search_hit_does_not_hide_that_the_name_is_taken(scene: Scene) -> None:
    """The search index may still have our dataset when the database has it no longer, and the name is another's."""
    want = scene.release(rows_of(3))
    scene.publish(want)
    index = f"http://127.0.0.1:{scene.ckan.stack.solr_port}/solr/ckan"
    (document,) = httpx.get(f"{index}/select", params={"q": f"id:{scene.shown()['id']}"}).json()["response"]["docs"]
    _forget(scene.ckan)
    document.pop("_version_", None)
    httpx.post(f"{index}/update", params={"commit": "true"}, json=[document]).raise_for_status()
    theirs = {"name": NAME, "title": "手で作った", "notes": "x", "owner_org": "environment"}
    try:
        with scene.ckan.editor() as editor:
            editor.call_action("package_create", theirs)
        with pytest.raises(CatalogueError) as raised:
            scene.publish(want)
    finally:
        httpx.post(f"{index}/update", params={"commit": "true"}, json={"delete": document["index_id"]})
    assert raised.value.code == "catalogue.name_taken"
    assert scene.shown()["title"] == "手で作った"


def test_the_log_decides_even_where_it_goes_back(scene: Scene) -> None:
    """What CKAN shows comes after what is wanted: the log is read again before that is believed, then it is done."""
    first, second = scene.release(rows_of(SMALL)), scene.release(rows_of(SMALL, c000003="9.00"))
    scene.publish(first)
    scene.publish(second)
    asked: list[Wanted] = []

    def look() -> Mapping[str, Wanted]:
        asked.append(first)
        return {NAME: first}

    assert scene.catalogue().publish(look, [NAME]) == [Action(NAME, "outdated")]
    assert (len(asked), scene.shown()["version"], scene.agrees(first)) == (2, first.ref.version, True)


@pytest.mark.parametrize(
    ("url", "token", "code"),
    [("", "no-such-token", "catalogue.forbidden"), ("http://127.0.0.1:9", "", "catalogue.unreachable")],
)
def test_what_went_wrong_has_a_code_and_tells_no_token(
    scene: Scene, url: str, token: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is not known, a server that is not there."""
    monkeypatch.setattr("pipelines.catalogue.ckan.client.pause", lambda _: None)
    monkeypatch.setattr("pipelines.catalogue.ckan.publish.pause", lambda _: None)
    want = scene.release(rows_of(3))
    secret = token or scene.ckan.editor_token
    catalogue = CkanCatalogue(url or scene.ckan.url, SecretStr(secret), per_second=1000)
    with pytest.raises(CatalogueError) as raised:
        catalogue.publish(lambda: {NAME: want}, [NAME])
    assert raised.value.code == code
    assert secret not in raised.value.finding.text("ja") + raised.value.finding.text("en") + repr(catalogue.client)


@pytest.mark.long
def test_ten_changed_rows_of_a_hundred_thousand(scene: Scene, records: list[list[Mapping[str, Any]]]) -> None:
    """Ten rows are sent, in one request."""
    scene.publish(scene.release(rows_of(LARGE)))
    records.clear()
    ten = {f"c{number:06}": "2.50" for number in range(0, LARGE, LARGE // 10)}
    want = scene.release(rows_of(LARGE, **ten))
    assert scene.publish(want) == ["package_revise", "datastore_upsert", "package_revise"]
    assert [len(sent) for sent in records] == [10]
    assert [action.name for action in scene.catalogue().differences({NAME: want})] == []
    assert Action(NAME, "damaged") not in scene.catalogue().differences({NAME: want})
