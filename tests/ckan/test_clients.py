"""Clients that no one here wrote read what is published, and find the releases."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import rdflib
import requests
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, RDF

from pipelines.catalogue import Wanted
from tests.ckan.instance import Ckan
from tests.ckan.state import forget
from tests.ckan.values import canonical
from tests.kills.zygote import Nights
from tests.kit import Town, town

NAMES = ["population_by_ward", "nambu_line_station_passengers"]
SHAPES = Path(__file__).with_name("dcat_ap.ttl")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture(scope="module")
def published(
    ckan: Ckan, publishers: tuple[Nights, Nights], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Wanted]]:
    """Two of the city's datasets after a night into CKAN."""
    made = town(tmp_path_factory.mktemp("clients"), NAMES)
    for name in NAMES:
        forget(ckan, name.replace("_", "-"))
    environment = {"CKAN_URL": ckan.url, "CKAN_API_TOKEN": ckan.editor_token}
    where = {"root": str(made.root), "home": str(made.home)}
    night = {"task": "tests.ckan.child:night", **where, "environment": environment, "patience": 120}
    assert publishers[0].run(night) == 0
    yield _wanted(made)
    for name in NAMES:
        forget(ckan, name.replace("_", "-"))


def _wanted(made: Town) -> dict[str, Wanted]:
    return made.open().wanted()


def _package(ckan: Ckan, name: str) -> dict[str, Any]:
    with ckan.anyone() as anyone:
        return dict(anyone.call_action("package_show", {"id": name.replace("_", "-")}))


def _resource(package: Mapping[str, Any], form: str) -> dict[str, Any]:
    """The stable address of a format."""
    return next(r for r in package["resources"] if r["format"] == form and r.get("opendata_file"))


def _address(ckan: Ckan, package: Mapping[str, Any], form: str) -> str:
    return f"{ckan.url}/dataset/{package['id']}/resource/{_resource(package, form)['id']}/download"


def test_ckanapi_dumps_every_dataset_with_the_hashes_of_its_release(
    ckan: Ckan, published: Mapping[str, Wanted]
) -> None:
    """`ckanapi dump datasets` has each dataset once, with title, version, and size and hash of each file."""
    programs = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it starts itself again by its name
    command = ["ckanapi", "dump", "datasets", "--all", "-r", ckan.url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300, env=os.environ | programs)
    lines = done.stdout.splitlines()
    dumped = [json.loads(line) for line in lines]
    for name, want in published.items():
        (found,) = [one for one in dumped if one["name"] == name.replace("_", "-")]
        assert found["version"] == want.ref.version
        assert str(want.manifest.build.description["title@ja"]) in found["title"]
        for form, path in (("CSV", f"{name}.csv"), ("Parquet", f"{name}.parquet")):
            promised = _resource(found, form)
            assert (promised["hash"], int(promised["size"])) == (want.manifest.file(path), _size(want, path))


def _size(want: Wanted, path: str) -> int:
    return int(str(want.manifest.files[path]["bytes"]))


@pytest.mark.parametrize("name", NAMES)
def test_the_dump_of_a_table_has_the_rows_of_the_release(
    ckan: Ckan, published: Mapping[str, Wanted], name: str
) -> None:
    """`/datastore/dump/<id>` has every row of the release, none twice."""
    table = next(one for one in _package(ckan, name)["resources"] if one["datastore_active"])
    answer = requests.get(f"{ckan.url}/datastore/dump/{table['id']}", timeout=120)
    answer.raise_for_status()
    dumped = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert Counter(_texts(row) for row in dumped) == _rows(published[name])


def _texts(row: Mapping[str, str]) -> frozenset[tuple[str, str | None]]:
    """A row of CSV, in which an empty field is no value and a truth value is one letter or a word."""
    return canonical({key: _value(text) for key, text in row.items()})


def _value(text: str) -> str | None:
    return {"": None, "t": "true", "f": "false"}.get(text, text)


def _rows(want: Wanted) -> Counter[frozenset[tuple[str, str | None]]]:
    table = pq.read_table(want.path(f"{want.manifest.name}.parquet"))
    return Counter(canonical(row) for row in table.to_pylist())


@pytest.mark.parametrize("name", NAMES)
def test_pandas_reads_the_release_from_the_address_of_a_resource(
    ckan: Ckan, published: Mapping[str, Wanted], name: str
) -> None:
    """The stable addresses of CSV and Parquet give the frames that the release's own files give."""
    package = _package(ckan, name)
    want = published[name]
    read = {"CSV": pd.read_csv, "Parquet": _parquet}
    for form, path in (("CSV", f"{name}.csv"), ("Parquet", f"{name}.parquet")):
        found, released = read[form](_address(ckan, package, form)), read[form](want.path(path))
        pd.testing.assert_frame_equal(found, released)


def _parquet(place: str | Path) -> pd.DataFrame:
    """pandas reads Parquet from bytes; from an address it wants a library of its own for that."""
    content = requests.get(place, timeout=60).content if isinstance(place, str) else place.read_bytes()
    return pd.read_parquet(io.BytesIO(content))


def _graph(ckan: Ckan, name: str) -> rdflib.Graph:
    answer = requests.get(f"{ckan.url}/dataset/{name.replace('_', '-')}.ttl", timeout=60)
    answer.raise_for_status()
    return rdflib.Graph().parse(data=answer.content.decode(), format="turtle")  # CKAN tells no charset


@pytest.mark.parametrize("name", NAMES)
def test_dcat_names_the_files_of_the_release(ckan: Ckan, published: Mapping[str, Wanted], name: str) -> None:
    """RDF has one dataset; each stable address is a distribution with the release's size, checksum and licence."""
    graph, want = _graph(ckan, name), published[name]
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(graph.value(dataset, DCTERMS.identifier)) == want.manifest.build.description["id"]
    package = _package(ckan, name)
    for form, path in (("CSV", f"{name}.csv"), ("Parquet", f"{name}.parquet")):
        (node,) = [
            d for d in graph.objects(dataset, DCAT.distribution) if str(d).endswith(_resource(package, form)["id"])
        ]
        checksum = graph.value(node, SPDX.checksum)
        assert str(graph.value(checksum, SPDX.checksumValue)) == want.manifest.file(path)
        assert int(float(str(graph.value(node, DCAT.byteSize)))) == _size(want, path)
        assert graph.value(node, DCTERMS.license) is not None


@pytest.mark.parametrize("name", NAMES)
def test_dcat_has_what_dcat_ap_demands(ckan: Ckan, published: Mapping[str, Wanted], name: str) -> None:
    """The dataset's RDF conforms to the shapes in dcat_ap.ttl: what DCAT-AP 3 makes mandatory, and the kinds of nodes
    and values that it expects of what is there."""
    assert name in published
    conforms, _, report = validate(_graph(ckan, name), shacl_graph=str(SHAPES), shacl_graph_format="turtle")
    assert conforms, report
