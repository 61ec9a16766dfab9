"""The night, from a shell: run it, look ahead, compare what is shown, watch it in the browser."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.common import AsJson, console, language, say
from pipelines.errors import ExitCode

app = typer.Typer()


@app.command()
def nightly(
    *,
    as_json: AsJson = False,
    serve_deliveries: Annotated[
        bool, typer.Option(help="Stand in for the departments' web servers meanwhile.")
    ] = False,
) -> None:
    """Run the night in Dagster: look, then publish what changed. Exit code 1 when something was held back."""
    from pipelines.dagster_home import prepare
    from pipelines.datasets import load_repository
    from pipelines.intake.department_server import department_server
    from pipelines.night import Result
    from pipelines.pipeline import Pipeline
    from pipelines.settings import Settings
    from pipelines.shell import machine, render

    settings = Settings()
    load_repository(settings.root)  # before anything is touched
    prepare(settings)
    folder = settings.root / "sources" / "deliveries" / "web"
    from pipelines.definitions import execute_night

    done: list[Result] = []

    def heard(result: Result, total: int) -> None:
        done.append(result)
        if not as_json:
            render.progress(console, result, len(done), total, language())

    with department_server(folder) if serve_deliveries else nullcontext():
        night = execute_night(heard)
    if as_json:
        say(machine.night(night))
    else:
        render.summary(console, night, Pipeline.open(settings), language())
    raise typer.Exit(night.exit_code)


@app.command()
def plan(*, as_json: AsJson = False) -> None:
    """Print what a night would do now, and why. Writes nothing."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    frozen = opendata.plan()
    if as_json:
        say(machine.plan(frozen))
    else:
        render.plan(console, frozen, language())


@app.command()
def drift(
    names: Annotated[list[str] | None, typer.Argument(help="Datasets; default: all.")] = None,
    *,
    mend: Annotated[
        bool, typer.Option("--mend", help="Bring what differs back to what was released; then exit code 0.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what catalogues show, bytes and rows too, with what was released. Exit code 1 if it differs."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    found = opendata.mend(*(names or [])) if mend else opendata.drift(*(names or []))
    if as_json:
        say(machine.drift(found))
    else:
        render.drift(console, found, language())
    raise typer.Exit(ExitCode.FINDINGS if found and not mend else ExitCode.WELL)


@app.command()
def ui(
    *,
    port: Annotated[int, typer.Option(help="On loopback.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="The pages alone: no daemon, and whatever would change is refused.")
    ] = False,
) -> None:
    """Open the Dagster UI on loopback, with its daemon, so that the schedule runs."""
    import subprocess

    from pipelines.dagster_home import prepare
    from pipelines.intake.department_server import department_server
    from pipelines.settings import REPOSITORY, Settings

    prepare(Settings())
    if read_only:
        from pipelines.webserver import serve

        serve(port, say)
        return
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with department_server(Settings().root / "sources" / "deliveries" / "web"):
        raise typer.Exit(subprocess.run(command, cwd=REPOSITORY, check=False).returncode)


@app.command()
def serve_deliveries() -> None:
    """Stand in for the departments' web servers on loopback until interrupted. For development only."""
    import signal

    from pipelines.intake.department_server import department_server
    from pipelines.settings import Settings

    with department_server(Settings().root / "sources" / "deliveries" / "web"):
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
