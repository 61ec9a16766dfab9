"""Every producer of public files that the folder catalogue has; what producers are: `catalogue/producer.py`."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalogue.producer import Producer
from pipelines.datasets import Repository
from pipelines.formats import formats
from pipelines.settings import Settings
from pipelines.site import site

PLAN = {"kpi_progress", "kpi_indicators", "kpi_placements"}  # what the progress board is made of


def producers(settings: Settings, repository: Repository) -> Sequence[Producer]:
    """The producers of one catalogue, in their order; the site is last, since its pages offer what the others made.

    Nothing heavy is imported until one of them has something to make.
    """
    return [
        formats(),
        site(settings.base_url, repository.city, has_board=set(repository.datasets) >= PLAN),
    ]
