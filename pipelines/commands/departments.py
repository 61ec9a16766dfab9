"""What serves departments: a new dataset, a file checked before it is handed in, the desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.common import AsJson, choose_language, console, language, print_paths, say

app = typer.Typer()


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
    print_paths(paths, as_json=as_json)
    if not as_json:
        render.to_do(console, paths, language())


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

    choose_language(lang)
    _not_itself(file, html, annotate)
    report = check_file(file, dataset=dataset).report
    if html or annotate:
        from pipelines.desk import faces

        faces.write(report, file, language(), html, annotate)
    if as_json:
        say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        check_report.show(console, report, language())
    raise typer.Exit(check_report.EXIT_CODES[report.verdict])


def _not_itself(file: Path, *outputs: Path | None) -> None:
    """Refuse to write over the file that is checked."""
    for output in outputs:
        if output is not None and output.exists() and output.samefile(file):
            raise typer.BadParameter("this is FILE itself", param_hint="--html, --annotate")


@app.command()
def desk(*, port: Annotated[int, typer.Option(help="On loopback; 0: any that is free.")] = 8600) -> None:
    """Open the desk on loopback: drop a workbook in the browser, read the report, take the annotated copy."""
    from pipelines.datasets import load_repository
    from pipelines.desk.server import serve
    from pipelines.desk.settings import DeskSettings
    from pipelines.settings import Settings

    settings = Settings()
    serve(DeskSettings(), settings.store, load_repository(settings.root), port, say)
