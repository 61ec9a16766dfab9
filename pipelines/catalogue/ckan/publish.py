"""One dataset: look, claim, rows, files and metadata in one step, read-back. No journal: each attempt looks anew.

Killed anywhere, the next attempt finds what is there and goes on. A lost answer is looked for, its request never sent
again.
"""

from __future__ import annotations

import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal

from ckanapi.errors import NotFound

from pipelines import durable
from pipelines.catalogue.ckan import resources as res
from pipelines.catalogue.ckan import shown as look
from pipelines.catalogue.ckan.client import Client, pause
from pipelines.catalogue.ckan.failures import Conflict, Mismatch, Refused, Unanswered, conflict
from pipelines.catalogue.ckan.mapping import ID, Package, organisation_of, package_of, tombstone_of
from pipelines.catalogue.ckan.readback import files_differing, find, serves
from pipelines.catalogue.ckan.rows import Table
from pipelines.catalogue.ckan.shown import Shown
from pipelines.catalogue.interface import Action, Wanted
from pipelines.catalogue.past import other_release
from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place
from pipelines.release.descriptor import Json

ATTEMPTS = 6
TURN = 10.0  # seconds for which another publisher is given way, at the least; twice as long at the most
Reason = Literal["absent", "outdated", "damaged"]


class Publication:
    """One dataset on its way to be shown as wanted."""

    def __init__(self, client: Client, name: str, look: Callable[[], Mapping[str, Wanted]]) -> None:
        self.client, self.name, self._wanted = client, name, look
        self._token = uuid.uuid4().hex
        self._touched = False  # rows were sent, and no look has compared them since
        self._unverified = False  # something was written, and nothing has been read back since

    def run(self, want: Wanted, *, doubted: bool = False) -> Action | None:
        """Bring it there; what had to be done, None when nothing. Raises CatalogueError.

        `doubted`: rows and files are compared too, where the metadata is as it should be.
        """
        reason: Reason | None = None
        self._touched = doubted
        for attempt in range(1, ATTEMPTS + 1):
            begun = time.monotonic()
            try:
                reason = self._attempt(want, reason, attempt)
            except NotFound as error:  # what was there a moment ago is gone
                if attempt == ATTEMPTS:
                    raise Conflict(conflict(self.name), {}) from error
                pause(attempt)
            except (Conflict, Unanswered, Mismatch) as error:
                if attempt == ATTEMPTS or (attempt > 1 and isinstance(error, Mismatch)):
                    self._mark(want)
                    raise
                pause(attempt)
                if isinstance(error, Conflict):
                    self._give_way(want, time.monotonic() - begun)
                want = self._wanted()[self.name]
            else:
                break
        return Action(self.name, reason) if reason else None

    def _mark(self, want: Wanted) -> None:
        """Let the next look find the dataset damaged: by its metadata alone it may be well, whatever is served."""
        if not self._unverified:
            return
        with suppress(CatalogueError, NotFound):
            shown = find(self.client, want) or {}
            if look.resource(shown, res.resource_id(want, "table")).get(look.CHECKED):
                self._revise(shown, look.doubted(shown, res.resource_id(want, "table")))

    def _give_way(self, want: Wanted, took: float) -> None:
        """While another publisher's claim stands, let it finish; not for ever, since it may have died.

        Two that take the claim from each other again and again would both come to nothing. `took`: seconds of our own
        attempt.
        """
        end = time.monotonic() + max(TURN, took) * random.uniform(1, 2)  # noqa: S311 (no secret)
        while time.monotonic() < end and self._is_claimed_by_another(find(self.client, want), want):
            pause(2)

    def _is_claimed_by_another(self, shown: Shown | None, want: Wanted) -> bool:
        claim = look.resource(shown or {}, res.resource_id(want, "table")).get(look.CLAIM)
        return bool(claim) and claim != self._token

    def _attempt(self, want: Wanted, reason: Reason | None, attempt: int) -> Reason | None:
        found = find(self.client, want)
        now = look.reason_of(found, want) or self._doubt(found, want)
        reason = reason or now
        if now is None:
            return reason
        if found is not None and not look.is_older(found, want):
            self._require_known(found, want)
            if attempt == 1:
                raise Conflict(conflict(self.name), {})  # another publisher knows something newer than we did
        self._unverified = True
        if want.withdrawn and found is not None:
            self._withdraw(found, tombstone_of(want, want.withdrawn))
        else:
            self._bring(found, want)
        self._read_back(want)
        self._unverified = False
        return reason

    def _doubt(self, found: Shown | None, want: Wanted) -> Reason | None:
        """What is to be done where the metadata is well, which says nothing of lost rows and files."""
        if found is None or want.withdrawn:
            return None
        lost = self._touched or (self._unverified and any(files_differing(self.client, found, want)))
        return "damaged" if lost else None

    def _require_known(self, found: Shown, want: Wanted) -> None:
        """Raise CatalogueError where the log knows nothing of the release that is shown, unless it is withdrawn.

        An older backup was put back: what is public stays, and no version is given a second time.
        """
        newest = want.other(want.store.log.head().current[self.name].manifest)
        if not want.withdrawn and not look.is_older(found, newest):
            raise other_release(want, str(found.get("version") or ""))

    def _bring(self, found: Shown | None, want: Wanted) -> None:
        """The dataset, its rows, then files and metadata; each step only while what the one before left is there."""
        shown = self._present(found, want)
        with tempfile.TemporaryDirectory(prefix="opendata-ckan-") as folder:
            checked, made = "", False
            if self._touched or look.needs_rows(shown, want):
                checked, made = self._rows(shown, want, Path(folder))
                shown = self._claimed(want)
            # Before they count as made, so that a publisher that is killed makes them later.
            if made or not look.resource(shown, res.resource_id(want, "table")).get(look.VIEWS):
                self._views(shown, want)
            shown = self._settle(shown, want, checked, Path(folder))
            self._touched = False
        self._tidy(shown, want)

    def _withdraw(self, shown: Shown, package: Package) -> None:
        """A tombstone in one step; then what no address leads to any more: rows, bytes, and the resources themselves.

        CKAN removes bytes before it commits metadata: in the first step, an address would for a moment lead to nothing.
        """
        self._revise(shown, look.tombstone_update(shown, package))
        shown = self.client.call("package_show", self.name, id=shown["id"])
        for table in look.ours(shown):
            if table.get("datastore_active"):
                self.client.call("datastore_delete", self.name, resource_id=table["id"], calculate_record_count=False)
        shown = self.client.call("package_show", self.name, id=shown["id"])
        if look.has_bytes(shown):
            shown = self._revise(shown, {"resources": look.without_bytes(shown)})
        if gone := {one["id"] for one in look.ours(shown)}:
            self._revise(shown, {"resources": [one for one in shown["resources"] if one["id"] not in gone]})

    def _present(self, found: Shown | None, want: Wanted) -> Shown:
        """The dataset, made or brought back from deletion; private until it is complete."""
        if found is None:
            return self._create(want)
        if found["state"] != "active":
            return self.client.revise(self.name, {"id": found["id"]}, {"state": "active", "private": True})
        if not look.resource(found, res.resource_id(want, "table")):
            return self._revise(found, {"resources": [self._pending(want), *found["resources"]]})
        return found

    def _pending(self, want: Wanted) -> Json:
        """The table's resource, claimed by us, before it has rows."""
        return {**res.table(want), "opendata_rows": "", look.CLAIM: self._token, "url": "pending"}

    def _create(self, want: Wanted) -> Shown:
        package = package_of(want)
        table = self._pending(want)
        try:
            created: Shown = self.client.call(
                "package_create",
                self.name,
                name=package.name,
                owner_org=organisation_of(want),
                private=True,
                title=package.core["title"],
                notes=package.core["notes"],
                license_id=package.core["license_id"],
                extras=[{"key": ID, "value": package.extras[ID]}],
                resources=[table],
            )
        except Refused as error:
            # Another publisher was first: CKAN finds the name taken, or the id of the table's resource.
            if "name" in error.fields or find(self.client, want) is not None:
                raise Conflict(error.finding, error.fields) from error
            raise
        return created

    def _rows(self, shown: Shown, want: Wanted, folder: Path) -> tuple[str, bool]:
        """Rows and columns of the table; when they were checked by CKAN's clock, and whether it was made anew."""
        table = look.resource(shown, res.resource_id(want, "table"))
        if table.get(look.CLAIM) != self._token:
            self._claim(shown, want)
        self._touched = True
        try:
            with closing(Table(self.client, want, str(table["id"]), folder)) as work:
                sent = work.bring(seen=not shown["private"], known=bool(table.get("datastore_active")))
                self._agrees(work.differences(), want)
        except Refused as error:
            if error.fields.keys() & {"records", "constraints"}:  # another publisher put these rows in meanwhile
                raise Conflict(error.finding, error.fields) from error
            raise
        return self.client.now.isoformat(), sent.made

    def _claim(self, shown: Shown, want: Wanted) -> None:
        """Say in the metadata that the rows are of this release or the one before, until the files follow."""
        id_ = res.resource_id(want, "table")
        mine = {**look.resource(shown, id_)}
        releases = dict.fromkeys([*str(mine.get("opendata_release") or "").split(), want.ref.version])
        mine |= {"opendata_rows": "", "opendata_release": " ".join(releases), look.CLAIM: self._token}
        self._revise(shown, {"resources": [mine if r["id"] == id_ else r for r in shown["resources"]]})

    def _claimed(self, want: Wanted) -> Shown:
        """The dataset as it is now. Raises Conflict when another publisher claimed it since."""
        shown = find(self.client, want)
        if shown is None or look.resource(shown, res.resource_id(want, "table")).get(look.CLAIM) != self._token:
            raise Conflict(conflict(self.name), {})
        return shown

    def _settle(self, shown: Shown, want: Wanted, checked: str, folder: Path) -> Shown:
        """Files, addresses, hashes, metadata and digest, in one step."""
        target = look.target_of(want, shown)
        update = look.update_of(shown, target, self._groups(target.package.groups), checked)
        return self._revise(shown, update, self._uploads(shown, want, target, folder))

    def _revise(self, shown: Shown, update: Json, files: dict[str, tuple[str, Path]] | None = None) -> Shown:
        match = {"id": shown["id"], "metadata_modified": shown["metadata_modified"]}
        return self.client.revise(self.name, match, update, files)

    def _uploads(self, shown: Shown, want: Wanted, target: look.Target, folder: Path) -> dict[str, tuple[str, Path]]:
        """The files that CKAN does not have whole, and where their bytes are. Raises CatalogueError for spoilt ones."""
        found: dict[str, tuple[str, Path]] = {}
        for file in target.files:
            if serves(self.client, self.name, look.resource(shown, file.id), file):
                continue
            path = folder / f"{file.role}-{file.filename}"
            if file.role == "datapackage":
                path.write_bytes(target.document)
            elif durable.copy(want.path(file.filename), path) != file.sha256:
                place = Place(dataset=self.name, file=str(want.path(file.filename)))
                raise CatalogueError(Finding("store.object_damaged", place))
            found[file.id] = (file.filename, path)
        return found

    def _groups(self, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted groups that the token may put a dataset into; never a reason to fail."""
        if not wanted:
            return []
        try:
            mine = self.client.call("group_list_authz", self.name, am_member=True)
        except CatalogueError:
            return []
        return [name for name in wanted if name in {group["name"] for group in mine}]

    def _views(self, shown: Shown, want: Wanted) -> None:
        """The views that this CKAN gives to a table, made once; they are no part of what is promised."""
        table = dict(look.resource(shown, res.resource_id(want, "table")))
        try:
            self.client.call(
                "resource_create_default_resource_views", self.name, resource=table, create_datastore_views=True
            )
        except Unanswered:
            raise
        except (CatalogueError, NotFound):
            return

    def _tidy(self, shown: Shown, want: Wanted) -> None:
        """Take files off the list whose time of grace is over; their bytes went in the step before."""
        gone = {one["id"] for one in look.expired(shown, look.target_of(want, shown))}
        if gone:
            self._revise(shown, {"resources": [one for one in shown["resources"] if one["id"] not in gone]})

    def _read_back(self, want: Wanted) -> None:
        """What CKAN serves is what was released. Raises CatalogueError that names the first field that is not."""
        shown = find(self.client, want)
        if shown is None:
            raise Conflict(conflict(self.name), {})
        self._agrees(look.differing(shown, want), want)
        if not want.withdrawn:
            self._agrees(files_differing(self.client, shown, want), want)

    def _agrees(self, differing: Iterator[tuple[str, object, object]], want: Wanted) -> None:
        for field, found, wanted in differing:
            raise Mismatch(
                Finding(
                    "catalogue.mismatch",
                    Place(dataset=self.name, field=field),
                    str(found)[:200],
                    {"field": field, "wanted": str(wanted)[:200], "version": want.ref.version},
                )
            )
