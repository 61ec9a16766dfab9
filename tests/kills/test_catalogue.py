"""What a folder catalogue shows after damage, and after releases that differ in their files."""

from __future__ import annotations

import json
import shutil

import pytest

from pipelines.pipeline import Pipeline, manifest
from tests.kills.scenes import TOWN, edit
from tests.kit import Town, result, town


@pytest.fixture
def synthetic(tmp_path) -> Town:
    """Two of the synthetic datasets after their first night; no web server is needed for these."""
    shutil.copytree(TOWN, tmp_path / "town")
    root = tmp_path / "town"
    for part in ("schemas", "sources"):
        (root / part / "stops.yaml").unlink()
    schema = root / "schemas" / "boardings.yaml"
    schema.write_text(schema.read_text(encoding="utf-8").partition("foreignKeys:")[0], encoding="utf-8")
    made = Town(root, tmp_path / "home")
    assert made.night().exit_code == 0
    return made


def _index(of: Town) -> dict[str, str]:
    document = json.loads((of.home / "catalogue" / "catalogue.json").read_bytes())
    return {entry["name"]: entry["version"] for entry in document["datasets"]}


def test_a_figure_that_somebody_changed_in_the_catalogue_is_put_right(synthetic):
    """A published file of the right length with another figure is found and mended."""
    table = synthetic.home / "catalogue" / "boardings" / "releases" / "1.0.0" / "boardings.csv"
    released = table.read_bytes()
    table.write_bytes(released.replace(b"1250", b"1350"))
    assert result(synthetic.night(), "boardings").outcome == "healed"
    assert table.read_bytes() == released


def test_a_stable_address_always_leads_somewhere(synthetic):
    """A release that lacks a file which the one before had leaves no address of it that leads nowhere."""
    edit(synthetic.root, "2024,001,1250", "2024,001,1260")
    synthetic.night()
    for path in (synthetic.root / part / "boardings.yaml" for part in ("schemas", "sources")):
        path.write_text(path.read_text(encoding="utf-8").replace("stop_id", "stop"), encoding="utf-8")
    night = synthetic.night()
    assert result(night, "boardings").ref.version == "2.0.0"
    catalogue = synthetic.home / "catalogue"
    links = [path for path in catalogue.rglob("*") if path.is_symlink()]
    assert [path for path in links if not path.exists()] == []


def test_a_dataset_that_cannot_be_mended_keeps_no_other_out_of_the_index(tmp_path):
    """Where the store has lost a file that a damaged catalogue needs, the index still tells of others' new releases."""
    lost, other = "waste_per_capita", "housing_seismic_retrofit"
    two = town(tmp_path, [lost, other])
    two.night()
    _lose(two, lost)
    schema = two.root / "schemas" / f"{other}.yaml"
    schema.write_text(
        schema.read_text(encoding="utf-8").replace("title: {ja: ", "title: {ja: 新・", 1), encoding="utf-8"
    )
    assert {item.name: item.outcome for item in two.night().results} == {lost: "failed", other: "published"}
    assert _index(two) == {lost: "1.0.0", other: "1.0.1"}


def test_an_index_that_is_gone_comes_back_although_a_dataset_cannot_be_mended(tmp_path):
    """The index is made again from what can be shown."""
    lost, other = "waste_per_capita", "housing_seismic_retrofit"
    two = town(tmp_path, [lost, other])
    two.night()
    _lose(two, lost)
    (two.home / "catalogue" / "catalogue.json").unlink()
    two.night()
    assert _index(two) == {other: "1.0.0"}


def _lose(of: Town, name: str) -> None:
    """Take a dataset's table away from the catalogue and from the store."""
    store = Pipeline.open(of.settings).store
    store.address(manifest(store, store.log.head().current[name]).file(f"{name}.csv")).unlink()
    (of.home / "catalogue" / name / "releases" / "1.0.0" / f"{name}.csv").unlink()
