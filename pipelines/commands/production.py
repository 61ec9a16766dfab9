"""The nights by themselves: the daemon, and what keeps its house clean."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from pipelines.commands.common import AsJson, say

app = typer.Typer()

# To look at all sources and catalogues may take long when hosts are slow; Dagster gives a schedule one minute.
PLANNING_SECONDS = "1800"


@app.command()
def daemon() -> None:
    """Run the nights at 02:00 in Tokyo, and what is asked for in the Dagster UI, until interrupted."""
    from pipelines.dagster_home import prepare
    from pipelines.settings import REPOSITORY, Settings

    prepare(Settings())
    os.environ.setdefault("DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS", PLANNING_SECONDS)
    os.chdir(REPOSITORY)
    program = str(Path(sys.executable).with_name("dagster-daemon"))
    os.execv(program, [program, "run", "--workspace", "workspace.yaml"])


@app.command()
def tidy(*, as_json: AsJson = False) -> None:
    """Remove what has outlived its time: Dagster's old runs, deliveries never published. Nights do it, too."""
    import json
    from dataclasses import asdict
    from datetime import UTC, datetime

    from pipelines.dagster_home import prepare
    from pipelines.pipeline import Pipeline
    from pipelines.settings import Settings

    settings = Settings()
    prepare(settings)
    from pipelines.definitions import open_records
    from pipelines.running.tidy import tidy as tidy_up

    with open_records() as instance:
        done = tidy_up(Pipeline.open(settings), instance, settings, datetime.now(UTC))
    say(json.dumps(asdict(done)) if as_json else f"runs: {done.runs}, objects: {done.objects}")
