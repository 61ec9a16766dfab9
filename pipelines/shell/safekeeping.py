"""What `opendata backup` and `opendata restore` say."""

from __future__ import annotations

import json
from dataclasses import asdict

from pipelines.backup import Rehearsed, Restored, Saved
from pipelines.findings import Language, Text


def saved(done: Saved, language: Language) -> str:
    """What a backup holds, and what had to be copied for it."""
    facts = {"megabytes": f"{done.size / 1e6:.1f}", **_texts(done)}
    return _SAVED.fill(language, facts)


def restored(done: Restored, language: Language) -> str:
    """What was put back."""
    return _RESTORED.fill(language, _texts(done))


def rehearsed(done: Rehearsed, language: Language) -> str:
    """What was read."""
    return _REHEARSED.fill(language, _texts(done))


def as_json(done: Saved | Restored | Rehearsed) -> str:
    """The same as one JSON document."""
    return json.dumps(asdict(done), ensure_ascii=False, indent=2)


def _texts(done: Saved | Restored | Rehearsed) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(done).items()}


_SAVED = Text(
    "バックアップ {number}：記録 {head} 番まで、{held} 件。新たに写したもの {copied} 件（{megabytes} MB）",
    "Backup {number}: the log up to entry {head}, {held} files. Copied now: {copied} ({megabytes} MB)",
)
_RESTORED = Text(
    "バックアップ {number}（{time}）を戻しました：記録 {head} 番まで。書き込んだもの {written} 件。"
    "カタログは次の夜間処理（opendata nightly）が作り直します",
    "Backup {number} ({time}) is back: the log up to entry {head}. Written: {written} files. "
    "The next night (opendata nightly) makes the catalogue again",
)
_REHEARSED = Text(
    "バックアップ {number}（{time}）：{held} 件をすべて読み、ハッシュが一致しました",
    "Backup {number} ({time}): all {held} files were read, and each has its hash",
)
