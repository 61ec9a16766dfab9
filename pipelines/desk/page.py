"""A report as one self-contained page: no script, nothing from outside, readable on a phone and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.checking.report import Group, Report
from pipelines.desk.marks import area
from pipelines.desk.picture import Picture, Spot, crop, overview, rows_needed
from pipelines.desk.reported import is_address
from pipelines.desk.words import word
from pipelines.findings import Language, Text
from pipelines.reading.grid import Grid

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).with_name("templates")
NO_FORMS: Final = ("form-action 'none'",)
OWN_FORMS: Final = ("form-action 'self'",)
_LINKED: Final = 12  # places of a card that are named one by one


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a card names it, with the anchor of its cell in the sheet's picture where it is shown there."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One finding with everything that is shown of it."""

    number: int
    group: Group
    places: Sequence[Place]
    more: int
    picture: Picture | None


def page(report: Report, grids: Sequence[Grid], language: Language, links: Mapping[str, str] | None = None) -> str:
    """The page as HTML. `links`: addresses on the desk (`annotated`, `again`, `forget`) and `no_copy` (why none).

    A file of its own has no links.
    """
    spots = _spots(report)
    pictures = {grid.sheet: overview(grid, spots[grid.sheet]) for grid in grids if grid.sheet in spots}
    by_name = {grid.sheet: grid for grid in grids}
    cards = [_card(n, group, by_name, spots, pictures) for n, group in enumerate(report.groups, 1)]
    rules = OWN_FORMS if links else NO_FORMS
    return render("report", language, rules, report=report, cards=cards, pictures=pictures, links=links or {})


def rows_shown(report: Report) -> dict[str, set[int]]:
    """The sheets that the page needs a picture of, and their rows, from 0, that it can show."""
    return {sheet: rows_needed(spots) for sheet, spots in _spots(report).items()}


def _spots(report: Report) -> dict[str, list[Spot]]:
    """The places of each sheet, the findings in their order."""
    spots: dict[str, list[Spot]] = {}
    for number, group in enumerate(report.groups, 1):
        for place in group.places:
            if is_address(place.range):
                spot = Spot(area(place.range), number, "error" if group.blocking else "warn")
                spots.setdefault(place.sheet, []).append(spot)
    return spots


def _card(
    number: int,
    group: Group,
    grids: Mapping[str, Grid],
    spots: Mapping[str, Sequence[Spot]],
    pictures: Mapping[str, Picture],
) -> Card:
    sheets = list(pictures)
    shown = {name: {cell.address for line in p.lines for cell in line.cells} for name, p in pictures.items()}
    places = []
    for place in group.places[:_LINKED]:
        first = area(place.range).text().partition(":")[0] if is_address(place.range) else ""
        anchor = f"s{sheets.index(place.sheet)}-{first}" if first in shown.get(place.sheet, ()) else ""
        name = place.sheet if len(grids) > 1 or not place.range else ""
        places.append(Place(" ▸ ".join(filter(None, (name, place.range))), anchor))
    named = sum(1 for place in group.places[:_LINKED])
    return Card(number, group, places, max(len(group.places) - named, 0), _crop(number, group, grids, spots))


def _crop(number: int, group: Group, grids: Mapping[str, Grid], spots: Mapping[str, Sequence[Spot]]) -> Picture | None:
    """The cells around the first place of a finding, with its own marks only."""
    for place in group.places:
        if place.sheet in grids and is_address(place.range):
            own = [spot for spot in spots[place.sheet] if spot.number == number]
            return crop(grids[place.sheet], own, own[0])
    return None


def render(template: str, language: Language, rules: Sequence[str] = NO_FORMS, **facts: object) -> str:
    """A page of a template, every text escaped, with a policy that admits its own style sheet and what `rules` add."""
    style = stylesheet()
    said: dict[str, object] = {"lang": language, "t": _translator(language), "l": _reader(language)}
    return _environment().get_template(f"{template}.html").render(**facts, **said, style=style, policy=policy(*rules))


@cache
def stylesheet() -> str:
    """The style of all pages."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


def policy(*more: str) -> str:
    """The Content Security Policy: nothing but the page's own style, by its hash."""
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    return "; ".join(("default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'", *more))


def _translator(language: Language) -> Callable[..., str]:
    return lambda key, **facts: word(key, language, **{name: str(value) for name, value in facts.items()})


def _reader(language: Language) -> Callable[[Text], str]:
    return lambda text: text.said(language)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
