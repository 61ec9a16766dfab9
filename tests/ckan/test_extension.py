"""The optional extension: rows from a file, and a table in place of another that readers query all the while.

The catalogue is started again with it, and without xloader by the same restart: that costs half a minute.
"""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import httpx
import openpyxl
import pytest
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from pydantic import SecretStr

from pipelines.catalogue.ckan import CkanCatalogue
from pipelines.catalogue.interface import Wanted
from pipelines.night import run_night
from tests.ckan import clients, reader
from tests.ckan.instance import Ckan
from tests.ckan.polling import polling
from tests.kit import Town, town
from tests.packages.synthetic import as_csv, hard_rows, synthetic_town

ROWS = 5000
FIELDS = [
    {"id": "地区", "type": "text", "info": {"label": "地区名"}},
    {"id": "key", "type": "int"},
    {"id": "release", "type": "text"},
    {"id": "50%: 率", "type": "numeric"},
    {"id": "day", "type": "date"},
]


@pytest.fixture(scope="module")
def extended(ckan: Ckan) -> Iterator[Ckan]:
    with ckan.switched(extension=True, xloader=False) as extended:
        yield extended


@dataclass(frozen=True)
class Pair:
    """A dataset with a table that readers query, and a private one with a staged table."""

    ckan: Ckan
    editor: RemoteCKAN
    live: str
    staged: str

    def create(self, table: str, **more: object) -> None:
        call = {"resource_id": table, "fields": FIELDS, "primary_key": ["key"], "indexes": ["release"]}
        self.editor.call_action("datastore_create", {**call, **more})

    def load(self, table: str, text: str, **more: object) -> int:
        file = {"upload": ("rows.csv", io.BytesIO(text.encode()))}
        answer = self.editor.call_action("opendata_datastore_load", {"resource_id": table, **more}, files=file)
        return int(answer["rows"])

    def replace(self, fields: list[dict[str, object]], text: str) -> int:
        call = {"resource_id": self.live, "fields": json.dumps(fields), "primary_key": json.dumps(["key"])}
        file = {"upload": ("rows.csv", io.BytesIO(text.encode()))}
        return int(self.editor.call_action("opendata_datastore_replace", call, files=file)["rows"])

    def digest(self, table: str, names: list[str]) -> tuple[int, str]:
        call = {"resource_id": table, "fields": names}
        found = self.editor.call_action("opendata_datastore_digest", call)
        return found["rows"], found["digest"]

    def swap(self) -> int:
        call = {"resource_id": self.live, "staged_id": self.staged}
        return int(self.editor.call_action("opendata_datastore_swap", call)["rows"])

    def search(self, table: str | None = None, **more: object) -> dict[str, object]:
        with self.ckan.anyone() as reader:
            call = {"resource_id": table or self.live, "limit": 3 * ROWS, **more}
            return dict(reader.call_action("datastore_search", call))


def rows(release: str, count: int = ROWS, start: int = 0) -> str:
    """A CSV file with `count` rows of a release."""
    lines = [f"川崎区,{start + number},{release},{number}.5,2026-04-01" for number in range(count)]
    return "\n".join(["地区,key,release,50%: 率,day", *lines, ""])


@pytest.fixture
def pair(extended: Ckan) -> Iterator[Pair]:
    names = [f"stack-{uuid.uuid4().hex[:8]}" for _ in range(2)]
    with extended.editor() as editor:
        tables = []
        for name, private in zip(names, (False, True), strict=True):
            package = {"name": name, "owner_org": "environment", "private": private}
            package["resources"] = [{"name": "table", "url": "x", "url_type": "datastore"}]
            tables.append(editor.call_action("package_create", package)["resources"][0]["id"])
        pair = Pair(extended, editor, *tables)
        pair.create(pair.live, aliases=[f"alias_{names[0][6:]}"])
        pair.create(pair.staged)
        yield pair
    with extended.sysadmin() as sysadmin:
        for table in tables:
            try:
                sysadmin.call_action("datastore_delete", {"resource_id": table})
            except NotFound:  # it was swapped in
                continue
        for name in names:
            sysadmin.call_action("dataset_purge", {"id": name})


def test_the_publisher_finds_it_among_the_extensions(extended: Ckan) -> None:
    assert "opendata_swap" in extended.anyone().call_action("status_show")["extensions"]


