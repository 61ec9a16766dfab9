"""Every producer of public files that the folder catalogue has; what producers are: `catalogue/producer.py`."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalogue.producer import Producer
from pipelines.datasets import City, Repository
from pipelines.dcat import dcat
from pipelines.feeds import feeds
from pipelines.formats import formats
from pipelines.release.descriptor import Json
from pipelines.settings import Settings
from pipelines.site import site

PLAN = {"kpi_progress", "kpi_indicators", "kpi_placements"}  # what the progress board is made of


def said_of_all(city: City) -> dict[str, str]:
    """What the index says of the whole catalogue."""
    return {"notice@ja": city.notice.ja, "notice@en": city.notice.en} if city.notice else {}


def producers(settings: Settings, repository: Repository) -> Sequence[Producer]:
    """The producers of one catalogue, in their order; the site is last, since its pages offer what the others made.

    Nothing heavy is imported until one of them has something to make.
    """
    announced: dict[str, Json] = {
        name: dataset.schema.announce.model_dump(mode="json")
        for name, dataset in repository.datasets.items()
        if dataset.schema.announce
    }
    return [
        formats(),
        feeds(settings.base_url, repository.city, announced),
        dcat(settings.base_url, repository.city),
        site(settings.base_url, repository.city, has_board=set(repository.datasets) >= PLAN),
    ]
