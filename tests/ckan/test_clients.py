"""Clients that no one here wrote read what is published, and find the releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
import pytest

from pipelines.catalogue import Wanted
from tests.ckan import clients, reader
from tests.ckan.instance import Ckan
from tests.ckan.state import forget
from tests.kills.zygote import Nights
from tests.kit import Town, town

NAMES = ["population_by_ward", "nambu_line_station_passengers"]
# What ckanext-dcat 2.4.4 writes otherwise than DCAT-AP 3 has it, whatever is published: docs/ckan.md.
OF_CKANEXT_DCAT = {
    ("Catalog", "language", "NodeKind"),
    ("Catalog", "language", "Class"),
    ("Catalog", "homepage", "Class"),
    ("Catalog", "publisher", "MinCount"),
    ("Distribution", "mediaType", "NodeKind"),
    ("Distribution", "mediaType", "Class"),
    ("Distribution", "format", "NodeKind"),
    ("Distribution", "format", "Class"),
}


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


def _package(ckan: Ckan, name: str) -> clients.Package:
    with ckan.anyone() as anyone:
        return reader.package(anyone, name)


def test_ckanapi_dumps_every_dataset_with_the_hashes_of_its_release(
    ckan: Ckan, published: Mapping[str, Wanted]
) -> None:
    """`ckanapi dump datasets` has each dataset once, with title, version, and size and hash of each file."""
    dumped = clients.dump(ckan.url)
    for name, want in published.items():
        for found, released in clients.promises(dumped[name.replace("_", "-")], want):
            assert found == released


@pytest.mark.parametrize("name", NAMES)
def test_the_dump_of_a_table_has_the_rows_of_the_release(
    ckan: Ckan, published: Mapping[str, Wanted], name: str
) -> None:
    """`/datastore/dump/<id>` has every row of the release, none twice."""
    found = clients.rows_of_dump(ckan.url, _package(ckan, name))
    assert found == clients.rows_of_release(published[name])


@pytest.mark.parametrize("name", NAMES)
def test_pandas_reads_the_release_from_the_address_of_a_resource(
    ckan: Ckan, published: Mapping[str, Wanted], name: str
) -> None:
    """The stable addresses of CSV and Parquet give the frames that the release's own files give."""
    for found, released in clients.frames(ckan.url, _package(ckan, name), published[name]):
        pd.testing.assert_frame_equal(found, released)


@pytest.mark.parametrize("name", NAMES)
def test_dcat_names_the_files_of_the_release(ckan: Ckan, published: Mapping[str, Wanted], name: str) -> None:
    """RDF has one dataset; each stable address is a distribution with the release's size, checksum and licence."""
    graph = clients.dataset_graph(ckan.url, name)
    for found, released in clients.distributions(graph, _package(ckan, name), published[name]):
        assert found == released


def test_the_catalogue_has_what_dcat_ap_demands(ckan: Ckan, published: Mapping[str, Wanted]) -> None:
    """The official shapes of DCAT-AP 3 find nothing in the whole catalogue that is ours to mend."""
    graph = clients.catalogue_graph(ckan.url)
    for name, want in published.items():
        for found, released in clients.distributions(graph, _package(ckan, name), want):
            assert found == released
    assert set(clients.violations(graph)) <= OF_CKANEXT_DCAT