def test_with_xloader_off_a_file_is_just_a_file(extended: Ckan) -> None:
    """Files are served, and tables are those that the API filled."""
    name, text = f"stack-{uuid.uuid4().hex[:8]}", "区,人口\n高津区,3\n"
    with extended.editor() as editor, extended.sysadmin() as sysadmin:
        package = editor.call_action("package_create", {"name": name, "owner_org": "environment"})["id"]
        about = {"package_id": package, "name": "file", "format": "CSV"}
        upload = {"upload": ("table.csv", io.BytesIO(text.encode()))}
        file = editor.call_action("resource_create", about, files=upload)
        time.sleep(3)
        served = httpx.get(file["url"], timeout=30)
        shown = editor.call_action("resource_show", {"id": file["id"]})
        sysadmin.call_action("dataset_purge", {"id": name})
    assert "xloader" not in extended.anyone().call_action("status_show")["extensions"]
    assert (served.text, shown["datastore_active"]) == (text, False)


def test_a_file_becomes_typed_rows_that_are_searched_like_upserted_ones(pair: Pair) -> None:
    """Values, types and full text are what the same rows come to through datastore_upsert."""
    assert pair.load(pair.live, 'key,day,地区,50%: 率,release\n1,2026-04-01,多摩区,0.5,\n2,,"宮前,区",,new\n') == 2
    records = [
        {"key": 1, "day": "2026-04-01", "地区": "多摩区", "50%: 率": "0.5", "release": None},
        {"key": 2, "day": None, "地区": "宮前,区", "50%: 率": None, "release": "new"},
    ]
    pair.editor.call_action("datastore_upsert", {"resource_id": pair.staged, "records": records})
    same = 'SELECT to_jsonb(t) FROM "{}" t ORDER BY _id'
    loaded, upserted = (pair.ckan.query(same.format(table)) for table in (pair.live, pair.staged))
    assert loaded == upserted
    assert [row["key"] for row in pair.search(q="多摩区")["records"]] == [1]


def test_a_table_without_full_text_costs_less_and_finds_no_words(pair: Pair) -> None:
    pair.load(pair.live, rows("old", 10), full_text=False)
    assert pair.search()["total"] == 10
    assert pair.search(q="川崎区")["total"] == 0


def test_a_table_is_replaced_in_one_request(pair: Pair) -> None:
    """Columns, types, dictionary, key and rows at once; readers meet the old table or the new one, dumps too."""
    pair.load(pair.live, rows("old"))
    fields = [{"id": "key", "type": "text", "info": {"label": "番号"}}, {"id": "release", "type": "text"}]
    text = "\n".join(["key,release", *(f"{number},new" for number in range(ROWS))])

    def search() -> str:
        found = pair.search()
        return f"{','.join(sorted({row['release'] for row in found['records']}))}:{len(found['records'])}"

    def dump() -> str:
        lines = httpx.get(f"{pair.ckan.url}/datastore/dump/{pair.live}", timeout=60).text.splitlines()[1:]
        return f"{','.join(sorted({'old' if ',old,' in line else 'new' for line in lines}))}:{len(lines)}"

    def copied() -> str:
        return str(str(pair.search(records_format="csv")["records"]).count("\n"))

    with polling(search=search, dump=dump, copied=copied) as seen:
        assert pair.replace(fields, text) == ROWS
    assert set(seen["search"]) == {f"old:{ROWS}", f"new:{ROWS}"}
    assert set(seen["dump"]) == {f"old:{ROWS}", f"new:{ROWS}"}
    assert set(seen["copied"]) == {str(ROWS)}
    assert [row["key"] for row in pair.search(sort="_id")["records"]] == [str(number) for number in range(ROWS)]
    assert pair.search(q="new", filters={"key": "7"})["total"] == 1
    assert pair.ckan.query("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_opendata%'").strip() == "0"
    info = pair.editor.call_action("datastore_info", {"id": pair.live})["fields"]
    assert [(field["id"], field["type"], field.get("info")) for field in info] == [
        ("key", "text", {"label": "番号"}),
        ("release", "text", None),
    ]


def test_a_replacement_that_does_not_fit_changes_nothing(pair: Pair) -> None:
    pair.load(pair.live, rows("old", 10))
    for fields, field in (([{"id": "key", "type": "int"}], "upload"), ([], "fields"), ([{"id": "_x"}], "fields")):
        with pytest.raises(ValidationError) as refused:
            pair.replace(fields, "key\nno number\n")
        assert field in refused.value.error_dict
    with pytest.raises(ValidationError) as refused:
        pair.replace([{"id": "key", "type": "int"}], "key\n1\n2\n2\n1\n")
    assert "upload" in refused.value.error_dict
    assert pair.ckan.query("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_opendata%'").strip() == "0"
    assert pair.search()["total"] == 10


