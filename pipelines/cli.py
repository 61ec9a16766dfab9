"""The command `opendata`: the same things as the library and the Dagster UI, from a shell.

Exit codes, for every command: 0 well, also when nothing changed; 1 findings, or something was held back while the
rest went out; 2 input or configuration can't be used, nothing was touched; 3 usage; 4 pipeline, storage or
catalogue failed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import click
import typer
from rich.console import Console

from pipelines.errors import ExitCode, OpenDataError
from pipelines.findings import Finding, Language
from pipelines.shell.words import reader_language

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


class _Console(Console):
    """A console whose work goes on when whoever read along has left, as `| head` does."""

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


console = _Console(soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def _say(text: str) -> None:
    """Print a text as it stands."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        console.on_broken_pipe()


def _language() -> Language:
    return cast("Language", os.environ.get("OPENDATA_LANG_OPTION") or reader_language())


@app.callback()
def _options(lang: Annotated[str, typer.Option(help="ja or en; default: the terminal's locale.")] = "") -> None:
    if lang and lang not in {"ja", "en"}:
        raise typer.BadParameter("ja or en", param_hint="--lang")
    if lang:
        os.environ["OPENDATA_LANG_OPTION"] = lang


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
            render.progress(console, result, len(done), total, _language())

    with department_server(folder) if serve_deliveries else nullcontext():
        night = execute_night(heard)
    if as_json:
        _say(machine.night(night))
    else:
        render.summary(console, night, Pipeline.open(settings), _language())
    raise typer.Exit(night.exit_code)


@app.command()
def plan(*, as_json: AsJson = False) -> None:
    """Print what a night would do now, and why. Writes nothing."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    frozen = opendata.plan()
    if as_json:
        _say(machine.plan(frozen))
    else:
        render.plan(console, frozen, _language())


@app.command()
def drift(
    names: Annotated[list[str] | None, typer.Argument(help="Datasets; default: all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare what catalogues show, bytes and rows too, with what was released. Exit code 1 if it differs."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    found = opendata.drift(*(names or []))
    if as_json:
        _say(machine.drift(found))
    else:
        render.drift(console, found, _language())
    raise typer.Exit(ExitCode.FINDINGS if found else ExitCode.WELL)


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """List every dataset with its department, version and period."""
    from pipelines import opendata
    from pipelines.shell import listing

    found = opendata.datasets()
    if as_json:
        _say(listing.as_json(found))
    else:
        listing.show(console, found, _language())


@app.command()
def withdraw(
    name: str,
    reason: Annotated[str, typer.Option(help="Why; it is published as it stands.")],
    replacement: Annotated[str, typer.Option(help="The dataset to use instead.")] = "",
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Offer it again.")] = False,
) -> None:
    """Offer a dataset no longer: a tombstone with the reason stays at its address in every catalogue."""
    from pipelines import opendata

    if undo:
        opendata.give_back(name, reason)
    else:
        opendata.withdraw(name, reason, replacement)


@app.command()
def explain(
    name: str, key: Annotated[list[str], typer.Argument(help="The primary key.")], *, as_json: AsJson = False
) -> None:
    """Lead from a published figure to its delivery, sheet and cell."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    row = opendata.explain(name, *key)
    if as_json:
        _say(machine.row(row))
    else:
        render.row(console, row, _language())


@app.command()
def history(name: str, *, as_json: AsJson = False) -> None:
    """List the releases of a dataset with date, reason and difference."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    found = opendata.history(name)
    if as_json:
        _say(machine.releases(found))
    else:
        render.releases(console, found, _language())


@app.command()
def get(
    name: str,
    *,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it stood at the end of that day.")
    ] = None,
    version: Annotated[str | None, typer.Option(help="A version, such as 1.0.2.")] = None,
    to: Annotated[Path | None, typer.Option(help="The folder; default: NAME-VERSION here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save the data package of a release: the current one, or as it was."""
    from pipelines import opendata

    _print_paths(opendata.get(name, as_of=as_of.date() if as_of else None, version=version, to=to), as_json=as_json)


