"""A steward's hand: what was held back is looked at and let out, a release is taken back."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.common import AsJson, By, console, language, say
from pipelines.errors import ExitCode

app = typer.Typer()


@app.command()
def approve(
    name: str,
    candidate: Annotated[
        str, typer.Argument(metavar="[CANDIDATE]", help="The hash of what waits; without it, see what that is.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why it is right; it stays in the log.")] = "",
    by: By = "",
    *,
    as_json: AsJson = False,
) -> None:
    """See what a release that is held back would change, cell by cell; with CANDIDATE, let it out."""
    from pipelines import opendata
    from pipelines.shell import hand

    if candidate and not reason:
        raise typer.BadParameter("say why", param_hint="--reason")
    found = opendata.approve(name, candidate, reason, by) if candidate else opendata.waiting(name)
    if as_json:
        say(hand.as_json(found))
    else:
        (hand.approved if candidate else hand.show)(console, found, language())


@app.command()
def rollback(
    name: str,
    to: Annotated[str, typer.Option(help="The version whose content should be current again.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the log and is published.")],
    by: By = "",
) -> None:
    """Take the current release back: a new release with an earlier one's content. What was taken back stays held."""
    from pipelines import opendata

    say(f"{name} {opendata.rollback(name, to, reason, by).version}")


@app.command()
def takedown(
    name: str,
    reason: Annotated[str, typer.Option(help="Why; it is published as it stands.")],
    version: Annotated[str, typer.Option(help="One release; default: all, and the dataset is withdrawn.")] = "",
    by: By = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Remove bytes that must not be public from store and catalogues, for good. Exit code 1: others show the same."""
    from pipelines import opendata
    from pipelines.shell import hand

    found = opendata.takedown(name, version or None, reason, by)
    if as_json:
        say(hand.taken_down_json(found))
    else:
        hand.taken_down(console, found, language())
    raise typer.Exit(ExitCode.FINDINGS if found.elsewhere else ExitCode.WELL)