@pytest.mark.parametrize(
    "text",
    ["nothing\n1\n", "key,key\n1,1\n", "key\nno number\n", "key,release\n1,a\n1,b\n", "key,release\n1\n", ""],
    ids=["unknown column", "column twice", "not of its type", "key twice", "too few values", "empty"],
)
def test_a_file_that_does_not_fit_changes_nothing(pair: Pair, text: str) -> None:
    pair.load(pair.live, rows("old", 10, start=100))
    before = pair.ckan.query(f"SELECT indexdef FROM pg_indexes WHERE tablename = '{pair.live}' ORDER BY 1")
    with pytest.raises(ValidationError) as refused:
        pair.load(pair.live, text)
    assert "upload" in refused.value.error_dict
    assert pair.search()["total"] == 10
    assert pair.ckan.query(f"SELECT indexdef FROM pg_indexes WHERE tablename = '{pair.live}' ORDER BY 1") == before


def test_readers_meet_the_old_table_or_the_new_one(pair: Pair) -> None:
    """Search, SQL and alias, asked all the while of two swaps: never empty, never mixed, never an error."""
    pair.load(pair.live, rows("old"))
    alias = pair.editor.call_action("datastore_info", {"id": pair.live})["meta"]["aliases"][0]

    def search(table: str) -> str:
        found = pair.search(table)
        seen = {row["release"] for row in found["records"]}
        return f"{','.join(sorted(seen))}:{len(found['records'])}:{found['total']}"

    def sql() -> str:
        query = f'SELECT release, count(*) AS n FROM "{pair.live}" GROUP BY 1'
        with pair.ckan.anyone() as reader:
            found = reader.call_action("datastore_search_sql", {"sql": query})
        return " ".join(f"{row['release']}:{row['n']}" for row in found["records"])

    with polling(search=lambda: search(pair.live), alias=lambda: search(alias), sql=sql) as seen:
        pair.load(pair.staged, rows("new", ROWS - 7))
        assert pair.swap() == ROWS - 7
        pair.create(pair.staged)
        pair.load(pair.staged, rows("newer", ROWS + 9))
        assert pair.swap() == ROWS + 9
    states = {"old": ROWS, "new": ROWS - 7, "newer": ROWS + 9}
    assert set(seen["search"]) | set(seen["alias"]) <= {f"{one}:{count}:{count}" for one, count in states.items()}
    assert set(seen["sql"]) <= {f"{release}:{count}" for release, count in states.items()}
    assert {f"old:{ROWS}", f"newer:{ROWS + 9}"} <= set(seen["sql"])


def test_after_a_swap_ckan_knows_the_table_as_its_own(pair: Pair) -> None:
    """Types and dictionary came along, indexes have CKAN's names, and stock actions go on without a second index."""
    fields = [{"id": "key", "type": "text"}, {"id": "release", "type": "text", "info": {"label": "版"}}]
    pair.editor.call_action("datastore_delete", {"resource_id": pair.staged})
    call = {"resource_id": pair.staged, "fields": fields, "primary_key": ["key"], "indexes": ["release"]}
    pair.editor.call_action("datastore_create", call)
    pair.load(pair.staged, "key,release\na,new\n")
    pair.swap()
    count = f"SELECT count(*) FROM pg_indexes WHERE tablename = '{pair.live}'"
    before = pair.ckan.query(count)
    pair.editor.call_action("datastore_create", {**call, "resource_id": pair.live})
    pair.editor.call_action("datastore_upsert", {"resource_id": pair.live, "records": [{"key": "a", "release": "b"}]})
    assert pair.ckan.query(count) == before
    info = pair.editor.call_action("datastore_info", {"id": pair.live})
    assert [(field["id"], field["type"], field.get("info")) for field in info["fields"]] == [
        ("key", "text", None),
        ("release", "text", {"label": "版"}),
    ]
    assert [row["release"] for row in pair.search()["records"]] == ["b"]


def test_the_staged_table_is_gone_after_the_swap(pair: Pair) -> None:
    """Which is how a publisher whose answer was lost sees that it took effect."""
    pair.load(pair.staged, rows("new", 3))
    pair.swap()
    with pytest.raises(NotFound):
        pair.editor.call_action("datastore_info", {"id": pair.staged})
    with pytest.raises(ValidationError) as refused:
        pair.swap()
    assert list(refused.value.error_dict) == ["staged_id", "__type"]
    assert pair.search()["total"] == 3


def test_metadata_does_not_move(pair: Pair) -> None:
    package = pair.editor.call_action("resource_show", {"id": pair.live})["package_id"]
    before = json.dumps(pair.editor.call_action("package_show", {"id": package}))
    pair.load(pair.staged, rows("new", 3))
    pair.swap()
    assert json.dumps(pair.editor.call_action("package_show", {"id": package})) == before


