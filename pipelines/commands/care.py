"""What keeps the nights going: their health, and who is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
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


@app.command()
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(help="A folder on another disk, made where it is not there; default: OPENDATA_BACKUP."),
    ] = None,
    *,
    keep: Annotated[int, typer.Option(min=1, help="How many whole backups to keep there.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Copy store, history and Dagster's records to TARGET, as far as it lacks them. Nights go on meanwhile."""
    from datetime import UTC

    from pipelines.backup import backup as save
    from pipelines.settings import Settings
    from pipelines.shell import safekeeping

    settings = Settings()
    if (place := target or settings.backup) is None:
        raise typer.BadParameter("TARGET, or OPENDATA_BACKUP in the environment", param_hint="TARGET")
    saved = save(settings, place, datetime.now(UTC), keep)
    say(safekeeping.as_json(saved) if as_json else safekeeping.saved(saved, language()))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder with backups.")],
    *,
    number: Annotated[int | None, typer.Option(min=1, help="Which backup; default: the newest.")] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Only read it all and compare each hash.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back into an empty OPENDATA_HOME, or mend one of the same history; any other is refused."""
    from pipelines.backup import rehearse as read
    from pipelines.backup import restore as put_back
    from pipelines.settings import Settings
    from pipelines.shell import safekeeping

    if rehearse:
        whole = read(source, number)
        say(safekeeping.as_json(whole) if as_json else safekeeping.rehearsed(whole, language()))
    else:
        done = put_back(Settings(), source, number)
        say(safekeeping.as_json(done) if as_json else safekeeping.restored(done, language()))
