"""`llms.txt`: a plain index in Markdown of what there is and how a program reads it (https://llmstxt.org/)."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.catalogue.interface import Wanted
from pipelines.datasets import City

_HOW = """
Every dataset has a folder. In it, at addresses that never change: `datapackage.json` (Data Package v2: fields, types,
units, licence, hashes), `<name>.csv` (UTF-8), `<name>.parquet`, `<name>.json`, `<name>.xlsx`, `<name>.zip`, and
`feed.atom`. The same files of one version, immutable, are in `<name>/releases/<version>/`.

- [catalogue.json](catalogue.json): every dataset with version, addresses and hashes
- [changes.json](changes.json): what changed last, to be followed from a number
- [feed.atom](feed.atom): the newest releases

An empty cell is a value that is not known or not published; it is never zero. Titles are in Japanese and English.
"""


def plain_index(releases: Mapping[str, Wanted], city: City) -> bytes:
    """The index of the datasets that are shown."""
    notice = ["", f"> {city.notice.en} ({city.notice.ja})"] if city.notice else []
    rows = [_row(name, release) for name, release in sorted(releases.items())]
    head = f"# {city.title.ja} / {city.title.en}: open data"
    return "\n".join([head, *notice, _HOW, "## Datasets", "", *rows, ""]).encode()


def _row(name: str, release: Wanted) -> str:
    about = release.manifest.build.description
    title = f"{about['title@en']} ({about['title@ja']})".replace("[", "(").replace("]", ")")
    return f"- [{title}]({name}/datapackage.json): {' '.join(str(about['description@en']).split())}"