def test_both_packages_must_be_the_users_to_change(pair: Pair) -> None:
    """An editor of another organisation can neither replace this table nor take it away; nor can anyone."""
    name = f"stack-{uuid.uuid4().hex[:8]}"
    with pair.ckan.sysadmin() as sysadmin:
        sysadmin.call_action("organization_create", {"name": name})
        package = {"name": name, "owner_org": name, "resources": [{"name": "t", "url": "x", "url_type": "datastore"}]}
        foreign = sysadmin.call_action("package_create", package)["resources"][0]["id"]
        sysadmin.call_action("datastore_create", {"resource_id": foreign, "fields": FIELDS})
    try:
        for live, staged in ((foreign, pair.staged), (pair.live, foreign)):
            with pytest.raises(NotAuthorized):
                Pair(pair.ckan, pair.editor, live, staged).swap()
        with pytest.raises(NotAuthorized):
            Pair(pair.ckan, pair.ckan.anyone(), pair.live, pair.staged).load(pair.live, rows("bad", 1))
    finally:
        with pair.ckan.sysadmin() as sysadmin:
            sysadmin.call_action("datastore_delete", {"resource_id": foreign})
            sysadmin.call_action("dataset_purge", {"id": name})
            sysadmin.call_action("organization_purge", {"id": name})


def test_what_someone_built_on_the_table_is_not_dropped(pair: Pair) -> None:
    """A materialised view of a person's own makes the swap impossible, and says so; nothing changes."""
    pair.load(pair.live, rows("old", 3))
    pair.load(pair.staged, rows("new", 4))
    pair.ckan.query(f'CREATE MATERIALIZED VIEW "of_{pair.live[:8]}" AS SELECT count(*) FROM "{pair.live}"')
    try:
        with pytest.raises(ValidationError) as refused:
            pair.swap()
    finally:
        pair.ckan.query(f'DROP MATERIALIZED VIEW "of_{pair.live[:8]}"')
    assert list(refused.value.error_dict) == ["resource_id", "__type"]
    assert (pair.search()["total"], pair.swap(), pair.search()["total"]) == (3, 4, 4)


def test_a_digest_is_of_values_and_not_of_their_order(pair: Pair) -> None:
    """The same rows in another order have one; another value, a value in another column or none at all, another."""
    names = ["key", "地区", "release"]
    pair.load(pair.live, "key,地区,release\n1,ab,c\n2,,d\n")
    first = pair.digest(pair.live, names)
    pair.load(pair.staged, "key,地区,release\n2,,d\n1,ab,c\n")
    assert pair.digest(pair.staged, names) == first
    for other in ("1,a,bc\n2,,d\n", "1,ab,c\n2,d,\n", '1,ab,c\n2,"",d\n', "1,ab,c\n2,-,d\n", "1,ab,c\n"):
        pair.replace([*FIELDS[:3]], f"key,地区,release\n{other}")
        assert pair.digest(pair.live, names) != first
    pair.replace([*FIELDS[:3]], "key,地区,release\n")
    assert pair.digest(pair.live, names) == (0, "0-0")


def test_a_digest_is_asked_by_get_and_by_who_may_change_the_table(pair: Pair) -> None:
    """It reads the whole table: not for everyone to ask. A column that is not there is refused by name."""
    call = {"resource_id": pair.live, "fields": json.dumps(["key"])}
    url, token = f"{pair.ckan.url}/api/3/action/opendata_datastore_digest", pair.ckan.editor_token
    assert httpx.get(url, params=call, headers={"Authorization": token}, timeout=60).json()["result"]["rows"] == 0
    assert httpx.get(url, params=call, timeout=60).status_code == 403
    for names in (["_id"], ['no"column'], [], [1]):
        with pytest.raises(ValidationError) as refused:
            pair.digest(pair.live, names)  # type: ignore[arg-type]
        assert "fields" in refused.value.error_dict


WASTE, SYNTHETIC = "waste_per_capita", "synthetic"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[Mapping[str, Wanted]]:
    """Two releases of one dataset; the second has a row less, and another figure in one that stays."""
    made = town(tmp_path_factory.mktemp("extension"), [WASTE])
    return [_released(made, "first"), _released(_edited(made), "second")]


def _released(made: Town, name: str) -> Mapping[str, Wanted]:
    pipeline = replace(made.open(), catalogues=[])
    run_night(pipeline, name)
    return pipeline.wanted()


def _edited(made: Town) -> Town:
    path = made.delivery(WASTE)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B5"] = 999
    book.worksheets[0].delete_rows(7)
    book.save(path)
    schema = made.root / "schemas" / f"{WASTE}.yaml"
    schema.write_text(schema.read_text(encoding="utf-8") + "guards: off\n", encoding="utf-8")
    return made


