"""The rows of a DataStore table: read, compared with a release, and brought to it by the least that is sent.

A reader sees each step whole, because each is one transaction of CKAN's:

    nothing goes away                  one `datastore_upsert`
    rows only go away                  one `datastore_records_delete`
    rows go, at least as many come     one `datastore_upsert`: rows that go are overwritten, by `_id`, by rows that come
    more rows go than come, and        that upsert, then a delete of what is left over: between the two a reader still
    others come or change              meets rows that should be gone
    other columns or types             the table is dropped and made again with all its rows: between the two a reader
                                       is answered 404
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from ckanapi.errors import NotFound

from pipelines.catalogue.ckan.checksum import checksum_query
from pipelines.catalogue.ckan.client import Client
from pipelines.catalogue.ckan.columns import columns_of, infos_of, types_of
from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json
from pipelines.sqltext import identifier, literal, parquet

PAGE = 32_000  # rows of one search; CKAN's own limit
EXTENSION = "opendata_swap"  # the plugin of deploy/ckan/extension
CHECKSUM = "opendata_datastore_digest"  # an action of it
CHECKSUM = "opendata_datastore_digest"  # an action of it
BATCH = 20_000  # rows of one insert into a table that no reader sees yet


@dataclass(slots=True)
class Sent:
    """What bringing a table up to date came to: how many rows were sent, how many deleted; whether it was made anew."""

    rows: int = 0
    deleted: int = 0
    made: bool = False
    steps: list[str] = field(default_factory=list)


class Table:
    """One DataStore table, and the release that it should show; DuckDB compares them in a private folder."""

    def __init__(self, client: Client, want: Wanted, id_: str, workshop: Path) -> None:
        self.client, self.want, self.id = client, want, id_
        self.columns = columns_of(want)
        self.dataset = want.manifest.name
        self._rows = 0  # that the table had when it was compared
        self._rows = 0  # that the table had when it was compared
        self._csv = workshop / "shown.csv"
        self._duck = duckdb.connect()
        self._duck.execute(f"SET temp_directory = {literal(str(workshop / 'spill'))}")

    def close(self) -> None:
        """Let go of what was compared."""
        self._duck.close()

    def bring(self, *, seen: bool, known: bool) -> Sent:
        """Let the table have the release's rows and columns.

        `seen`: whether anyone can see it meanwhile. `known`: whether its resource says that it has a table; one that a
        purge of the dataset left behind is not known until `datastore_create` is called again.
        """
        sent, shown, total = Sent(), *self._looked()
        if shown is not None and types_of(shown) != types_of(self.columns.fields):
            if self._replaces:
                return self._replace(sent)
            self.drop()
            shown = None
        if shown is None:
            return self._make(sent, seen=seen)
        self.compare()
        if self._takes_two_steps() and self._replaces:
            return self._replace(sent)
        self._change(sent)
        if total != self._rows and not (sent.rows or sent.deleted):
            self._upsert("[]", "upsert")  # changes no row; CKAN forgets a count that it kept from before
        if shown != list(self.columns.fields) or not known:
            self._create()
        return sent

    def drop(self) -> None:
        """Remove the table. No job of CKAN's counts later what is by then another table."""
        self.client.call("datastore_delete", self.dataset, resource_id=self.id, calculate_record_count=False)

    def compare(self) -> None:
        """Put the difference into `_changed`, `_added` (wanted rows) and `_removed` (`_id`).

        All shown rows are read for it, unless their checksum is that of the wanted ones: then there is none.
        """
        equal = self._checksums_agree()
        self._read(iter(()) if equal else self._pages())
        self._rows = self.want.manifest.build.count if equal else self._count()
        names = self.columns.names
        self._duck.execute(f"CREATE OR REPLACE TABLE _wanted AS {self._wanted()} {'LIMIT 0' if equal else ''}")
        same = " AND ".join(f"s.{identifier(n)} IS NOT DISTINCT FROM {self._as_shown(n)}" for n in self.columns.key)
        others = [n for n in names if n not in self.columns.key]
        differs = " OR ".join(f"s.{identifier(n)} IS DISTINCT FROM {self._as_shown(n)}" for n in others) or "false"
        self._duck.execute(
            f"""CREATE OR REPLACE TABLE _changed AS
                SELECT s._id, w.* FROM _wanted w JOIN _shown s ON {same} WHERE {differs};
            CREATE OR REPLACE TABLE _added AS SELECT w.* FROM _wanted w ANTI JOIN _shown s ON {same};
            CREATE OR REPLACE TABLE _removed AS SELECT s._id FROM _shown s ANTI JOIN _wanted w ON {same}"""
        )

    def counts(self) -> tuple[int, int, int]:
        """How many rows the last comparison found changed, added and removed."""
        query = "SELECT (SELECT count(*) FROM _changed), (SELECT count(*) FROM _added), (SELECT count(*) FROM _removed)"
        changed, added, removed = self._duck.execute(query).fetchone() or (0, 0, 0)
        return changed, added, removed

    def differences(self) -> Iterator[tuple[str, object, object]]:
        """The fields in which the shown table differs: its columns, its count, then how many rows. Looks at it all."""
        shown, total = self._looked()
        if shown is None or types_of(shown) != types_of(self.columns.fields):
            yield "table.columns", types_of(shown or []), types_of(self.columns.fields)
            return
        if shown != list(self.columns.fields):
            yield "table.dictionary", infos_of(shown), infos_of(self.columns.fields)
        self.compare()
        for word, count in zip(("changed", "missing", "surplus"), self.counts(), strict=True):
            if count:
                yield f"table.rows.{word}", count, 0
        if total != self._rows:
            yield "table.total", total, self._rows

    def _looked(self) -> tuple[list[Json] | None, int]:
        """The columns that the table has now, without CKAN's own, and its count of rows; None when there is no table.

        CKAN keeps the count of whoever asked last, and forgets it after a write: who asks in the middle of one leaves
        a count of the moment before.
        """
        try:
            found = self.client.call("datastore_search", self.dataset, resource_id=self.id, limit=0)
        except NotFound:
            return None, 0
        return [one for one in found["fields"] if one["id"] != "_id"], int(found["total"])

    def _count(self) -> int:
        (count,) = self._duck.execute("SELECT count(*) FROM _shown").fetchone() or (0,)
        return int(count)

    def _make(self, sent: Sent, *, seen: bool) -> Sent:
        """Make the table: where readers could see it, in one call with all its rows; else empty, then in batches."""
        sent.made = True
        count = self.want.manifest.build.count
        if seen:
            self._create(self._records(f"FROM ({self._wanted()})", self.columns.names))
        elif count > BATCH and self._replaces:
            self._create()
            self._replace(sent)
        else:
            self._create()
            for start in range(0, count, BATCH):
                batch = f"FROM ({self._wanted()} LIMIT {BATCH} OFFSET {start})"
                self._upsert(self._records(batch, self.columns.names), "insert")
        sent.rows = count
        return sent

    @property
    def _replaces(self) -> bool:
        """Whether this CKAN has our optional extension."""
        return EXTENSION in self.client.extensions

    def _checksums_agree(self) -> bool:
        """Whether our extension, where it is installed, finds the rows as wanted; no question for a single page."""
        if self.want.manifest.build.count <= PAGE or not (self._replaces and self.client.offers(CHECKSUM)):
            return False
        found = self.client.call(CHECKSUM, self.dataset, resource_id=self.id, fields=self.columns.names)
        query = checksum_query(self.columns, parquet(self.want.path(f"{self.dataset}.parquet")))
        return (found["rows"], found["digest"]) == self._duck.execute(query).fetchone()

    def _takes_two_steps(self) -> bool:
        """Whether stock CKAN would show a reader something in between: more rows go than come, and others change."""
        changed, added, removed = self.counts()
        return removed > added and bool(changed + added)

    def _replace(self, sent: Sent) -> Sent:
        """Columns, dictionary and all rows in one step, by COPY: what our extension does in one request."""
        file = self._csv.with_name("wanted.csv")
        self._duck.execute(f"COPY ({self._wanted()}) TO {literal(str(file))} (FORMAT csv, HEADER, NULLSTR '')")
        columns = self.columns
        self.client.send(
            "opendata_datastore_replace",
            self.dataset,
            file,
            resource_id=self.id,
            fields=list(columns.fields),
            primary_key=list(columns.key),
            indexes=list(columns.key[1:]),
        )
        sent.rows = self.want.manifest.build.count
        return sent

    def _create(self, records: str = "") -> None:
        """`datastore_create`: columns and dictionary; key and indexes too, of which an existing table takes no harm."""
        columns = self.columns
        self.client.call(
            "datastore_create",
            self.dataset,
            records=records,
            resource_id=self.id,
            fields=list(columns.fields),
            primary_key=list(columns.key),
            indexes=list(columns.key[1:]),
            calculate_record_count=False,
        )

    def _change(self, sent: Sent) -> None:
        changed, added, removed = self.counts()
        over = min(added, removed)  # rows that go and are overwritten by rows that come
        self._duck.execute(
            """CREATE OR REPLACE TABLE _over AS
            SELECT r._id, a.* FROM (SELECT *, row_number() OVER () AS n FROM _removed) r
            JOIN (SELECT *, row_number() OVER () AS n FROM _added) a USING (n)"""
        )
        updates = "FROM (SELECT * FROM _changed UNION ALL SELECT * EXCLUDE (n) FROM _over)"
        inserts = f"FROM (SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM _added) WHERE n > {over})"
        parts = [self._records(updates, ["_id", *self.columns.names]), self._records(inserts, self.columns.names)]
        sent.rows = changed + added
        if added > removed:
            self._upsert(_joined(parts), "upsert")
        if changed + over:
            # The one step where nothing is inserted. Otherwise the same values again: only `update` renews what
            # full-text search finds of a row.
            self._upsert(parts[0], "update")
        if removed > over:
            sent.deleted = removed - over
            self._delete(over)

    def _upsert(self, records: str, method: str) -> None:
        self.client.call(
            "datastore_upsert",
            self.dataset,
            records=records,
            resource_id=self.id,
            method=method,
            calculate_record_count=False,
        )

    def _delete(self, over: int) -> None:
        query = f"SELECT _id FROM (SELECT _id, row_number() OVER () AS n FROM _removed) WHERE n > {over}"
        ids = [row[0] for row in self._duck.execute(query).fetchall()]
        self.client.call(
            "datastore_records_delete",
            self.dataset,
            resource_id=self.id,
            filters={"_id": ids},
            calculate_record_count=False,
        )

    def _read(self, pages: Iterator[str]) -> None:
        """The shown rows as texts in `_shown`."""
        columns = {"_id": "BIGINT"} | dict.fromkeys(self.columns.names, "VARCHAR")
        with self._csv.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pages)
        kinds = "{" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items()) + "}"
        form = (
            "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"
        )
        source = f"read_csv({literal(str(self._csv))}, columns = {kinds}, {form}, max_line_size = 16777216)"
        self._duck.execute(f"CREATE OR REPLACE TABLE _shown AS SELECT * FROM {source}")

    def _pages(self) -> Iterator[str]:
        """All rows of the table as CSV, in the order of their `_id`."""
        last = 0
        while page := self._page(last):
            yield page["records"]
            last = page["next_page"]["_id"]["gt"]

    def _page(self, last: int) -> dict[str, Any] | None:
        page = self.client.call(
            "datastore_search",
            self.dataset,
            resource_id=self.id,
            filters={"_id": {"gt": last}},
            fields=["_id", *self.columns.names],
            sort="_id",
            limit=PAGE,
            records_format="csv",
            include_total=False,
            include_next_page=True,
        )
        return dict(page) if page["records"] else None

    def _wanted(self) -> str:
        """SQL: the release's rows as texts, in the order of its key."""
        texts = ", ".join(f"{self._text(name)} AS {identifier(name)}" for name in self.columns.names)
        return f"SELECT {texts} FROM {parquet(self.want.path(f'{self.dataset}.parquet'))}"

    def _text(self, name: str) -> str:
        """SQL: a value of the release as PostgreSQL reads it, and mostly as it writes it into CSV."""
        quoted = identifier(name)
        if self._type(name) == "bool":
            return f"CASE WHEN {quoted} THEN 't' WHEN NOT {quoted} THEN 'f' END"
        return f"{quoted}::VARCHAR"

    def _as_shown(self, name: str) -> str:
        """SQL: a wanted text as CKAN shows it: of a time it tells no more than milliseconds."""
        quoted = f"w.{identifier(name)}"
        if self._type(name) == "timestamp":
            return f"strftime({quoted}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%g')"
        return quoted

    def _type(self, name: str) -> str:
        return str(next(one["type"] for one in self.columns.fields if one["id"] == name))

    def _records(self, relation: str, names: Sequence[str]) -> str:
        """Rows of texts as a JSON list; PostgreSQL casts them, so that no digit is lost on the way."""
        values = ", ".join(f"{literal(name)}: {identifier(name)}" for name in names)
        query = f"SELECT string_agg(to_json({{{values}}})::VARCHAR, ',') {relation}"
        (rows,) = self._duck.execute(query).fetchone() or (None,)
        return f"[{rows or ''}]"


def _joined(lists: Sequence[str]) -> str:
    return "[" + ",".join(inner for one in lists if (inner := one[1:-1])) + "]"
