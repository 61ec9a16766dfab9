"""What waits for a steward, as she reads it in a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.days import clock_of
from pipelines.findings import Language, Text
from pipelines.held import SHORT
from pipelines.release.difference import KINDS
from pipelines.steward.history import Deed
from pipelines.steward.takedown import TakenDown
from pipelines.steward.waiting import Change, Waiting

_SHOWN = 200


def show(console: Console, found: Waiting, language: Language) -> None:
    """Why it waits, every value that would change with its cell, and how to let it out."""
    for finding in found.findings:
        console.print(finding.text(language), markup=False, highlight=False)
    table = Table(title=f"{found.name} {found.since.version if found.since else ''} →", title_justify="left")
    for heading in (("変更", "Change"), ("キー", "Key"), ("項目", "Field"), ("公開中", "Published"), ("新", "New")):
        table.add_column(Text(*heading).said(language), overflow="fold")
    table.add_column(Text("新しい値のセル", "Cell of the new value").said(language), overflow="fold")
    for change in found.changes[:_SHOWN]:
        table.add_row(*(escape(text) for text in _row(change, language)))
    console.print(table)
    counts = found.difference
    console.print(f"+{counts.added} ~{counts.changed} -{counts.removed}", highlight=False)
    _next(console, found, language)


def _row(change: Change, language: Language) -> list[str]:
    where = " ▸ ".join(part for part in (change.file, change.sheet, change.cell) if part) or ", ".join(change.refs)
    texts = (change.old, change.new)
    old, new = ("—" if text is None else text for text in texts)
    return [KINDS[change.change].said(language), " ".join(change.key), change.field, old, new, where]


def _next(console: Console, found: Waiting, language: Language) -> None:
    facts = {"name": found.name, "hash": found.candidate[:SHORT]}
    if found.approval:
        approved(console, found, language)
        return
    text = Text(
        "承認する場合：opendata approve {name} {hash} --reason 理由",
        "To let it out: opendata approve {name} {hash} --reason WHY",
    )
    console.print(text.fill(language, facts), markup=False, highlight=False)


def approved(console: Console, found: Waiting, language: Language) -> None:
    """That it goes out."""
    text = Text(
        "承認済みです。次の夜間処理で公開します：{name} {hash}", "Approved; the next night publishes it: {name} {hash}"
    )
    facts = {"name": found.name, "hash": found.candidate[:SHORT]}
    console.print(text.fill(language, facts), markup=False, highlight=False)


_KINDS = {
    "approval": Text("承認", "approved"),
    "rollback": Text("版の取り消し", "rolled back"),
    "takedown": Text("取り下げ", "taken down"),
    "withdrawal": Text("公開終了", "withdrawn"),
    "return": Text("公開再開", "offered again"),
}


def deeds(console: Console, found: Sequence[Deed], language: Language) -> None:
    """What people decided about a dataset: when, what, who, why. Nothing where nobody had to."""
    for deed in found:
        line = f"{clock_of(deed.time)}  {_KINDS[deed.kind].said(language)}  {deed.author}: {deed.reason}"
        console.print(line, markup=False, highlight=False)


_ELSEWHERE = {
    "same_rows": Text("{rows} 行が同じ", "{rows} rows are the same"),
    "derived": Text("{rows} 行がこの版から計算されている", "{rows} rows were computed from it"),
    "same_delivery": Text("同じ提出ファイルから読まれている", "it was read from the same delivery"),
}


def taken_down(console: Console, found: TakenDown, language: Language) -> None:
    """Which versions are gone, and which releases stay public that may show the same, with the command for each."""
    gone = Text("取り下げました：{name} {versions}", "Taken down: {name} {versions}")
    facts = {"name": found.name, "versions": ", ".join(found.versions)}
    console.print(gone.fill(language, facts), markup=False, highlight=False)
    for one in found.elsewhere:
        why = _ELSEWHERE[one.why].fill(language, {"rows": f"{one.rows:,}"})
        stays = Text("公開中：{name} {version}（{why}）", "Still public: {name} {version} ({why})")
        facts = {"name": one.name, "version": one.version, "why": why}
        console.print(stays.fill(language, facts), markup=False, highlight=False)
        console.print(f"  opendata takedown {one.name} --version {one.version} --reason …", highlight=False)


def taken_down_json(found: TakenDown) -> str:
    """The same for machines."""
    return json.dumps(asdict(found), ensure_ascii=False, indent=2)


def as_json(found: Waiting) -> str:
    """The same for machines."""
    document = asdict(found) | {"findings": [finding.as_dict() for finding in found.findings]}
    return json.dumps(document, ensure_ascii=False, indent=2)
