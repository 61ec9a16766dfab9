"""Every producer of public files that the folder catalogue has; what producers are: `catalogue/producer.py`."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalogue.producer import Producer
from pipelines.settings import Settings


def producers(_settings: Settings) -> Sequence[Producer]:
    """The producers, set up for one catalogue. Nothing heavy is imported until one of them has something to make."""
    return []
