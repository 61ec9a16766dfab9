"""What was published: datasets, a figure's way back to its cell, releases and their packages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.common import AsJson, console, language, print_paths, say

app = typer.Typer()


@app.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """List every dataset with its department, version and period."""
    from pipelines import opendata
    from pipelines.shell import listing

    found = opendata.datasets()
    if as_json:
        say(listing.as_json(found))
    else:
        listing.show(console, found, language())


@app.command()
def explain(
    name: str, key: Annotated[list[str], typer.Argument(help="The primary key.")], *, as_json: AsJson = False
) -> None:
    """Lead from a published figure to its delivery, sheet and cell."""
    from pipelines import opendata
    from pipelines.shell import machine, render

    row = opendata.explain(name, *key)
    if as_json:
        say(machine.row(row))
    else:
        render.row(console, row, language())


@app.command()
def history(name: str, *, as_json: AsJson = False) -> None:
    """List the releases of a dataset with date, reason and difference, and what people decided about it."""
    from pipelines import opendata
    from pipelines.shell import hand, machine, render

    found = opendata.history(name)
    if as_json:
        say(machine.history(found, opendata.deeds(name)))
    else:
        render.releases(console, found, language())
        hand.deeds(console, opendata.deeds(name), language())


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

    print_paths(opendata.get(name, as_of=as_of.date() if as_of else None, version=version, to=to), as_json=as_json)
