"""Charts are drawn once for all nights of all tests: the library that draws takes most of a second to start.

The very same bytes come from a folder afterwards, so what is written, and in which steps, is what any night writes.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

from pipelines.charts import draw
from pipelines.site.page import templates

FOLDER = Path(tempfile.gettempdir(), f"opendata-test-drawings-{version('vl-convert-python')}")
_draw = draw.drawn


def drawn_anew(spec: str) -> str:
    """The picture as the library draws it now, whatever was kept."""
    return str(_draw.__wrapped__(spec))


def _kept(spec: str) -> str:
    path = FOLDER / hashlib.sha256(spec.encode()).hexdigest()
    if not path.is_file():
        aside = FOLDER / f"{path.name}.{os.getpid()}"
        aside.write_text(_draw(spec), encoding="utf-8")
        aside.replace(path)
    return path.read_text(encoding="utf-8")


def prepare() -> None:
    """Draw by way of the folder from now on, and compile the templates (before a fork)."""
    FOLDER.mkdir(exist_ok=True)
    draw.drawn = _kept
    templates()
