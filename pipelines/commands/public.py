"""What the public sees: a dataset withdrawn, a catalogue verified, the documents that are generated."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipelines.commands.common import AsJson, By, language, print_paths, say

app = typer.Typer()


@app.command()
def withdraw(
    name: str,
    reason: Annotated[str, typer.Option(help="Why; it is published as it stands.")],
    reason_en: Annotated[str, typer.Option(help="The same in English, for readers of English.")] = "",
    replacement: Annotated[str, typer.Option(help="The dataset to use instead.")] = "",
    by: By = "",
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Offer it again.")] = False,
) -> None:
    """Offer a dataset no longer: a tombstone with the reason stays at its address in every catalogue."""
    from pipelines import opendata

    if undo:
        opendata.give_back(name, reason, by)
    else:
        opendata.withdraw(name, reason, replacement, reason_en, by)


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
        json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else "\n".join(report.lines(language()))
    )
    say(text)
    raise typer.Exit(report.exit_code)


@app.command()
def schema(*, as_json: AsJson = False) -> None:
    """Write what is generated: docs/json-schema/ for editors, docs/findings.md, docs/rules.md, docs/operations.md."""
    from pipelines.documents import write_all
    from pipelines.settings import REPOSITORY

    print_paths(write_all(REPOSITORY / "docs"), as_json=as_json)
