"""The producer of DCAT-AP."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.producer import IndexTurn, Item, Producer, rooms_version
from pipelines.datasets import City
from pipelines.dcat.graph import Shown, document
from pipelines.release.descriptor import Json
from pipelines.store.store import digest_of, document_json


@dataclass(frozen=True, slots=True)
class _Dcat:
    base: str
    city: City

    def version(self) -> str:
        """Changes with code, library, address and city."""
        return digest_of([rooms_version(("dcat",), ("rdflib",)), self.base, self.city.model_dump(mode="json")])

    def of_index(self, turn: IndexTurn) -> dict[str, Item]:
        """The catalogue as JSON-LD and as Turtle; neither without a public address, or without a dataset."""
        shown = [
            _shown(name, turn.releases[name], entry) for name, entry in turn.entries.items() if name in turn.releases
        ]
        if not self.base or not shown:
            return {}
        content = document_json(document(self.base, self.city, shown))
        return {"catalogue.jsonld": content, "catalogue.ttl": turtle(content)}


def turtle(content: bytes) -> bytes:
    """A JSON-LD document without blank nodes as Turtle, in one order."""
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for prefix, address in json.loads(content)["@context"].items():
        graph.bind(prefix, address)
    graph.parse(data=content, format="json-ld")
    return graph.serialize(format="longturtle", encoding="utf-8")


def _shown(name: str, release: Wanted, entry: Json) -> Shown:
    moments = release.store.log.moments(name)
    first = release
    while before := first.before:
        first = before
    return Shown(name, release, entry, moments[first.ref.manifest], moments[release.ref.manifest])


def dcat(base: str, city: City) -> Producer:
    """The producer for one catalogue."""
    made = _Dcat(base, city)
    return Producer("dcat", made.version, of_index=made.of_index)
