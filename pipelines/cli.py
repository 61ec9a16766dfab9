"""The command `opendata`: the same things as the library and the Dagster UI, from a shell.

Exit codes, for every command: 0 well, also when nothing changed; 1 findings, or something was held back while the
rest went out; 2 input or configuration can't be used, nothing was touched; 3 usage; 4 pipeline, storage or
catalogue failed.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Annotated

import click
import typer
from rich.console import Console

from pipelines.commands import care, departments, figures, hand, night, production, public
from pipelines.commands.common import choose_language, language, say
from pipelines.errors import ExitCode, OpenDataError
from pipelines.findings import Finding

# In the order of the help.
PANELS = {
    "The night": night.app,
    "What was published": figures.app,
    "A steward's hand": hand.app,
    "For departments": departments.app,
    "For the public": public.app,
    "Care": care.app,
    "Production": production.app,
}


def _assembled() -> typer.Typer:
    """All commands under one name, by panel."""
    whole = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
    for panel, commands in PANELS.items():
        for command in commands.registered_commands:
            command.rich_help_panel = panel
        whole.add_typer(commands)
    return whole


app = _assembled()


@app.callback()
def _options(lang: Annotated[str, typer.Option(help="ja or en; default: the terminal's locale.")] = "") -> None:
    choose_language(lang)


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
    Console(stderr=True, soft_wrap=True).print(finding.text(language()), markup=False, highlight=False)
    if "--json" in sys.argv:
        say(json.dumps({"exit_code": code, "findings": [finding.as_dict()]}, ensure_ascii=False, indent=2))
    return code


def main() -> None:
    """Run the command and leave at once: duckdb 2.0 prints pages about its own bindings when Python tidies up."""
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)
