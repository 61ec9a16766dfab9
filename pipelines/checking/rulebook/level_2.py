"""The rules of level 2."""

from __future__ import annotations

from typing import Final

from pipelines.checking import examples as ex
from pipelines.checking.rulebook.rule import WORKBOOKS, rule
from pipelines.checking.rules import figures, structure, wording

LEVEL_2: Final = [
    rule(
        "L2-01", "number_as_text", "fatal",
        ("数値の列に数値でないものがあります", "A column of figures holds what is no number"),
        ("数字だけの数値（単位・カンマ・※・全角数字・文字列の数字を含まない）", "plain numbers: no unit, comma, ※, full-width digit, or digits stored as text"),
        ("数字だけを半角の数値として入力し、単位は見出しに入れてください", "write digits only, as a number, and the unit into the header"),
        figures.no_number,
        lambda: ex.column("ごみの量", "９０２ｇ", 998, 871, 860),
        ex.workbook,
    ),
    rule(
        "L2-02", "omitted_label", "fatal",
        ("同じ項目名が省略されています", "Labels that repeat are left out"),
        ("すべての行に項目名", "a label in every row"),
        ("省略せずに、すべての行に書いてください", "write it into every row"),
        figures.omitted_label,
        lambda: ex.workbook(("区", "種別", "量(t)"), ("川崎区", "可燃", 1), (None, "不燃", 2), ("幸区", "可燃", 3), (None, "不燃", 4)),
        lambda: ex.workbook(("区", "種別", "量(t)"), ("川崎区", "可燃", 1), ("川崎区", "不燃", 2), ("幸区", "可燃", 3), ("幸区", "不燃", 4)),
        ("左端から続く項目の列だけを見ます", "only the labels from the left edge on"),
    ),
    rule(
        "L2-03", "column_names", "fatal",
        ("見出しが1行でないか、同じ見出しが複数あります", "The header takes several rows, or a name stands twice"),
        ("1行の見出しに、重複のない完全な列名", "complete names in one row, each once"),
        ("見出しを1行にまとめ、列ごとに違う名前にしてください（例「可燃_収集量」）", "write the header as one row with another name for each column"),
        structure.header_names,
        lambda: ex.workbook(("年度", "量(t)", "量(t)"), (2020, 1, 2), (2021, 3, 4)),
        lambda: ex.workbook(("年度", "可燃(t)", "不燃(t)"), (2020, 1, 2), (2021, 3, 4)),
        ("名前が完全かどうかは人が確かめてください", "a person judges whether a name is complete"),
    ),
    rule(
        "L2-04", "variant_spelling", "high",
        ("同じ選択肢の書き方がそろっていません", "One choice is written in several ways"),
        ("決められた1つの書き方", "one agreed spelling"),
        ("もっとも多い書き方にそろえてください", "use the most frequent spelling throughout"),
        wording.variant_spelling,
        lambda: ex.column("種別", "プラスチック", "ﾌﾟﾗｽﾁｯｸ", "プラスチック", "びん"),
        lambda: ex.column("種別", "プラスチック", "缶", "プラスチック", "びん"),
        ("幅・空白・大文字小文字だけの違いを見分けます", "only differences of width, white space and case are told"),
    ),
    rule(
        "L2-05", "other_detail", "medium",
        ("「その他」の内容が同じセルに書かれています", "What “other” means stands in the same cell"),
        ("「その他」の内容は別の列", "a column of its own for the detail"),
        ("「その他」とし、内容は右に列を加えて書いてください", "write その他, and the detail into a column beside it"),
        wording.detail_of_others,
        lambda: ex.column("種別", "可燃", "その他（小型家電）", "不燃"),
        lambda: ex.column("種別", "可燃", "その他", "不燃"),
        ("「その他（…）」の形だけを見分けます", "only the form その他（…） is told"),
    ),
    rule(
        "L2-06", "formula", "medium",
        ("数式の入ったセルがあります", "Cells hold formulas"),
        ("計算した結果の値", "the value that was computed"),
        ("コピーして「値の貼り付け」で値にしてください", "copy them and paste as values"),
        figures.formulas, ex.with_formula, ex.workbook, None, WORKBOOKS,
    ),
]  # fmt: skip
