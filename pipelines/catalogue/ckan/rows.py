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

from ckanapi.errors import NotFound

from pipelines.catalogue.ckan.client import Client
from pipelines.catalogue.ckan.columns import infos_of, types_of
from pipelines.catalogue.ckan.compared import Comparison
from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json

BATCH = 20_000  # rows of one insert into a table that no reader sees yet


@dataclass(slots=True)
class Sent:
    """What bringing a table up to date came to: how many rows were sent, how many deleted; whether it was made anew."""

    rows: int = 0
    deleted: int = 0
    made: bool = False
    steps: list[str] = field(default_factory=list)


class Table:
    """One DataStore table, and the release that it should show."""

    def __init__(self, client: Client, want: Wanted, id_: str, workshop: Path) -> None:
        self.client, self.want, self.id = client, want, id_
        self._compared = Comparison(client, want, id_, workshop)
        self.columns, self.dataset = self._compared.columns, self._compared.dataset

    def close(self) -> None:
        """Let go of what was compared."""
        self._compared.close()

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
        self._compared.compare()
        if self._takes_two_steps() and self._replaces:
            return self._replace(sent)
        self._change(sent)
        if total != self._compared.rows and not (sent.rows or sent.deleted):
            self._upsert("[]", "upsert")  # changes no row; CKAN forgets a count that it kept from before
        if shown != list(self.columns.fields) or not known:
            self._create()
        return sent

    def drop(self) -> None:
        """Remove the table. No job of CKAN's counts later what is by then another table."""
        self.client.call("datastore_delete", self.dataset, resource_id=self.id, calculate_record_count=False)

    def differences(self) -> Iterator[tuple[str, object, object]]:
        """The fields in which the shown table differs: its columns, its count, then how many rows. Looks at it all."""
        shown, total = self._looked()
        if shown is None or types_of(shown) != types_of(self.columns.fields):
            yield "table.columns", types_of(shown or []), types_of(self.columns.fields)
            return
        if shown != list(self.columns.fields):
            yield "table.dictionary", infos_of(shown), infos_of(self.columns.fields)
        self._compared.compare()
        for word, count in zip(("changed", "missing", "surplus"), self._compared.counts(), strict=True):
            if count:
                yield f"table.rows.{word}", count, 0
        if total != self._compared.rows:
            yield "table.total", total, self._compared.rows

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

    def _make(self, sent: Sent, *, seen: bool) -> Sent:
        """Make the table: where readers could see it, in one call with all its rows; else empty, then in batches."""
        sent.made = True
        count = self.want.manifest.build.count
        if seen:
            self._create(self._compared.records(f"FROM ({self._compared.wanted()})", self.columns.names))
        elif count > BATCH and self._replaces:
            self._create()
            self._replace(sent)
        else:
            self._create()
            for start in range(0, count, BATCH):
                batch = f"FROM ({self._compared.wanted()} LIMIT {BATCH} OFFSET {start})"
                self._upsert(self._compared.records(batch, self.columns.names), "insert")
        sent.rows = count
        return sent

    @property
    def _replaces(self) -> bool:
        return self._compared.is_extended

    def _takes_two_steps(self) -> bool:
        """Whether stock CKAN would show a reader something in between: more rows go than come, and others change."""
        changed, added, removed = self._compared.counts()
        return removed > added and bool(changed + added)

    def _replace(self, sent: Sent) -> Sent:
        """Columns, dictionary and all rows in one step, by COPY: what our extension does in one request."""
        columns = self.columns
        self.client.send(
            "opendata_datastore_replace",
            self.dataset,
            self._compared.all_as_csv(),
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
        changed, added, removed = self._compared.counts()
        over = min(added, removed)  # rows that go and are overwritten by rows that come
        updates, inserts = self._compared.overwrite(over)
        sent.rows = changed + added
        if added > removed:
            self._upsert(_joined([updates, inserts]), "upsert")
        if changed + over:
            # The one step where nothing is inserted. Otherwise the same values again: only `update` renews what
            # full-text search finds of a row.
            self._upsert(updates, "update")
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
        self.client.call(
            "datastore_records_delete",
            self.dataset,
            resource_id=self.id,
            filters={"_id": self._compared.left_over(over)},
            calculate_record_count=False,
        )


def _joined(lists: Sequence[str]) -> str:
    return "[" + ",".join(inner for one in lists if (inner := one[1:-1])) + "]"
