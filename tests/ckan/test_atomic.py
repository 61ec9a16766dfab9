"""What a reader of a real CKAN sees while a publisher writes: the facts that the publisher's order of steps rests on.

Each test has its readers ask all the while. What is not one step is shown as well: docs/ckan.md calls it a window.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from ckanapi import RemoteCKAN, ValidationError

from tests.ckan.instance import Ckan
from tests.ckan.polling import polling

ROWS = 2000


@dataclass(frozen=True)
class Shelf:
    """A dataset with a DataStore table of ROWS rows, all of release `old`."""

    ckan: Ckan
    editor: RemoteCKAN
    dataset: str
    table: str

    def releases(self) -> str:
        """What a search shows: each release and how many rows of it."""
        with self.ckan.anyone() as reader:
            found = reader.call_action("datastore_search", {"resource_id": self.table, "limit": 10 * ROWS})
        rows = [row["release"] for row in found["records"]]
        return " ".join(f"{one}:{rows.count(one)}" for one in sorted(set(rows))) or "empty"

    def releases_by_sql(self) -> str:
        sql = f"""SELECT release, count(*) AS n FROM "{self.table}" GROUP BY 1 ORDER BY 1"""
        with self.ckan.anyone() as reader:
            found = reader.call_action("datastore_search_sql", {"sql": sql})
        return " ".join(f"{row['release']}:{row['n']}" for row in found["records"]) or "empty"

    def upsert(self, rows: range, release: str = "new", method: str = "upsert", **more: object) -> None:
        records = [{"key": number, "release": release} for number in rows]
        call = {"resource_id": self.table, "method": method, "records": records, "calculate_record_count": False}
        self.editor.call_action("datastore_upsert", {**call, **more})


@pytest.fixture
def shelf(ckan: Ckan) -> Iterator[Shelf]:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    with ckan.editor() as editor:
        package = {"name": name, "title": name, "owner_org": "environment"}
        package["resources"] = [{"name": "table", "url": "x", "url_type": "datastore"}]
        table = editor.call_action("package_create", package)["resources"][0]["id"]
        fields = [{"id": "key", "type": "int"}, {"id": "release", "type": "text"}]
        create = {"resource_id": table, "fields": fields, "primary_key": ["key"]}
        create["records"] = [{"key": number, "release": "old"} for number in range(ROWS)]
        editor.call_action("datastore_create", create)
        yield Shelf(ckan, editor, name, table)
    with ckan.sysadmin() as sysadmin:
        sysadmin.call_action("dataset_purge", {"id": name})


def test_inserts_and_updates_of_one_call_are_one_step(shelf: Shelf) -> None:
    """One datastore_upsert that changes every row and adds as many: readers meet the old table or the new one."""
    with polling(search=shelf.releases, sql=shelf.releases_by_sql) as seen:
        shelf.upsert(range(2 * ROWS))
    whole = {f"old:{ROWS}", f"new:{2 * ROWS}"}
    assert set(seen["search"]) == whole
    assert set(seen["sql"]) == whole


def test_two_calls_are_two_steps(shelf: Shelf) -> None:
    """The same in two calls: readers meet a mixture. So that the test above could have failed."""
    with polling(search=shelf.releases, sql=shelf.releases_by_sql) as seen:
        shelf.upsert(range(ROWS // 2))
        shelf.upsert(range(ROWS // 2, 2 * ROWS))
    assert f"new:{ROWS // 2} old:{ROWS // 2}" in seen["sql"]


def test_one_bad_row_changes_no_row(shelf: Shelf) -> None:
    """A call is all or nothing: its last record does not fit, and none of it is there."""
    records = [{"key": number, "release": "new"} for number in range(ROWS)] + [{"key": "no number", "release": "new"}]
    with pytest.raises(ValidationError):
        shelf.editor.call_action("datastore_upsert", {"resource_id": shelf.table, "records": records})
    assert shelf.releases_by_sql() == f"old:{ROWS}"


def test_rows_that_go_are_overwritten_by_rows_that_come(shelf: Shelf) -> None:
    """Keys may change by `_id` within one call: rows go and others come in one step, although nothing is deleted."""
    records = [{"_id": number + 1, "key": number + ROWS, "release": "new"} for number in range(ROWS)]
    call = {"resource_id": shelf.table, "records": records, "method": "update", "calculate_record_count": False}
    with polling(search=shelf.releases, sql=shelf.releases_by_sql) as seen:
        shelf.editor.call_action("datastore_upsert", call)
    assert set(seen["search"]) == set(seen["sql"]) == {f"old:{ROWS}", f"new:{ROWS}"}
    assert shelf.ckan.query(f'SELECT min(key), max(key), count(*) FROM "{shelf.table}"').strip() == (
        f"{ROWS}|{2 * ROWS - 1}|{ROWS}"
    )


def test_of_four_that_claim_at_once_one_wins(shelf: Shelf) -> None:
    """`package_revise` with `match` on a field of our own is compare-and-set: the others are refused on `match`."""
    shelf.editor.call_action("package_patch", {"id": shelf.dataset, "version": "0"})

    def claim(number: int) -> str:
        wanted = {"match": {"name": shelf.dataset, "version": "0"}, "update": {"version": f"of {number}"}}
        with shelf.ckan.editor() as editor:
            try:
                editor.call_action("package_revise", wanted)
            except ValidationError as error:
                return ",".join(key for key in error.error_dict if key != "__type")
            return "won"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(claim, range(4)))
    assert outcomes == ["match", "match", "match", "won"]


def test_a_stable_address_is_repointed_with_its_hash_in_one_step(shelf: Shelf) -> None:
    """Immutable files named by their resource's id, and a stable resource that leads to one of them.

    Following what package_show tells, a reader always gets the bytes whose hash stands beside the address.
    """
    stable = str(uuid.uuid4())
    _repoint(shelf, stable, b"key,release\n1,old\n", first=True)

    def read() -> str:
        with shelf.ckan.anyone() as reader:
            package = reader.call_action("package_show", {"id": shelf.dataset})
        (shown,) = [one for one in package["resources"] if one["id"] == stable]
        bytes_ = httpx.get(shown["url"], timeout=60).raise_for_status().content
        return "agree" if hashlib.sha256(bytes_).hexdigest() == shown["hash"] else "differ"

    def follow() -> str:
        address = f"{shelf.ckan.url}/dataset/{shelf.dataset}/resource/{stable}/download/table.csv"
        answer = httpx.get(address, follow_redirects=True, timeout=60).raise_for_status()
        return {b"key,release\n1,old\n": "old", b"key,release\n1,new\n": "new"}.get(answer.content, "neither")

    with polling(read=read, follow=follow) as seen:
        _repoint(shelf, stable, b"key,release\n1,new\n", first=False)
    assert set(seen["read"]) == {"agree"}
    assert set(seen["follow"]) == {"old", "new"}


def _repoint(shelf: Shelf, stable: str, content: bytes, *, first: bool) -> None:
    """One package_revise: a resource with the file, and the stable one leading to it (added when `first`)."""
    file = str(uuid.uuid4())
    url = f"{shelf.ckan.url}/dataset/{shelf.dataset}/resource/{file}/download/table.csv"
    # a url_type that names a loader keeps xloader away; CKAN takes it for a link
    leading = {"id": stable, "name": "csv", "url": url, "url_type": "datapusher", "format": "CSV"}
    leading["hash"] = hashlib.sha256(content).hexdigest()
    added = [{"id": file, "name": "file", "url": "table.csv", "format": "CSV"}]
    form: dict[str, object] = {"match": {"name": shelf.dataset}}
    if first:
        added.append(leading)
    else:
        form[f"update__resources__{stable[:8]}"] = leading
    form["update__resources__extend"] = added
    form[f"update__resources__{file[:8]}__upload"] = ("table.csv", content)
    _revise(shelf, form)


def _revise(shelf: Shelf, form: dict[str, object]) -> None:
    files = {key: value for key, value in form.items() if isinstance(value, tuple)}
    data = {key: json.dumps(value) for key, value in form.items() if key not in files}
    answer = httpx.post(
        f"{shelf.ckan.url}/api/3/action/package_revise",
        data=data,
        files=files,
        headers={"Authorization": shelf.ckan.editor_token},
        timeout=60,
    )
    assert answer.is_success, answer.text
