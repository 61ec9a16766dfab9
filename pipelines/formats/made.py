"""Which forms a release has: each is made, or there is a reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.catalogue.producer import Producer, ReleaseTurn
from pipelines.formats.table import Table, Unfit, opened
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


def _listed(form: Form, path: Path) -> dict[str, object]:
    facts = {"bytes": path.stat().st_size, "sha256": durable.sha256_of(path)}
    return {"file": path.name, "mediatype": form.media_type, "title": dict(form.title), **facts}