def test_the_publisher_uses_it_where_stock_ckan_would_show_something_in_between(
    extended: Ckan, versions: list[Mapping[str, Wanted]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first load that is not small, and a release in which more rows go than come while others change."""
    asked: list[str] = []
    listen = [lambda when, request: asked.append(request.action) if when == "before" else None]
    monkeypatch.setattr("pipelines.catalogue.ckan.client.observers", listen)
    monkeypatch.setattr("pipelines.catalogue.ckan.rows.BATCH", 1)
    reader.purge(extended, WASTE)
    for wanted in versions:
        asked.clear()
        CkanCatalogue(extended.url, SecretStr(extended.editor_token)).publish(lambda w=wanted: w, [WASTE])
        assert asked.count("opendata_datastore_replace") == 1
        assert not {"datastore_upsert", "datastore_records_delete", "datastore_delete"} & set(asked)
        shown = reader.package(extended.anyone(), WASTE)
        released = csv.reader(wanted[WASTE].path(f"{WASTE}.csv").read_text(encoding="utf-8-sig").splitlines()[1:])
        found = reader.rows(extended.anyone(), shown)
        assert [[str(value) for value in row] for row in found] == sorted(released)
    assert (len(found), found[0][1]) == (2, 999)
    reader.purge(extended, WASTE)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Wanted]:
    """A release with values of every type that are hard to bring through."""
    pipeline = replace(synthetic_town(tmp_path_factory.mktemp("hard"), as_csv(hard_rows())).open(), catalogues=[])
    run_night(pipeline, "hard")
    return pipeline.wanted()


def test_a_checksum_spares_the_publisher_to_read_every_row(
    extended: Ckan, hard: Mapping[str, Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of more than one page: no row is read as long as its checksum is right, whatever the values; else all."""
    monkeypatch.setattr("pipelines.catalogue.ckan.compared.PAGE", 10)
    reader.purge(extended, SYNTHETIC)
    catalogue = CkanCatalogue(extended.url, SecretStr(extended.editor_token))
    assert _searches(lambda: catalogue.publish(lambda: hard, [SYNTHETIC]), monkeypatch) == 2  # columns and count
    assert _searches(lambda: catalogue.drift(hard), monkeypatch) == 1
    assert not catalogue.drift(hard)
    id_ = reader.resource(reader.package(extended.anyone(), SYNTHETIC), "table")["id"]
    extended.query(f"""UPDATE "{id_}" SET moment = moment + interval '1 microsecond' WHERE code = '010'""")
    assert _searches(lambda: catalogue.drift(hard), monkeypatch) > 2
    extended.query(f"""UPDATE "{id_}" SET amount = amount + 1 WHERE code = '010'""")
    assert [(one.field, one.shown) for one in catalogue.drift(hard)] == [("table.rows.changed", "1")]
    reader.purge(extended, SYNTHETIC)


def test_an_extension_of_an_older_day_gives_no_checksum_and_rows_are_read(
    extended: Ckan, hard: Mapping[str, Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.catalogue.ckan.compared.PAGE", 10)
    monkeypatch.setattr("pipelines.catalogue.ckan.compared.CHECKSUM", "opendata_datastore_not_yet_digest")
    reader.purge(extended, SYNTHETIC)
    catalogue = CkanCatalogue(extended.url, SecretStr(extended.editor_token))
    assert _searches(lambda: catalogue.publish(lambda: hard, [SYNTHETIC]), monkeypatch) > 3
    assert not catalogue.drift(hard)
    reader.purge(extended, SYNTHETIC)


def _searches(done: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the table was asked for rows or columns."""
    asked: list[str] = []
    listen = [lambda when, request: asked.append(request.action) if when == "before" else None]
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.catalogue.ckan.client.observers", listen)
        done()
    return asked.count("datastore_search")


def test_with_its_profile_the_catalogue_is_dcat_ap(extended: Ckan, versions: list[Mapping[str, Wanted]]) -> None:
    """The official shapes find nothing at all in the whole catalogue: media types, formats, publisher, language."""
    CkanCatalogue(extended.url, SecretStr(extended.editor_token)).publish(lambda: versions[0], [WASTE])
    graph = clients.catalogue_graph(extended.url)
    with extended.anyone() as anyone:
        shown = reader.package(anyone, WASTE)
    for found, released in clients.distributions(graph, shown, versions[0][WASTE]):
        assert found == released
    assert clients.violations(graph) == {}
    reader.purge(extended, WASTE)
