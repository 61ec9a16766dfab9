"""What stays at the address of what was withdrawn or taken down: title, reason, day, last version, replacement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.catalogue.interface import Wanted
from pipelines.days import day_of
from pipelines.release.descriptor import Json, package_name
from pipelines.store import Withdrawal
from pipelines.store.store import document_json

STONE_FILE = "takedown.json"


def stones(want: Wanted) -> dict[str, bytes | Path]:
    """What stands beside a release that lost files by a takedown; where all are gone, instead of its descriptor too."""
    facts = [stone for one in want.manifest.gone.values() if (stone := want.store.stone(str(one["sha256"])))]
    about = {"time": facts[0]["time"], "reason": facts[0]["reason"], "files": sorted(want.manifest.gone)}
    head: Json = {"format": "1", "name": want.manifest.name, "version": want.ref.version}
    found: dict[str, bytes | Path] = {STONE_FILE: document_json({**head, **about})}
    if want.manifest.is_taken:
        gone = Withdrawal(str(about["time"]), "", str(about["reason"]))
        found["datapackage.json"] = document_json(tombstone(want, gone))
    return found


def tombstone(want: Wanted, gone: Withdrawal) -> Json:
    """A data package without resources that says so."""
    about = want.manifest.build.description
    head: Json = {key: about[key] for key in ("name", "id", "title", "title@ja", "title@en") if key in about}
    return {**head, "version": want.ref.version, "withdrawn": withdrawn(want, gone), "resources": []}


def withdrawn(want: Wanted, gone: Withdrawal) -> Json:
    """When and why a dataset was withdrawn, after which version, and the name of the one to use instead."""
    facts: Json = {"time": gone.time, "reason": gone.reason, "lastVersion": want.ref.version}
    given = {"reason@en": gone.reason_en, "replacement": gone.replacement}
    return facts | {key: text for key, text in given.items() if text}


def sentences(want: Wanted, gone: Withdrawal, naming: Callable[[str], str] = package_name) -> list[str]:
    """The same for people, in Japanese and then in English. The reason stands as it was given, in English if it was.

    `naming` writes the name of the dataset to use instead.
    """
    other = naming(gone.replacement) if gone.replacement else ""
    day, reason_en, last = day_of(gone.time), gone.reason_en or gone.reason, want.ref.version
    ja = f"このデータセットは {day} に公開を終了しました。理由：{gone.reason}。最後の版：{last}。"
    en = f"This dataset was withdrawn on {day}. Reason: {reason_en}. Last version: {last}."
    return [
        ja + (f"代わりのデータセット：{other}。" if other else ""),
        en + (f" Use instead: {other}." if other else ""),
    ]


def substitute(want: Wanted, gone: Withdrawal) -> Json:
    """Name and titles of the dataset to use instead, as it is published now; nothing where there is none."""
    ref = want.store.log.head().current.get(gone.replacement)
    if ref is None:
        return {"name": gone.replacement} if gone.replacement else {}
    about = want.other(ref.manifest).manifest.build.description
    return {"name": gone.replacement, **{key: about[key] for key in ("title@ja", "title@en")}}
