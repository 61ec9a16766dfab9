"""Which forms a release has: each is made, or there is a reason why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.catalogue.producer import Producer, ReleaseTurn
from pipelines.formats.table import Table, Unfit, opened
from pipelines.store import Store
from pipelines.store.store import document_json

FORMS_FILE = "forms.json"
# Raise it only when what was made was wrong: every release gets its other forms again, with other bytes.
EDITION = "1"


@dataclass(frozen=True, slots=True)
class Form:
    """One form: the end of its file's name, its media type, its title, and what writes it."""

    suffix: str
    media_type: str
    title: Mapping[str, str]
    write: Callable[[Table, Path], None]


def forms() -> list[Form]:
    """Every form, in the order in which they are offered."""
    from pipelines.formats.cube import json_stat
    from pipelines.formats.packed import package_zip
    from pipelines.formats.rows import json_rows
    from pipelines.formats.spreadsheet import spreadsheet_csv
    from pipelines.formats.workbook import workbook

    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [
        Form("xlsx", sheet, {"ja": "Excelブック", "en": "Excel workbook"}, workbook),
        Form("spreadsheet.csv", "text/csv", {"ja": "表計算用CSV", "en": "CSV for spreadsheets"}, spreadsheet_csv),
        Form("json", "application/json", {"ja": "JSON（行の配列）", "en": "JSON, an array of rows"}, json_rows),
        Form("jsonstat.json", "application/json", {"ja": "JSON-stat 2.0", "en": "JSON-stat 2.0"}, json_stat),
        Form("zip", "application/zip", {"ja": "一式（zip）", "en": "The whole package (zip)"}, package_zip),
    ]


def formats() -> Producer:
    """The producer of the other forms of every release."""
    return Producer("formats", lambda: "", of_release=made, edition=EDITION)


def made(turn: ReleaseTurn) -> dict[str, bytes | Path]:
    """Every form that the release is fit for, and `forms.json`, which lists them and says why others are missing."""
    files: dict[str, bytes | Path] = {}
    listed, missing = [], []
    with opened(turn.release) as table:
        for form in forms():
            path = turn.workshop / f"{table.name}.{form.suffix}"
            try:
                form.write(table, path)
            except Unfit as unfit:
                missing.append({"file": path.name, "title": dict(form.title), "reason": unfit.reason})
            else:
                listed.append(_listed(form, path))
                files[path.name] = path
    document = {"format": "1", "release": turn.release.ref.version, "files": listed, "missing": missing}
    return {**files, FORMS_FILE: document_json(document)}


@dataclass(frozen=True, slots=True)
class Listed:
    """What a `forms.json` says: the release that it is of, and the hash of each file by its path, its own too."""

    name: str
    version: str
    files: Mapping[str, str]


def every_list(store: Store) -> Iterator[Listed]:
    """Every `forms.json` that the store has, of whatever edition, also where no memo knows it. Looks at all objects."""
    start = document_json({"format": "1", "release": ""}).partition(b'""')[0]
    for path in sorted((store.root / "objects").glob("??/*")):
        with path.open("rb") as file:
            begins = file.read(len(start)) == start
        if begins and (found := _read_list(path)):
            yield found


def _read_list(path: Path) -> Listed | None:
    try:
        document = json.loads(path.read_bytes())
        files = {str(one["file"]): str(one["sha256"]) for one in document["files"]}
        every = [*files, *(str(one["file"]) for one in document["missing"])]
        return Listed(every[0].partition(".")[0], str(document["release"]), {**files, FORMS_FILE: path.name})
    except (ValueError, LookupError, TypeError):
        return None  # something else that begins as one does


def _listed(form: Form, path: Path) -> dict[str, object]:
    facts = {"bytes": path.stat().st_size, "sha256": durable.sha256_of(path)}
    return {"file": path.name, "mediatype": form.media_type, "title": dict(form.title), **facts}
