"""Atom feeds (RFC 4287) of releases. Ids are those of the datasets, times those of the log."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pipelines.catalogue.interface import Wanted
from pipelines.catalogue.tombstone import sentences
from pipelines.feeds.history import kind_of_change
from pipelines.store import Departure

NEWEST = 100
_NAMESPACE = uuid.UUID("4f9d5a0e-6d1c-5c55-9d5a-5b1d6f0c3a27")
_KINDS = {
    "first": "最初の版 / first version",
    "major": "項目の変更を含む版 / fields changed",
    "minor": "項目の追加を含む版 / fields added",
    "patch": "値または説明の更新 / values or words changed",
}


@dataclass(frozen=True, slots=True)
class Removed:
    """That some versions of a dataset were taken down, and why."""

    versions: Sequence[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """A release and when it was published (ISO time with zone); of one that brought older content back, why.

    With `takedown` or `departure` it tells of that instead; `release` is then the one that was current.
    """

    release: Wanted
    time: str
    rollback: str = ""
    takedown: Removed | None = None
    departure: Departure | None = None


def feed(title: str, identity: str, here: str, told: Sequence[Told], root: str, author: str) -> bytes:
    """A feed of what was `told`, in the order in which it happened; the newest first.

    `here` is its own address, `root` that of the catalogue. Both may be relative: without a public address there is
    nothing else that would be true.
    """
    newest = sorted(told, key=lambda one: one.time)[::-1][:NEWEST]
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">',
        f"<id>{identity}</id><title>{_text(title)}</title>",
        f"<author><name>{_text(author)}</name></author>",
        f"<updated>{newest[0].time if newest else '1970-01-01T00:00:00+00:00'}</updated>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(here)}/>',
    ]
    return "\n".join([*head, *(_entry(one, root) for one in newest), "</feed>", ""]).encode()


def identity_of(text: str) -> str:
    """A lasting id made of a text."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, text)}"


def _entry(one: Told, root: str) -> str:
    release, manifest = one.release, one.release.manifest
    about, name, version = manifest.build.description, manifest.name, release.ref.version
    identity, ja, en = (str(about[key]) for key in ("id", "title@ja", "title@en"))
    if one.takedown:
        return _removed(one, one.takedown, root)
    if one.departure:
        return _departed(one, one.departure, root)
    folder = f"{root}{name}/"
    package = f"{folder}releases/{version}/datapackage.json"
    return "\n".join(
        [
            "<entry>",
            f"<id>{identity_of(f'{identity}/{version}')}</id>",
            f"<title>{_text(f'{ja} / {en} {version}')}</title>",
            f"<updated>{one.time}</updated>",
            f"<summary>{_text(_why(one) + summary(release))}</summary>",
            f'<link rel="alternate" type="text/html" href={_attribute(folder)}/>',
            f'<link rel="related" type="application/json" href={_attribute(package)}/>',
            "</entry>",
        ]
    )


def _removed(one: Told, gone: Removed, root: str) -> str:
    about, name = one.release.manifest.build.description, one.release.manifest.name
    versions = ", ".join(gone.versions)
    title = f"{about['title@ja']} / {about['title@en']} {versions}: 取り下げ / taken down"
    identity = identity_of("/".join([str(about["id"]), "takedown", one.time, versions]))
    return _notice(identity, title, one.time, gone.reason, f"{root}{name}/")


def _departed(one: Told, found: Departure, root: str) -> str:
    about, kind = one.release.manifest.build.description, "return" if found.is_return else "withdrawal"
    what = "公開を再開 / returned" if found.is_return else "公開を終了 / withdrawn"
    words = f"理由：{found.gone.reason} / Reason: {found.gone.reason}"
    summary = words if found.is_return else " / ".join(sentences(one.release, found.gone, str))
    identity = identity_of("/".join([str(about["id"]), kind, one.time]))
    title = f"{about['title@ja']} / {about['title@en']}: {what}"
    return _notice(identity, title, one.time, summary, f"{root}{found.name}/")


def _notice(identity: str, title: str, time: str, summary: str, page: str) -> str:
    return "\n".join(
        [
            "<entry>",
            f"<id>{identity}</id>",
            f"<title>{_text(title)}</title>",
            f"<updated>{time}</updated>",
            f"<summary>{_text(summary)}</summary>",
            f'<link rel="alternate" type="text/html" href={_attribute(page)}/>',
            "</entry>",
        ]
    )


def _why(one: Told) -> str:
    if not one.rollback:
        return ""
    return f"以前の版の内容に戻しました：{one.rollback} / taken back to an earlier release: {one.rollback} — "


def summary(release: Wanted) -> str:
    """What changed, in both languages."""
    difference, kind = release.manifest.difference, _KINDS[kind_of_change(release)]
    if difference is None:
        return f"{kind}: {release.manifest.build.count}行 / rows"
    return f"{kind}: {difference.counts.ja} / {difference.counts.en}"


def _text(text: str) -> str:
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text))


def _attribute(text: str) -> str:
    return quoteattr(text)
