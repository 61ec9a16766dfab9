"""What a DataStore table shows beside the rows of a release: read, and compared in DuckDB as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalogue.ckan.checksum import checksum_query
from pipelines.catalogue.ckan.client import Client
from pipelines.catalogue.ckan.columns import columns_of
from pipelines.catalogue.interface import Wanted
from pipelines.sqltext import identifier, literal, parquet

PAGE = 32_000  # rows of one search; CKAN's own limit
EXTENSION = "opendata_swap"  # the plugin of deploy/ckan/extension
CHECKSUM = "opendata_datastore_digest"  # an action of it


class Comparison:
    """The rows of a table and those of a release, in a private folder. `rows`: how many the table had."""

    def __init__(self, client: Client, want: Wanted, id_: str, workshop: Path) -> None:
        self.client, self.want, self.id = client, want, id_
        self.columns = columns_of(want)
        self.dataset = want.manifest.name
        self.rows = 0
        self._csv = workshop / "shown.csv"
        self._duck = duckdb.connect()
        self._duck.execute(f"SET temp_directory = {literal(str(workshop / 'spill'))}")

    @property
    def is_extended(self) -> bool:
        """Whether this CKAN has our optional extension."""
        return EXTENSION in self.client.extensions

    def close(self) -> None:
        """Let go of what was compared."""
        self._duck.close()

    def compare(self) -> None:
        """Put the difference into `_changed`, `_added` (wanted rows) and `_removed` (`_id`).

        All shown rows are read for it, unless their checksum is that of the wanted ones: then there is none.
        """
        equal = self._checksums_agree()
        self._read(iter(()) if equal else self._pages())
        self.rows = self.want.manifest.build.count if equal else self._count()
        names = self.columns.names
        self._duck.execute(f"CREATE OR REPLACE TABLE _wanted AS {self.wanted()} {'LIMIT 0' if equal else ''}")
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

    def overwrite(self, over: int) -> tuple[str, str]:
        """JSON lists of rows: those to update by their `_id`, and those to insert.

        `over` of the removed rows are overwritten by as many of the added ones.
        """
        self._duck.execute(
            """CREATE OR REPLACE TABLE _over AS
            SELECT r._id, a.* FROM (SELECT *, row_number() OVER () AS n FROM _removed) r
            JOIN (SELECT *, row_number() OVER () AS n FROM _added) a USING (n)"""
        )
        updates = "FROM (SELECT * FROM _changed UNION ALL SELECT * EXCLUDE (n) FROM _over)"
        inserts = f"FROM (SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM _added) WHERE n > {over})"
        return self.records(updates, ["_id", *self.columns.names]), self.records(inserts, self.columns.names)

    def left_over(self, over: int) -> list[int]:
        """The `_id` of the removed rows that nothing overwrites."""
        query = f"SELECT _id FROM (SELECT _id, row_number() OVER () AS n FROM _removed) WHERE n > {over}"
        return [row[0] for row in self._duck.execute(query).fetchall()]

    def all_as_csv(self) -> Path:
        """A file of all wanted rows, as PostgreSQL's COPY reads them."""
        file = self._csv.with_name("wanted.csv")
        self._duck.execute(f"COPY ({self.wanted()}) TO {literal(str(file))} (FORMAT csv, HEADER, NULLSTR '')")
        return file

    def wanted(self) -> str:
        """SQL: the release's rows as texts, in the order of its key."""
        texts = ", ".join(f"{self._text(name)} AS {identifier(name)}" for name in self.columns.names)
        return f"SELECT {texts} FROM {parquet(self.want.path(f'{self.dataset}.parquet'))}"

    def records(self, relation: str, names: Sequence[str]) -> str:
        """Rows of texts as a JSON list; PostgreSQL casts them, so that no digit is lost on the way."""
        values = ", ".join(f"{literal(name)}: {identifier(name)}" for name in names)
        query = f"SELECT string_agg(to_json({{{values}}})::VARCHAR, ',') {relation}"
        (rows,) = self._duck.execute(query).fetchone() or (None,)
        return f"[{rows or ''}]"

    def _checksums_agree(self) -> bool:
        """Whether our extension, where it is installed, finds the rows as wanted; no question for a single page."""
        if self.want.manifest.build.count <= PAGE or not (self.is_extended and self.client.offers(CHECKSUM)):
            return False
        found = self.client.call(CHECKSUM, self.dataset, resource_id=self.id, fields=self.columns.names)
        query = checksum_query(self.columns, parquet(self.want.path(f"{self.dataset}.parquet")))
        return (found["rows"], found["digest"]) == self._duck.execute(query).fetchone()

    def _count(self) -> int:
        (count,) = self._duck.execute("SELECT count(*) FROM _shown").fetchone() or (0,)
        return int(count)

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
