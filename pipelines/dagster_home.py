"""Where Dagster keeps its data: `DAGSTER_HOME`, by default the home of store and catalogue."""

from __future__ import annotations

import os

from pipelines import durable
from pipelines.settings import REPOSITORY, Settings


def prepare(settings: Settings) -> None:
    """Name the folder to Dagster and give it our settings, unless it has its own."""
    settings.home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DAGSTER_HOME", str(settings.home.resolve()))
    ours = REPOSITORY / "dagster_home" / "dagster.yaml"
    if not (settings.home / "dagster.yaml").exists() and ours.exists():
        with durable.workshop(settings.home / "store" / "workshop") as workshop:
            durable.copy(ours, workshop / "dagster.yaml")
            durable.replace(workshop / "dagster.yaml", settings.home / "dagster.yaml")
