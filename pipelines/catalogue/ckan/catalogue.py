"""CKAN as a catalogue: one search tells what is as it should be; only what is not gets a publication of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from pipelines.catalogue.ckan.client import PER_SECOND, Client
from pipelines.catalogue.ckan.failures import Unanswered
from pipelines.catalogue.ckan.mapping import ID, package_of
from pipelines.catalogue.ckan.publish import Publication
from pipelines.catalogue.ckan.readback import everything_differing, find
from pipelines.catalogue.ckan.shown import Shown, extra, reason_of
from pipelines.catalogue.interface import Action, Drift, Wanted
from pipelines.errors import CatalogueError

PAGE = 1000  # datasets of one search: CKAN's own limit


class CkanCatalogue:
    """The CKAN at an address, with an editor's token."""

    title = "ckan"

    def __init__(self, address: str, token: SecretStr, per_second: float = PER_SECOND) -> None:
        self.client = Client(address, token, per_second)

    def differences(self, wanted: Mapping[str, Wanted]) -> list[Action]:
        """The datasets that are not shown as they should be, from one search; and a look for each that it lacks."""
        if not wanted:
            return []
        with _patience(self.client.address):
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
        wanted = look()
        done = []
        for name in names:
            if name in wanted:
                _raise_if_silent(self.client.address)
                with _patience(self.client.address):
                    action = Publication(self.client, name, look).run(wanted[name])
                done += [action] if action else []
        return done


# A night in which CKAN hangs would wait for it with every single dataset: what this process once waited for in vain,
# it does not wait for again in a while. Looking anew (`differences`) always tries, and ends it.
REST = 900.0  # seconds
_silent: dict[str, tuple[float, CatalogueError]] = {}


@contextmanager
def _patience(address: str) -> Iterator[None]:
    """Remember that a CKAN gave no answer after all attempts, or that it did."""
    try:
        yield
    except Unanswered as error:
        _silent[address] = (time.monotonic() + REST, error)
        raise
    _silent.pop(address, None)


def _raise_if_silent(address: str) -> None:
    until, error = _silent.get(address, (0.0, None))
    if error and time.monotonic() < until:
        raise CatalogueError(error.finding)
