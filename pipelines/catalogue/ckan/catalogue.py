"""CKAN as a catalogue: one search tells what is as it should be; only what is not gets a publication of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import SecretStr

from pipelines.catalogue.ckan.client import PER_SECOND, Client
from pipelines.catalogue.ckan.failures import Forbidden, forbidden
from pipelines.catalogue.ckan.mapping import ID, organisation_of, package_of
from pipelines.catalogue.ckan.patience import Patience
from pipelines.catalogue.ckan.publish import Publication
from pipelines.catalogue.ckan.readback import everything_differing, find
from pipelines.catalogue.ckan.shown import Shown, extra, reason_of
from pipelines.catalogue.interface import Action, Drift, Wanted

PAGE = 1000  # datasets of one search: CKAN's own limit


class CkanCatalogue:
    """The CKAN at an address, with an editor's token.

    `patience`: shared by all that ask the same CKAN, so that one that hangs is waited for once. Looking anew
    (`differences`) always tries, and ends its rest.
    """

    title = "ckan"

    def __init__(
        self, address: str, token: SecretStr, per_second: float = PER_SECOND, patience: Patience | None = None
    ) -> None:
        self.client = Client(address, token, per_second)
        self._patience = patience or Patience()

    def differences(self, wanted: Mapping[str, Wanted]) -> list[Action]:
        """The datasets that are not shown as they should be, from one search; and a look for each that it lacks."""
        if not wanted:
            return []
        with self._patience.trying(self.client.answers):
            return self._differences(wanted)

    def _differences(self, wanted: Mapping[str, Wanted]) -> list[Action]:
        found = {extra(shown, ID): shown for shown in self._all()}
        actions = []
        for name, want in wanted.items():
            shown = found.get(str(want.manifest.build.description["id"]))
            if shown is None or shown["name"] != package_of(want).name:
                shown = find(self.client, want)
            if reason := reason_of(shown, want):
                actions.append(Action(name, reason))
        return actions

    def drift(self, wanted: Mapping[str, Wanted]) -> list[Drift]:
        """What CKAN serves of each dataset that is not as released: metadata, files by hash, columns and rows."""
        return [
            Drift(name, field, str(shown), str(value))
            for name, want in wanted.items()
            for field, shown, value in everything_differing(self.client, want)
        ]

    def access(self, wanted: Mapping[str, Wanted]) -> None:
        """Whether the token may publish in each organisation. CKAN answers a look with a dead token as anybody's."""
        if not (needed := {organisation_of(want) for want in wanted.values() if not want.withdrawn}):
            return
        action = "organization_list_for_user"
        granted = self.client.call(action, permission="create_dataset")
        if missing := sorted(needed - {one["name"] for one in granted}):
            raise Forbidden(forbidden(self.client.address, action, "", ", ".join(missing)[:200]))

    def _all(self) -> Iterator[Shown]:
        """Every dataset of ours, with all that CKAN shows of it."""
        start = 0
        while True:
            page = self.client.call(
                "package_search",
                fq=f"extras_{ID}:[* TO *]",
                rows=PAGE,
                start=start,
                sort="name asc",
                include_private=True,
                facet="false",
            )
            yield from page["results"]
            start += PAGE
            if start >= page["count"]:
                return

    def publish(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> list[Action]:
        """Show the named datasets as wanted, each by itself. CKAN keeps the index."""
        return self._publish(look, names, doubted=False)

    def mend(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> list[Action]:
        """The same, and rows and files are compared where the metadata is well, which is all that a look sees."""
        return self._publish(look, names, doubted=True)

    def _publish(
        self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str], *, doubted: bool
    ) -> list[Action]:
        wanted = look()
        done = []
        for name in names:
            if name in wanted:
                self._patience.check(name)
                with self._patience.trying(self.client.answers):
                    action = Publication(self.client, name, look).run(wanted[name], doubted=doubted)
                done += [action] if action else []
        return done
