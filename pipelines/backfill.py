"""A backfill by a delivery's day: a dataset is worked again from what the archive has of that day, not from its source.

For a source that has gone away, or a contract that was mended for a delivery that was refused. It takes no step back:
where what is published was delivered later, a rollback says so by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pipelines.days import TOKYO
from pipelines.errors import ApprovalRefused
from pipelines.findings import Finding, Place
from pipelines.intake import Arrival, Delivery, arrivals
from pipelines.pipeline import Pipeline, manifest


def delivered_on(pipeline: Pipeline, name: str, day: str) -> Delivery | None:
    """The last delivery of a dataset that came on a day of the city's, `YYYY-MM-DD`; None when none did.

    Raises ApprovalRefused when `day` is no day, or when what is published was delivered later.
    """
    wanted = _day(name, day)
    every = arrivals(pipeline.store, name)
    came = [one for one in every if one.day == wanted]
    if not came:
        return None
    if later := _published_since(pipeline, name, came[-1], every):
        place = Place(dataset=name, file=came[-1].delivery.file)
        raise ApprovalRefused(Finding("backfill.superseded", place, day, {"name": name, "later": later}))
    return came[-1].delivery


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ApprovalRefused(Finding("backfill.day", Place(dataset=name), text)) from error


def _published_since(pipeline: Pipeline, name: str, chosen: Arrival, every: Sequence[Arrival]) -> str:
    """When the delivery of the current release came, if that was after the chosen one; empty otherwise."""
    ref = pipeline.store.log.head().current.get(name)
    if ref is None:
        return ""
    shown = manifest(pipeline.store, ref).build.delivered - {chosen.delivery.sha256}
    noted = [came.moment for came in every if came.delivery.sha256 in shown]
    released = datetime.fromisoformat(pipeline.store.log.moments(name)[ref.manifest])
    moment = max(noted, default=released)  # one from before arrivals were noted came when it was released, or earlier
    return moment.astimezone(TOKYO).date().isoformat() if shown and moment > chosen.moment else ""
