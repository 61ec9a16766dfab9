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
    # the page
    "check": Text("オープンデータ提出前の確認", "Check before handing in"),
    "of_100": Text("100点中", "of 100"),
    "no_score": Text("採点できません", "no score"),
    "recognised": Text(
        "「{title}」の提出ファイルと見られます（確からしさ {sure}%）",
        "Looks like a delivery of “{title}” ({sure}% sure)",
    ),
    "asked": Text("「{name}」のデータ定義でも確認しました", "Also checked against the contract of “{name}”"),
    "first": Text("直すものの一覧", "What to mend, in this order"),
    "sheets": Text("シートの様子", "The sheets"),
    "sheet_of": Text("シート「{name}」", "Sheet “{name}”"),
    "the_table": Text("表", "The table"),
    "picture_of": Text(
        "シート「{name}」の一部。印の番号は下の指摘の番号", "Part of sheet “{name}”; numbers are those of the findings"
    ),
    "left_out": Text("{count}行省略", "{count} rows left out"),
    "more_rows": Text("この下に{count}行", "{count} rows below"),
    "left_columns": Text("列を省略", "columns left out"),
    "cards": Text("指摘", "Findings"),
    "finding": Text("指摘{number}", "Finding {number}"),
    "places_of": Text("{count}か所", "{count} places"),
    "where": Text("場所", "Where"),
    "cell": Text("セル", "Cell"),
    "now": Text("現在の値", "Now"),
    "write": Text("こう書く（候補）", "Write instead (proposal)"),
    "by_hand": Text("元の資料を見て決めてください", "look it up in your records"),
    "examples": Text("例（{shown}/{count}か所）", "Examples ({shown} of {count})"),
    "not_filled": Text(
        "候補は自動では書き込みません。元の資料と見比べてから直してください。",
        "Proposals are never filled in for you: compare them with your records first.",
    ),
    "operator": Text("オープンデータ担当が対応", "for the open-data team"),
    "difference": Text("公開すると変わるところ", "What publishing it would change"),
    "since": Text("前回の公開（版 {version}）との違い", "Against the last release (version {version})"),
    "first_release": Text("はじめての公開になります", "This would be the first release"),
    "rows": Text("行数", "Rows"),
    "added": Text("追加", "added"),
    "changed": Text("変更", "changed"),
    "removed": Text("削除", "removed"),
    "jumps": Text("大きな変化", "jumps"),
    "key": Text("どの行", "Row"),
    "field": Text("項目", "Field"),
    "old": Text("公開中の値", "Published"),
    "new": Text("この提出の値", "In this file"),
    "kind": Text("種類", "Kind"),
    "jump": Text("変化が大きい", "large change"),
    "not_judged": Text("機械では判断できない決まり", "Rules that a machine can't judge here"),
    "not_judged_why": Text(
        "次の決まりは、人が見て確かめてください。点数には入れていません。",
        "Please look at these yourself. They do not count in the score.",
    ),
    "clean": Text("直すところはありませんでした。", "There is nothing to mend."),
    "passed": Text("0件・合格", "0 findings: passed"),
    "about": Text("このファイルについて", "About this file"),
    "size": Text("サイズ", "Size"),
    "hash": Text("ハッシュ値（SHA-256）", "Fingerprint (SHA-256)"),
    "basis": Text(
        "「行政データにおける機械可読性に関するルール」（2026-03-31）による確認です。",
        "Checked by the rules for machine-readable administrative data (2026-03-31).",
    ),
    "skip": Text("指摘へ進む", "Skip to the findings"),
    "to_top": Text("一覧へ戻る", "Back to the list"),
    # the desk
    "desk": Text("オープンデータ提出前の確認", "Open data desk"),
    "desk_lead": Text(
        "Excelファイルを提出する前に、直すところが数秒でわかります。",
        "See within seconds what to mend in a workbook before you hand it in.",
    ),
    "drop": Text("ここにファイルを置く", "Drop a file here"),
    "or_choose": Text("または、ファイルを選ぶ", "or choose one"),
    "accepted": Text(
        "Excel（.xlsx .xlsm .xls）・CSV、{size} MBまで", "Excel (.xlsx .xlsm .xls) or CSV, up to {size} MB"
    ),
    "which": Text("データセット（わからなければ、そのまま）", "Dataset (leave it if you don't know)"),
    "recognise": Text("ファイルから見分ける", "tell from the file"),
    "start": Text("確認する", "Check"),
    "waiting": Text("確認しています…", "Checking…"),
    "waiting_long": Text("大きなファイルは1分ほどかかることがあります。", "A large file can take a minute."),
    "steps": Text("使い方", "How it works"),
    "step_1": Text("ファイルを置いて「確認する」を押します。", "Drop your file and press “Check”."),
    "step_2": Text("どのセルを、どう直すかを読みます。", "Read which cell to mend, and how."),
    "step_3": Text(
        "印の付いた写しを受け取り、元のファイルを直します。", "Download the marked copy and mend your own file."
    ),
    "private": Text(
        "ファイルは確認の間だけメモリーに置き、保存しません。結果は{minutes}分で消えます。公開も送信もしません。",
        "Your file is held in memory for the check only and never saved. Results vanish after {minutes} minutes. "
        "Nothing is published or sent on.",
    ),
    "download": Text("印の付いた写しを受け取る（.xlsx）", "Download the marked copy (.xlsx)"),
    "again": Text("別のファイルを確認する", "Check another file"),
    "forget": Text("この結果を今すぐ消す", "Delete this result now"),
    "gone": Text("結果はもうありません", "The result is gone"),
    "gone_why": Text(
        "時間がたったか、消されました。もう一度ファイルを確認してください。",
        "It expired or was deleted. Please check the file again.",
    ),
    "no_copy": Text("このファイルには写しを作れませんでした：{why}", "No marked copy could be made: {why}"),
    "refused": Text("確認できませんでした", "It could not be checked"),
    "too_large": Text("ファイルが大きすぎます（{size} MBまで）。", "The file is too large (up to {size} MB)."),
    "no_file": Text("ファイルが選ばれていません。", "No file was chosen."),
    "busy": Text(
        "混み合っています。少し待ってからもう一度お試しください。", "The desk is busy. Please try again in a moment."
    ),
    "too_much": Text(
        "このファイルは、決められた時間かメモリーの中では開けませんでした。圧縮された中身が大きすぎるか、壊れている可能性があります。"
        "Excelで開き、使っていないシートや書式を消して保存し直してください。",
        "This file could not be opened within the limits of time and memory. What is packed in it may be too large, "
        "or it is damaged. Open it in Excel, delete unused sheets and formats, and save it again.",
    ),
    "broken": Text(
        "確認の途中でこちらの不具合が起きました。ファイルのせいではありません。オープンデータ担当へお知らせください。",
        "The check failed by a fault of its own, not of your file. Please tell the open-data team.",
    ),
    "not_here": Text("このページはありません", "There is no such page"),
    "foreign": Text(
        "この画面からの送信ではないため、受け付けませんでした。", "Refused: it was not sent from this page."
    ),
    # the archived cell
    "archived": Text("保管された提出ファイルのセル", "A cell of an archived delivery"),
    "read_only": Text(
        "見るだけの画面です。受け取ったままの内容で、変えることはできません。",
        "Read-only: what was received, as it was received.",
    ),
    "value": Text("値", "Value"),
    "empty": Text("（空）", "(empty)"),
    "delivery": Text("提出ファイル", "Delivery"),
    "stewards": Text("管理者用", "For stewards"),
    "limit": Text(
        "範囲が広いため、色を付けたのは先頭の{cells}セル、メモを付けたのは先頭の{notes}か所です。",
        "The range is large: only its first {cells} cells are coloured, its first {notes} places have a comment.",
    ),
}


def word(key: str, language: Language, **facts: str) -> str:
    """One of the words, its places filled."""
    return WORDS[key].fill(language, facts)