@app.command()
def new(
    delivery: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A workbook or CSV below sources/.")],
    name: Annotated[str, typer.Option(help="The dataset's name: lower case, digits, _.")],
    department: Annotated[str, typer.Option(help="One of those in schemas/_city.yaml.")],
    *,
    sheet: Annotated[str | None, typer.Option(help="Default: the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose the two YAML files of a new dataset; what you must decide is marked TODO."""
    from pipelines.datasets import load_repository
    from pipelines.settings import Settings
    from pipelines.shell import render, scaffold

    repository = load_repository(Settings().root)
    paths = scaffold.write(repository, name, scaffold.propose(repository, delivery, department, sheet))
    _print_paths(paths, as_json=as_json)
    if not as_json:
        render.to_do(console, paths, _language())


def _print_paths(paths: Iterable[Path], *, as_json: bool) -> None:
    names = [str(path) for path in paths]
    _say(json.dumps(names, ensure_ascii=False, indent=2) if as_json else "\n".join(names))


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
        _say(machine.health(found) if as_json else open_metrics(found))
    else:
        render.health(console, found, _language())
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
        _say(machine.health(found))
    else:
        render.health(console, found, _language())
    raise typer.Exit(found.exit_code)


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A workbook or CSV, as it is to be handed in.")
    ],
    *,
    dataset: Annotated[
        str | None, typer.Option(help="Ask this dataset's contract; default: the one it looks like.")
    ] = None,
    html: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the report as a page of its own.")] = None,
    annotate: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a copy of the workbook with the places marked.")
    ] = None,
    lang: Annotated[str, typer.Option(help="ja or en, as before the command.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check a file before it is handed in. Exit code 1: mend it first; 2: it can't be read. FILE is never changed."""
    from pipelines.checking.check import check_file
    from pipelines.shell import check_report

    _options(lang)
    _not_itself(file, html, annotate)
    report = check_file(file, dataset=dataset).report
    if html or annotate:
        from pipelines.desk import faces

        faces.write(report, file, _language(), html, annotate)
    if as_json:
        _say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        check_report.show(console, report, _language())
    raise typer.Exit(check_report.EXIT_CODES[report.verdict])


def _not_itself(file: Path, *outputs: Path | None) -> None:
    """Refuse to write over the file that is checked."""
    for output in outputs:
        if output is not None and output.exists() and output.samefile(file):
            raise typer.BadParameter("this is FILE itself", param_hint="--html, --annotate")


@app.command()
def verify(
    target: Annotated[str, typer.Argument(help="The folder or address of a catalogue.")],
    *,
    since: Annotated[str, typer.Option(help="The HEAD that an earlier visit printed: finds a rollback.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recompute every hash of a published catalogue from catalogue.json down. Exit code 1 when something is wrong."""
    from pipelines.verify import verify as verified

    report = verified(target, since)
    text = (
        json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else "\n".join(report.lines(_language()))
    )
    _say(text)
    raise typer.Exit(report.exit_code)


@app.command()
def schema(*, as_json: AsJson = False) -> None:
    """Write what is generated: docs/json-schema/ for editors, docs/findings.md, docs/rules.md."""
    from pipelines.documents import write_all
    from pipelines.settings import REPOSITORY

    _print_paths(write_all(REPOSITORY / "docs"), as_json=as_json)


@app.command()
def ui(*, port: Annotated[int, typer.Option(help="On loopback.")] = 3000) -> None:
    """Open the Dagster UI on loopback, with its daemon, so that the schedule runs."""
    import subprocess

    from pipelines.dagster_home import prepare
    from pipelines.intake.department_server import department_server
    from pipelines.settings import REPOSITORY, Settings

    prepare(Settings())
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with department_server(Settings().root / "sources" / "deliveries" / "web"):
        raise typer.Exit(subprocess.run(command, cwd=REPOSITORY, check=False).returncode)


@app.command()
def desk(*, port: Annotated[int, typer.Option(help="On loopback; 0: any that is free.")] = 8600) -> None:
    """Open the desk on loopback: drop a workbook in the browser, read the report, take the annotated copy."""
    from pipelines.datasets import load_repository
    from pipelines.desk.server import serve
    from pipelines.desk.settings import DeskSettings
    from pipelines.settings import Settings

    settings = Settings()
    serve(DeskSettings(), settings.store, load_repository(settings.root), port, _say)


@app.command()
def serve_deliveries() -> None:
    """Stand in for the departments' web servers on loopback until interrupted. For development only."""
    import signal

    from pipelines.intake.department_server import department_server
    from pipelines.settings import Settings

    with department_server(Settings().root / "sources" / "deliveries" / "web"):
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def run() -> int:
    """Run the command; the exit code, one of the table."""
    try:
        return int(app(standalone_mode=False) or ExitCode.WELL)
    except click.exceptions.Abort:
        return ExitCode.BROKEN
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except OpenDataError as error:
        return _tell(error.finding, error.exit_code)
    except Exception as error:  # noqa: BLE001  whatever it is, its exit code is that of the table
        return _broken(error)


def _broken(error: Exception) -> int:
    """Tell of a disk that can't be written in one line, of a fault of ours with everything a developer needs."""
    import traceback

    from pipelines.night import fault

    if not isinstance(error, OSError):
        traceback.print_exception(error)
    return _tell(fault("", error), ExitCode.BROKEN)


def _tell(finding: Finding, code: int) -> int:
    """Why a command came to nothing: a line for people, and JSON where it was asked for."""
    Console(stderr=True, soft_wrap=True).print(finding.text(_language()), markup=False, highlight=False)
    if "--json" in sys.argv:
        _say(json.dumps({"exit_code": code, "findings": [finding.as_dict()]}, ensure_ascii=False, indent=2))
    return code


def main() -> None:
    """Run the command and leave at once: duckdb 2.0 prints pages about its own bindings when Python tidies up."""
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)
