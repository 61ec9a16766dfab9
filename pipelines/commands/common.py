"""What all commands share: the console, the reader's language, how things are printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from pipelines.findings import Language
from pipelines.shell.words import reader_language


class PatientConsole(Console):
    """A console whose work goes on when whoever read along has left, as `| head` does."""

    def on_broken_pipe(self) -> None:
        """Write on into nothing."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


console = PatientConsole(soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
By = Annotated[str, typer.Option("--by", help="Who decides; default: the user of this machine.")]


def say(text: str) -> None:
    """Print a text as it stands."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        console.on_broken_pipe()


def language() -> Language:
    """Whoever reads the terminal reads this."""
    return cast("Language", os.environ.get("OPENDATA_LANG_OPTION") or reader_language())


def choose_language(lang: str) -> None:
    """Take the language that was asked for with the command; ja, en, or empty for the terminal's own."""
    if lang and lang not in {"ja", "en"}:
        raise typer.BadParameter("ja or en", param_hint="--lang")
    if lang:
        os.environ["OPENDATA_LANG_OPTION"] = lang


def print_paths(paths: Iterable[Path], *, as_json: bool) -> None:
    """Say which files were written."""
    names = [str(path) for path in paths]
    say(json.dumps(names, ensure_ascii=False, indent=2) if as_json else "\n".join(names))
