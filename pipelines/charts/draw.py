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


def svg(spec: Json, label: str) -> bytes:
    """The picture as an SVG document; `label` is its name for whoever can't see it."""
    return _named(drawn(json.dumps(spec, ensure_ascii=False)), label).encode()


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
