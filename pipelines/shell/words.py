"""The words of the terminal, in both languages."""

from __future__ import annotations

import os

from pipelines.findings import Language, Text

REASONS = {
    "": Text("", ""),
    "first": Text("初めての公開", "never published"),
    "changed": Text("提出ファイル・データ定義・プログラムのいずれかが変わった", "delivery, contract or code changed"),
    "fetch_to_see": Text("取得して確かめる", "fetch it to see"),
    "inputs_change": Text("元になるデータセットが変わる", "a dataset that it needs changes"),
    "unfinished": Text("前回の処理が途中で終わった", "an earlier run did not finish"),
    "catalogue": Text("カタログが記録どおりでない", "the catalogue is not as the log says"),
    "refused_before": Text("同じ提出ファイルが前回保留になった", "this very delivery was held back before"),
    "input_held": Text("元になるデータセットが保留中", "a dataset that it is derived from is held back"),
    "unreachable": Text("提出元に接続できない", "the source can't be reached"),
    "withdrawn": Text("公開を終了した", "it was withdrawn"),
    "awaits_approval": Text(
        "前回の版との差が大きく、承認を待っている", "it differs much from the last release and awaits approval"
    ),
    "rolled_back": Text(
        "取り消された版と同じ内容で、承認を待っている", "a steward took this very content back; it awaits approval"
    ),
    "taken_down": Text("取り下げた内容しかない", "there is nothing but what was taken down"),
    "approved": Text("承認された", "it was approved"),
    "departed": Text(
        "定義ファイルがなく、カタログが記録どおりでない",
        "it has no files any more, and the catalogue is not as the log says",
    ),
}

COLOURS = {
    "published": "green",
    "healed": "cyan",
    "release": "green",
    "heal": "cyan",
    "held": "yellow",
    "waiting": "yellow",
    "unavailable": "yellow",
    "failed": "red",
    "unchanged": "dim",
}


def reader_language() -> Language:
    """`OPENDATA_LANG`, else Japanese where the terminal's locale is Japanese, else English."""
    for variable in ("OPENDATA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "ja" if value.startswith("ja") else "en"
    return "en"
