"""What a forked child does with a town of these tests: one deed of a steward, killed at a point or let alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines import durable
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings
from pipelines.steward import hand
from pipelines.steward.takedown import take_down
from pipelines.steward.waiting import waiting
from tests.hand.wards import NAME
from tests.kills.child import label, signals_at

WHO, WHY = "steward", "試験"


def deed(spec: Mapping[str, object]) -> int:
    """Do the deed that the spec names; optionally its points are written down, or a signal comes at one of them."""
    settings = Settings(root=Path(str(spec["root"])), home=Path(str(spec["home"])))
    points: list[str] = []
    if "points" in spec:
        durable.observers.append(lambda when, path: points.append(label(when, path, settings.home)))
    if "signal" in spec:
        durable.observers.append(signals_at(spec, settings.home))
    _DEEDS[str(spec["deed"])](settings)
    if "points" in spec:
        Path(str(spec["points"])).write_text(json.dumps(points))
    return 0


def night(spec: Mapping[str, object]) -> int:
    """A night, whatever is held back in it; 1 when something broke."""
    settings = Settings(root=Path(str(spec["root"])), home=Path(str(spec["home"])))
    done = run_night(Pipeline.open(settings), "test")
    return int(any(result.outcome == "failed" for result in done.results))


def _approve(settings: Settings) -> None:
    pipeline = Pipeline.open(settings)
    hand.approve(pipeline, NAME, waiting(pipeline, NAME, most=0).candidate, WHO, WHY)


def _roll_back(settings: Settings) -> None:
    hand.roll_back(Pipeline.open(settings), NAME, "1.0.0", WHO, WHY)


def _take_down(settings: Settings) -> None:
    take_down(settings, NAME, "1.0.1", WHO, WHY)


def _take_current_down(settings: Settings) -> None:
    take_down(settings, NAME, "1.0.2", WHO, WHY)


_DEEDS: dict[str, Callable[[Settings], None]] = {
    "approval": _approve,
    "rollback": _roll_back,
    "takedown": _take_down,
    "takedown of the current release": _take_current_down,
}
