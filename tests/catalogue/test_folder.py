"""The folder of static files: what every catalogue does, and what only a folder can promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipelines.catalogue import Action, Catalogue, FolderCatalogue
from pipelines.catalogue.producer import Producer
from pipelines.datasets import load_repository
from pipelines.errors import CatalogueError, StoreError
from pipelines.settings import REPOSITORY
from pipelines.site import site
from tests.catalogue.suite import PARK, WASTE, Adapter, CatalogueSuite, Releases, releases
from tests.night.towns import files

__all__ = ["releases"]

RELEASE = f"{WASTE}/releases/1.0.0"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _typed_over(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"9" + content[-2:])


def _led_astray(path: Path) -> None:
    path.unlink()
    path.symlink_to("current/provenance.json")


DAMAGES: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "a file is gone": (f"{RELEASE}/{WASTE}.csv", Path.unlink),
    "a file is cut off": (f"{RELEASE}/{WASTE}.parquet", _cut),
    "a figure is typed over": (f"{RELEASE}/{WASTE}.csv", _typed_over),
    "a descriptor is gone": (f"{RELEASE}/datapackage.json", Path.unlink),
    "a stable address is gone": (f"{WASTE}/{WASTE}.csv", Path.unlink),
    "a stable address leads astray": (f"{WASTE}/datapackage.json", _led_astray),
}


# What the site makes of a withdrawn dataset, and nothing else of it: pages of releases have tests of their own.
_SITE = site("", load_repository(REPOSITORY).city, has_board=False)
TOMBSTONES = [Producer("site", _SITE.version, of_tombstone=_SITE.of_tombstone)]


def _body(page: str) -> str:
    return page.partition("<body")[2]


class Folder:
    """A folder catalogue as an adapter of the suite."""

    damages = tuple(DAMAGES)
    carries = ("*.csv", "*.parquet", "provenance.json", "provenance.parquet")
    has_index = True

    def __init__(self, root: Path) -> None:
        self.root = root
        self.catalogue: Catalogue = FolderCatalogue(root, TOMBSTONES)

    def again(self) -> Catalogue:
        return FolderCatalogue(self.root, TOMBSTONES)

    def shown(self, name: str) -> Mapping[str, bytes]:
        folder = self.root / name
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

    def listed(self) -> Mapping[str, str]:
        document = json.loads((self.root / "catalogue.json").read_bytes())
        return {entry["name"]: entry["version"] for entry in document["datasets"]}

    def state(self) -> object:
        return files(self.root) if self.root.exists() else None

    def tombstone(self, name: str) -> Mapping[str, str]:
        document = json.loads((self.root / name / "datapackage.json").read_bytes())
        pages = (self.root / name / "index.html", self.root / name / "en" / "index.html")
        text = "".join(_body(page.read_text("utf-8")) for page in pages)
        return {"text": text, "version": document["version"], "replacement": document["withdrawn"]["replacement"]}

    def offers(self, name: str) -> bool:
        return any((self.root / name / f"{name}.{suffix}").exists() for suffix in ("csv", "parquet"))

    def damage(self, name: str, how: str) -> None:
        path, harm = DAMAGES[how]
        assert path.startswith(name)
        harm(self.root / path)


@pytest.fixture
def adapter(tmp_path: Path) -> Adapter:
    """An empty folder catalogue."""
    return Folder(tmp_path / "catalogue")


class TestFolder(CatalogueSuite):
    """The folder catalogue keeps what every catalogue promises."""


@pytest.fixture
def published(tmp_path: Path, releases: Releases) -> FolderCatalogue:
    """A folder catalogue after its first publication."""
    catalogue = FolderCatalogue(tmp_path / "catalogue")
    catalogue.publish(lambda: releases[0], list(releases[0]))
    return catalogue


def test_every_release_stays_at_its_own_address(published: FolderCatalogue, releases: Releases) -> None:
    """The release before stays byte for byte, with its inodes, when another becomes current."""
    folder = published.root / WASTE / "releases" / "1.0.0"
    before = files(folder)
    published.publish(lambda: releases[1], list(releases[1]))
    assert files(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["1.0.0", "1.0.1"]


def test_files_of_an_unchanged_dataset_keep_inode_and_time(published: FolderCatalogue, releases: Releases) -> None:
    """A publication of another dataset touches none of its names."""
    before = files(published.root / PARK)
    published.publish(lambda: releases[1], list(releases[1]))
    assert files(published.root / PARK) == before


def test_the_index_names_immutable_addresses_with_their_hashes(published: FolderCatalogue) -> None:
    """Whoever follows the index gets the release that it tells of, also after the next one."""
    document = json.loads((published.root / "catalogue.json").read_bytes())
    entry = next(entry for entry in document["datasets"] if entry["name"] == WASTE)
    for facts in entry["files"].values():
        path = published.root / facts["path"]
        assert "/releases/1.0.0/" in str(path)
        assert path.stat().st_size == facts["bytes"]
    assert json.loads((published.root / entry["release"]).read_bytes())["version"] == "1.0.0"
    assert json.loads((published.root / entry["current"]).read_bytes())["version"] == "1.0.0"


@pytest.mark.parametrize("harm", [Path.unlink, _cut, lambda path: path.write_text("{}")], ids=["gone", "cut", "other"])
def test_an_index_that_is_not_current_is_made_anew(
    published: FolderCatalogue, releases: Releases, harm: Callable[[Path], None]
) -> None:
    """The index is only derived: whatever happened to it, it comes back the same."""
    index = published.root / "catalogue.json"
    before = index.read_bytes()
    harm(index)
    assert published.differences(releases[0]) == [Action("catalogue.json", "index")]
    assert published.publish(lambda: releases[0], []) == [Action("catalogue.json", "index")]
    assert index.read_bytes() == before


def test_stable_addresses_change_in_one_rename(published: FolderCatalogue, releases: Releases) -> None:
    """Every stable address of a dataset leads through the one link `current`."""
    folder = published.root / WASTE
    links = {path.name: str(path.readlink()) for path in folder.iterdir() if path.is_symlink()}
    assert links.pop("current").startswith(".views/1.0.0-")
    assert links
    assert all(target.startswith("current/") for target in links.values())
    published.publish(lambda: releases[1], [WASTE])
    assert str((folder / "current").readlink()).startswith(".views/1.0.1-")
    assert links == {name: str((folder / name).readlink()) for name in links}


def test_nothing_half_finished_is_left_among_the_data(published: FolderCatalogue) -> None:
    """The workshop is hidden and empty after a publication."""
    assert {path.name for path in published.root.iterdir()} == {"catalogue.json", WASTE, PARK, ".workshop"}
    assert list((published.root / ".workshop").iterdir()) == []


def test_an_object_that_the_store_spoilt_is_never_shown(tmp_path: Path, releases: Releases) -> None:
    """Bytes that are not those of the release are refused; what was shown before stays."""
    want = releases[1][WASTE]
    catalogue = FolderCatalogue(tmp_path / "catalogue")
    catalogue.publish(lambda: releases[0], [WASTE])
    before = files(catalogue.root / WASTE)
    path = want.path(f"{WASTE}.csv")
    content = path.read_bytes()
    try:
        path.write_bytes(content.replace(b"8", b"7", 1))
        with pytest.raises((CatalogueError, StoreError)):
            catalogue.publish(lambda: releases[1], [WASTE])
    finally:
        path.write_bytes(content)
    assert files(catalogue.root / WASTE) == before
