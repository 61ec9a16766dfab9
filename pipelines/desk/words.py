"""The words of what a department meets: the page, the index sheet, the comments."""

from __future__ import annotations

from typing import Final

from pipelines.findings import Language, Text

WORDS: Final[dict[str, Text]] = {
    "index": Text("確認結果", "Check result"),
    "author": Text("オープンデータ確認", "Open data check"),
    "copy": Text(
        "これは確認用の写しです。色とメモとこのシートだけを加えました。元のファイルは変えていません。"
        "元のファイルを直して、もう一度確認してください。",
        "This is a copy to look at: only colours, comments and this sheet were added. Your file was not changed. "
        "Mend your file and check it again.",
    ),
    "made": Text(
        "Excelブック（.xlsx）ではないファイルから作った写しです。書式は写していません。",
        "A copy made from a file that is no .xlsx workbook; its formats were not taken over.",
    ),
    "score": Text("点数", "Score"),
    "number": Text("番号", "No."),
    "weight": Text("区分", "Weight"),
    "sheet": Text("シート", "Sheet"),
    "place": Text("場所", "Place"),
    "count": Text("か所", "Places"),
    "what": Text("内容", "What"),
    "how": Text("説明と直し方", "Details and remedy"),
    "error": Text("必ず直す", "Must mend"),
    "warn": Text("確認する", "Please look"),
    "found": Text("見つかったもの", "Found"),
    "expected": Text("あるべき形", "Expected"),
    "remedy": Text("直し方", "Remedy"),
    "proposal": Text("「{found}」→「{proposal}」", "“{found}” → “{proposal}”"),
    "proposals": Text("書き換えの候補", "What to write instead"),
    "whole_sheet": Text("シート全体", "whole sheet"),
    "whole_file": Text("ファイル全体", "whole file"),
    "more_places": Text("ほか{count}か所", "{count} more"),
    "thread": Text(
        "このセルには会話形式のコメントがあるため、メモは付けていません。",
        "This cell has a comment thread, so no comment was added.",
    ),
    "limit": Text(
        "範囲が広いため、色を付けたのは先頭の{cells}セル、メモを付けたのは先頭の{notes}か所です。",
        "The range is large: only its first {cells} cells are coloured, its first {notes} places have a comment.",
    ),
}


def word(key: str, language: Language, **facts: str) -> str:
    """One of the words, its places filled."""
    return WORDS[key].fill(language, facts)
