"""A Vega-Lite specification → SVG, by the Vega that vl-convert carries. No browser and no network."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from xml.sax.saxutils import escape

from pipelines.release.descriptor import Json

LIBRARIES = ("vl-convert-python",)
VEGA_LITE = "6.4"
# On a dark page the picture's words and lines are light; the colours of the series do on both.
_STYLE = (
    "<style>@media (prefers-color-scheme:dark){text{fill:#e4e4e0}.role-axis-grid line{stroke:#474b50}"
    ".role-axis-domain line,.role-axis-tick line{stroke:#9a9a9a}}</style>"
)
_SPOKEN = re.compile(r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"')
_DOTS = re.compile(r'<path transform="translate\([-0-9.,]+\)" d="M[-0-9.]+,0A[^"]*"[^>]*/>')


def svg(spec: Json, label: str) -> bytes:
    """The picture as an SVG document; `label` is its name for whoever can't see it."""
    return _named(drawn(json.dumps(spec, ensure_ascii=False)), label).encode()


def plain_svg(spec: Json, *, dots: bool = True) -> bytes:
    """The picture on white and small, for pages that name it themselves and are kept for years.

    It is made of the same drawing as `svg`, which is most of the work. `dots`: whether lines keep their points.
    """
    picture = _SPOKEN.sub("", drawn(json.dumps(spec, ensure_ascii=False)))
    picture = picture if dots else _DOTS.sub("", picture)
    return picture.replace(">", '><rect width="100%" height="100%" fill="#fff"/>', 1).encode()


@lru_cache(maxsize=512)
def drawn(spec: str) -> str:
    """The picture as the library draws it."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))


def _named(picture: str, label: str) -> str:
    """Give the picture a name and its style, and let it shrink with the page."""
    head = re.compile(r"<svg ([^>]*?)>")
    found = head.match(picture)
    assert found is not None
    attributes = found[1].replace(' version="1.1" class="marks"', "")
    name = escape(label)
    return f'<svg {attributes} role="img"><title>{name}</title>{_STYLE}{picture[found.end() :]}'
