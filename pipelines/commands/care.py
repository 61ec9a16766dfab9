"""What keeps the nights going: their health, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.commands.common import AsJson, console, language, say

app = typer.Typer()


@app.command()
def health(
    *,
    metrics: Annotated[bool, typer.Option("--metrics", help="Print OpenMetrics text for a monitoring system.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is not as it should be, a line per problem: nights, disk, store, catalogues, late data."""
    from datetime import UTC

    from pipelines.operations.health import health as look
    from pipelines.operations.health import metrics as open_metrics
    from pipelines.settings import Settings
    from pipelines.shell import machine, render

    found = look(Settings(), datetime.now(UTC))
    if as_json or metrics:
        say(machine.health(found) if as_json else open_metrics(found))
    else:
        render.health(console, found, language())
    raise typer.Exit(found.exit_code)


@app.command()
def watch(*, as_json: AsJson = False) -> None:
    """Look as `health` does, and tell the operator what is new. For a timer apart from the nights."""
    from datetime import UTC

    from pipelines.operations.watch import watch as look
    from pipelines.settings import Settings
    from pipelines.shell import machine, render

    found = look(Settings(), datetime.now(UTC))
    if as_json:
        say(machine.health(found))
    else:
        render.health(console, found, language())
    raise typer.Exit(found.exit_code)
