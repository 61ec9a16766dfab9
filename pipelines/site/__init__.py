"""The public site: pages of the catalogue's datasets, the front page with search, the plan's board, lists.

Static files made of releases by `dataset` (of withdrawn ones by `withdrawn`) and of the index by `index`, through
templates. Japanese at `/…`, English at `/en/…`. Nothing is loaded from another host; pages work without JavaScript, and
with it there are search, filters, sorting and provenance on a click. Words are in `data/words.toml`; goals, topics and
synonyms beside it: the next city replaces these, not the code.
"""

from __future__ import annotations

from pipelines.catalogue.producer import DatasetTurn, IndexTurn, Item, Producer, rooms_version
from pipelines.datasets import City
from pipelines.store.store import digest_of

ROOMS = ("site", "charts", "findings_registry")
LIBRARIES = ("jinja2", "markupsafe", "vl-convert-python", "duckdb")
LANGUAGES = ("ja", "en")


def site(base: str, city: City, *, has_board: bool) -> Producer:
    """The producer of pages. `base` is the public address of the catalogue, or empty: links are relative then."""

    def version() -> str:
        return digest_of([rooms_version(ROOMS, LIBRARIES), base, has_board, city.model_dump(mode="json")])

    def of_dataset(turn: DatasetTurn) -> dict[str, Item]:
        from pipelines.site.dataset import dataset_files
        from pipelines.site.page import Site

        return dataset_files(turn, Site(base, city, has_board))

    def of_index(turn: IndexTurn) -> dict[str, Item]:
        from pipelines.site.index import index_files
        from pipelines.site.page import Site

        return index_files(turn, Site(base, city, has_board))

    def of_tombstone(turn: DatasetTurn) -> dict[str, Item]:
        from pipelines.site.page import Site
        from pipelines.site.withdrawn import tombstone_files

        return tombstone_files(turn, Site(base, city, has_board))

    return Producer("site", version, of_dataset, of_index, of_tombstone=of_tombstone)
