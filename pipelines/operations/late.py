"""Which datasets are late by their own frequency: told in the week's digest and by `opendata health`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from pipelines.catalogue import Wanted
from pipelines.datasets import Repository
from pipelines.release.freshness import due


class Late(NamedTuple):
    """A dataset, the last day that its data cover, and the day till which they should have gone on."""

    name: str
    covered: str
    due: date


def late(wanted: Mapping[str, Wanted], repository: Repository, today: date) -> Iterator[Late]:
    """Every dataset that the repository has and whose next period is overdue."""
    for name, want in wanted.items():
        temporal = want.manifest.build.description.get("temporalCoverage")
        if name not in repository.datasets or not isinstance(temporal, dict):
            continue
        day = due(temporal, repository[name].schema.update_frequency)
        if day and today > day:
            yield Late(name, str(temporal["end"]), day)
