"""Templates → pages. Everything that a template prints is escaped unless it is Markup."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.datasets import City
from pipelines.findings import Language
from pipelines.release.descriptor import Json
from pipelines.site.words import Words

# No other host, no code or style in the page itself. A <meta> can't forbid frames: deploy/ does, as a header.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class Site:
    """What holds for every page. `base` is the catalogue's public address, or empty."""

    base: str
    city: City
    has_board: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: its path below the root of its language, such as `waste_per_capita/` or nothing."""

    path: str
    language: Language
    base: str

    @property
    def address(self) -> str:
        """The path from the catalogue's root."""
        return self.address_in(self.language)

    def address_in(self, language: Language) -> str:
        """The path of the same page in a language."""
        return self.path if language == "ja" else f"en/{self.path}"

    @property
    def root(self) -> str:
        """The way from the page to the catalogue's root."""
        return "../" * self.address.count("/") or "./"

    @property
    def home(self) -> str:
        """The way from the page to the front page of its language."""
        return "../" * self.path.count("/") or "./"

    @property
    def file(self) -> str:
        """The path of the page's file."""
        return f"{self.address}index.html"

    def link(self, address: str) -> str:
        """A link to an address of the catalogue: absolute where the site's address is known, else relative."""
        return f"{self.base}{address}" if self.base else f"{self.root}{address}"


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["amount"] = amount
    environment.filters["bytes"] = size
    return environment


def templates() -> list[str]:
    """Compile every template; their names."""
    names = _environment().list_templates()
    for name in names:
        _environment().get_template(name)
    return names


def render(template: str, place: Place, site: Site, **facts: object) -> bytes:
    """A page as bytes."""
    words = Words(place.language)
    other: Language = "en" if place.language == "ja" else "ja"
    shared = {"city": site.city, "has_board": site.has_board, "policy": POLICY}
    context = {"w": words, "place": place, "other": other, "lang": place.language, **shared}
    return _environment().get_template(template).render(**context, **facts).encode()


def embedded(document: Json) -> Markup:
    """JSON that stands in a <script> of the page: no text in it can end the script."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


def amount(number: object) -> str:
    """A number with separators."""
    return f"{number:,}"


def size(count: object) -> str:
    """A size in bytes as people read it."""
    number = float(str(count))
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":  # noqa: PLR2004
            break
        number /= 1000
    return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"  # noqa: PLR2004
