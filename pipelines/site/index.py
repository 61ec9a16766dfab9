"""The index → front page, lists, a page for developers, board, search index, sitemap, and the site's assets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape

from pipelines.catalogue.producer import IndexTurn, Item, Link
from pipelines.findings import Language
from pipelines.site.board import BOARD, Board, board_of, picture_files
from pipelines.site.entries import Entry, entries_in
from pipelines.site.linked import catalogue_document
from pipelines.site.page import Place, Site, embedded, render
from pipelines.site.search import search_index
from pipelines.site.topics import topics
from pipelines.site.words import Words

STATIC = Path(__file__).parent / "static"
DEVELOPERS = "for-developers/"
_LANGUAGES: tuple[Language, Language] = ("ja", "en")
_PAGES = ("", "by-goal/", "by-topic/", DEVELOPERS)


def index_files(turn: IndexTurn, site: Site) -> dict[str, Item]:
    """Everything that is made of the index, by its address."""
    board = board_of(turn)
    files: dict[str, Item] = {f"site-assets/{path.name}": path.read_bytes() for path in sorted(STATIC.iterdir())}
    files |= {f"en/{name}": Link(f"{name}/en") for name in (*turn.releases, *turn.withdrawn)}
    files["site-assets/search.json"] = search_index(turn)
    files |= picture_files(board) if board else {}
    for language in _LANGUAGES:
        files |= _pages(turn, site, board, language)
    pages = [*_PAGES, *([BOARD] if board else []), *(f"{name}/" for name in turn.releases)]
    return files | ({"sitemap.xml": _sitemap(pages, site.base)} if site.base else {})


def _pages(turn: IndexTurn, site: Site, board: Board | None, language: Language) -> dict[str, Item]:
    """The index's pages in one language."""
    entries = entries_in(turn, Words(language), site.city)
    made = {}
    for template, path in zip(("front", "goals", "topics", "developers"), _PAGES, strict=True):
        place = Place(path, language, site.base)
        made[place.file] = _page(f"{template}.html", place, site, entries, board)
    if board:
        place = Place(BOARD, language, site.base)
        made[place.file] = _page("board.html", place, site, entries, board)
    return cast("dict[str, Item]", made)


def _page(template: str, place: Place, site: Site, entries: Sequence[Entry], board: Board | None) -> bytes:
    words = Words(place.language)
    shown = [{"name": e.name, "title": e.title, "description": e.description} for e in entries]
    facts = {
        "entries": entries,
        "departments": _departments(entries),
        "goals": list(range(1, 18)),
        "topics": topics(place.language),
        "board": board,
        "rows": sum(entry.rows for entry in entries),
        "document": embedded(catalogue_document(shown if template == "front.html" else [], site.city, words, place)),
    }
    return render(template, place, site, **facts)


def _departments(entries: Sequence[Entry]) -> list[tuple[str, str, list[Entry]]]:
    """The datasets by department, in the order of the city's list."""
    ids = dict.fromkeys((entry.department, entry.department_title) for entry in sorted(entries, key=lambda e: e.rank))
    return [(code, title, [e for e in entries if e.department == code]) for code, title in ids]


def _sitemap(pages: Sequence[str], base: str) -> bytes:
    """Every page in both languages, each naming the other."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for page in pages:
        places = [Place(page, language, base) for language in _LANGUAGES]
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{p.language}" href="{escape(p.link(p.address))}"/>' for p in places
        )
        lines += [f"<url><loc>{escape(p.link(p.address))}</loc>{others}</url>" for p in places]
    return ("\n".join([*lines, "</urlset>"]) + "\n").encode()
