"""The house is kept clean: by every night at its end, and by `opendata tidy`."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg

from pipelines.pipeline import Pipeline
from pipelines.processes import sweep
from pipelines.running.retention import shrink_sqlite, tidy_records
from pipelines.settings import Settings
from pipelines.store.tidy import tidy_store

logger = logging.getLogger(__name__)

UNPUBLISHED_DAYS = 400  # a delivery that was never published; those of releases do not expire


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many runs and how many objects of the store were removed."""

    runs: int
    objects: int


def tidy(pipeline: Pipeline, instance: dg.DagsterInstance, settings: Settings, now: datetime) -> Tidied:
    """Remove what has outlived its time. Safe beside nights, and to be killed in."""
    home = Path(os.environ["DAGSTER_HOME"])
    runs = tidy_records(instance, now - timedelta(days=settings.keep_runs_days))
    shrink_sqlite(home)
    sweep(home)
    return Tidied(runs, tidy_store(pipeline.store, now - timedelta(days=UNPUBLISHED_DAYS)))


def tidy_after_night(pipeline: Pipeline, instance: dg.DagsterInstance, now: datetime) -> None:
    """The same at the end of a night, which is over and does not fail for it: the next one tries again."""
    try:
        done = tidy(pipeline, instance, Settings(), now)
        logger.info("tidied: %s runs, %s objects", done.runs, done.objects)
    except Exception:
        logger.exception("not tidied")
