"""The private CKAN is what the publisher builds on: Japanese search, DataStore, DCAT, xloader, an editor's limits."""

from __future__ import annotations

import io
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
import rdflib
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError

from deploy.ckan.prepare import prepare
from pipelines.datasets import load_repository
from pipelines.settings import REPOSITORY
from tests.ckan.instance import Ckan

FOUND = {
    "stack-waste": ("家庭ごみの収集量", "区別の収集実績"),
    "stack-industrial-waste": ("一般廃棄物の処理", "焼却した量"),
    "stack-collection-points": ("ゴミ集積所", "Points where waste is collected"),
    "stack-nambu": ("南武線の乗車人員", "駅別の1日平均"),
    "stack-seismic": ("住宅の耐震化率", "木造住宅の戸数"),
}


@pytest.fixture(scope="module")
def titled(ckan: Ckan) -> Iterator[RemoteCKAN]:
    """Five datasets whose titles a citizen might look for."""
    with ckan.editor() as editor, ckan.sysadmin() as sysadmin:
        for name, (title, notes) in FOUND.items():
            editor.call_action(
                "package_create", {"name": name, "title": title, "notes": notes, "owner_org": "environment"}
            )
        yield editor
        for name in FOUND:
            sysadmin.call_action("dataset_purge", {"id": name})


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("収集", {"stack-waste"}),
        ("南武線", {"stack-nambu"}),
        ("耐震", {"stack-seismic"}),
        ("ごみ", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("ゴミ", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("廃棄物", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("collected", {"stack-collection-points"}),
        ("存在しない語", set()),
    ],
)
def test_japanese_words_and_their_synonyms_are_found(titled: RemoteCKAN, word: str, names: set[str]) -> None:
    """A word inside a title is found, and so are other words for the same thing; English by its stem."""
    found = titled.call_action("package_search", {"q": word, "fq": "name:stack-*", "rows": 100})
    assert {package["name"] for package in found["results"]} == names


@dataclass(frozen=True)
class Dataset:
    """A dataset of this test's own."""

    name: str
    id: str
    editor: RemoteCKAN

    def resource(self, **about: object) -> str:
        return str(self.editor.call_action("resource_create", {"package_id": self.id, **about})["id"])

    def upload(self, content: str) -> str:
        """A CSV file as a person would upload it in the form."""
        about = {"package_id": self.id, "name": "file", "format": "CSV"}
        file = {"upload": ("table.csv", io.BytesIO(content.encode()))}
        return str(self.editor.call_action("resource_create", about, files=file)["id"])

    def rows(self, resource: str) -> list[dict[str, object]]:
        found = self.editor.call_action("datastore_search", {"resource_id": resource})
        return [{key: value for key, value in row.items() if key != "_id"} for row in found["records"]]

    def loaded(self, resource: str, seconds: float) -> list[dict[str, object]] | None:
        """The rows of its table once it has any; None when there is none within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(NotFound):
                if rows := self.rows(resource):
                    return rows
            time.sleep(0.5)
        return None


@pytest.fixture
def dataset(ckan: Ckan) -> Iterator[Dataset]:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    with ckan.editor() as editor:
        package = {"name": name, "title": "区別の人口", "notes": "試験", "owner_org": "environment"}
        yield Dataset(name, editor.call_action("package_create", package)["id"], editor)
    with ckan.sysadmin() as sysadmin:
        sysadmin.call_action("dataset_purge", {"id": name})


FIELDS = [
    {"id": "区", "type": "text", "info": {"label": "区名", "notes": "行政区", "unit": ""}},
    {"id": "人口", "type": "numeric", "info": {"label": "人口", "notes": "住民登録", "unit": "人"}},
]


def test_the_datastore_keeps_types_and_dictionary(dataset: Dataset, ckan: Ckan) -> None:
    """A typed table with its dictionary, made by the editor and queried by anyone, by SQL too."""
    table = dataset.resource(name="table", url="x", url_type="datastore")
    rows = [{"区": "川崎区", "人口": 233000}, {"区": "麻生区", "人口": 181000.5}]
    create = {"resource_id": table, "fields": FIELDS, "primary_key": ["区"], "records": rows}
    dataset.editor.call_action("datastore_create", create)
    with ckan.anyone() as reader:
        info = reader.call_action("datastore_info", {"id": table})
        sql = f"""SELECT sum("人口") AS n FROM "{table}\""""
        total = reader.call_action("datastore_search_sql", {"sql": sql})["records"]
    assert [{key: field[key] for key in ("id", "type", "info")} for field in info["fields"]] == FIELDS
    assert total == [{"n": 414000.5}]


def test_xloader_loads_files_and_leaves_our_tables_alone(dataset: Dataset) -> None:
    """With xloader on an uploaded file becomes a table, and a table that the API filled stays as it was."""
    table = dataset.resource(name="table", url="x", url_type="datastore", format="CSV")
    create = {"resource_id": table, "fields": FIELDS, "records": [{"区": "幸区", "人口": 1}]}
    dataset.editor.call_action("datastore_create", create)
    file = dataset.upload("区,人口\n中原区,2\n")
    assert dataset.loaded(file, 60) == [{"区": "中原区", "人口": "2"}]
    assert dataset.rows(table) == [{"区": "幸区", "人口": 1}]


@pytest.mark.parametrize(("ending", "form"), [("ttl", "turtle"), ("xml", "xml"), ("jsonld", "json-ld")])
def test_dcat_tells_of_a_dataset(dataset: Dataset, ckan: Ckan, ending: str, form: str) -> None:
    """Each form of DCAT is read by a library that no one here wrote, and holds the Japanese title."""
    graph = rdflib.Graph()
    for address in (f"dataset/{dataset.name}", "catalog"):
        graph.parse(data=httpx.get(f"{ckan.url}/{address}.{ending}", timeout=60).content, format=form)
    titles = {str(title) for title in graph.objects(predicate=rdflib.DCTERMS.title)}
    assert "区別の人口" in titles
    assert list(graph.subjects(rdflib.RDF.type, rdflib.DCAT.Catalog))


# What an editor can't do, and the publisher therefore never tries: docs/ckan.md says how it copes.
FORBIDDEN = {
    "dataset_purge": {"id": "{dataset}"},
    "organization_create": {"name": "stack-another"},
    "organization_patch": {"id": "environment", "title": "another"},
    "group_create": {"name": "stack-another"},
    "group_patch": {"id": "sdg-12", "title": "another"},
    "vocabulary_create": {"name": "stack-another", "tags": []},
    "datastore_function_create": {"name": "another", "rettype": "trigger", "definition": "BEGIN RETURN NEW; END;"},
    "datastore_run_triggers": {"resource_id": "{dataset}"},
    "user_create": {"name": "another", "email": "a@example.invalid", "password": "12345678"},
    "config_option_update": {"ckan.site_title": "another"},
}


@pytest.mark.parametrize("action", FORBIDDEN)
def test_an_editor_is_refused(dataset: Dataset, action: str) -> None:
    arguments = {
        key: value.format(dataset=dataset.name) if isinstance(value, str) else value
        for key, value in FORBIDDEN[action].items()
    }
    with pytest.raises((NotAuthorized, NotFound)):
        dataset.editor.call_action(action, arguments)


def test_an_editor_cannot_choose_a_packages_id_but_a_resources(dataset: Dataset) -> None:
    """A package's id is CKAN's choice; that is why our own id stands in a field. A resource's id is ours to choose."""
    chosen = str(uuid.uuid4())
    package = {"name": f"stack-{chosen[:8]}", "id": chosen, "owner_org": "environment"}
    with pytest.raises(ValidationError) as refused:
        dataset.editor.call_action("package_create", package)
    assert "id" in refused.value.error_dict
    assert dataset.resource(name="table", url="x", id=chosen) == chosen


def test_an_editor_of_one_organisation_is_none_of_another(dataset: Dataset, ckan: Ckan) -> None:
    """An organisation that the editor was not made a member of is closed to it."""
    name = f"stack-{uuid.uuid4().hex[:8]}"
    with ckan.sysadmin() as sysadmin:
        sysadmin.call_action("organization_create", {"name": name})
        try:
            with pytest.raises((NotAuthorized, ValidationError)):
                dataset.editor.call_action("package_create", {"name": name, "owner_org": name})
        finally:
            sysadmin.call_action("organization_purge", {"id": name})


def test_a_member_of_a_group_may_put_datasets_into_it(dataset: Dataset) -> None:
    """The least capacity, member, is enough for the groups of the goals."""
    dataset.editor.call_action("package_patch", {"id": dataset.id, "groups": [{"name": "sdg-12"}]})
    assert [group["name"] for group in dataset.editor.call_action("package_show", {"id": dataset.id})["groups"]] == [
        "sdg-12"
    ]


def test_preparing_again_changes_nothing(ckan: Ckan) -> None:
    """The step that a sysadmin runs once leaves what is there as it is, titles that the city changed included."""
    with ckan.sysadmin() as sysadmin:
        sysadmin.call_action("group_patch", {"id": "sdg-17", "title": "パートナーシップ"})
        prepare(sysadmin, load_repository(REPOSITORY).city)
        shown = sysadmin.call_action("group_show", {"id": "sdg-17"})
    assert shown["title"] == "パートナーシップ"


def test_tokens_are_for_their_owner_only(ckan: Ckan) -> None:
    """The files with tokens, passwords and CKAN's configuration can be read by nobody else."""
    secret = [ckan.stack.editor_token, ckan.stack.sysadmin_token, ckan.stack.ini, ckan.stack.folder / "secrets.json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in secret] == [0o600] * 4
