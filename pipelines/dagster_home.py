"""Where Dagster keeps its data: `DAGSTER_HOME`, by default the home of store and catalogue."""

from __future__ import annotations

import os
import shutil

from pipelines.settings import REPOSITORY, Settings


def prepare(settings: Settings) -> None:
    """Name the folder to Dagster and give it our settings, unless it has its own."""
    settings.home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DAGSTER_HOME", str(settings.home.resolve()))
    ours = REPOSITORY / "dagster_home" / "dagster.yaml"
    if not (settings.home / "dagster.yaml").exists() and ours.exists():
        shutil.copyfile(ours, settings.home / "dagster.yaml")
