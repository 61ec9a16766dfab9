"""The 30 rules of 「行政データにおける機械可読性に関するルール」(2026-03-31): ids, levels, severities, words, judges, examples.

Titles say what is wrong. Severities are those of the Digital Agency's sample checker. `limits` says what of a rule a
machine can't see; a rule without a judge is left to a person. docs/rules.md and tests come from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipelines.checking import examples as ex
from pipelines.checking.report import Level, Severity
from pipelines.checking.rules import figures, form, structure, times, wording
from pipelines.checking.rules.kit import Judge
from pipelines.checking.sheet import Book
from pipelines.findings import Text

Pair = tuple[str, str]
Example = Callable[[], Book]


@dataclass(frozen=True, slots=True)
class SheetRule:
    """One of the 30 rules. `kinds` are the files that it speaks of; `bad` breaks it, `good` does not."""

    id: str
    code: str
    severity: Severity
    title: Text
    expected: Text
    remedy: Text
    judge: Judge | None
    limits: Text | None
    bad: Example | None
    good: Example | None
    kinds: frozenset[str]

    @property
    def level(self) -> Level:
        """The level, from the id."""
        return "L1" if self.id.startswith("L1") else "L2" if self.id.startswith("L2") else "L3"


_WORKBOOKS: Final = frozenset(["xlsx", "xls"])
_CSV: Final = frozenset(["csv"])
_EVERY: Final = _WORKBOOKS | _CSV


def _rule(
    rule: str,
    code: str,
    severity: Severity,
    title: Pair,
    expected: Pair,
    remedy: Pair,
    judge: Judge | None = None,
    bad: Example | None = None,
    good: Example | None = None,
    limits: Pair | None = None,
    kinds: frozenset[str] = _EVERY,
) -> SheetRule:
    said = Text(*limits) if limits else None
    texts = Text(*title), Text(*expected), Text(*remedy)
    return SheetRule(rule, f"readable.{code}", severity, *texts, judge, said, bad, good, kinds)


_LEVEL_1 = [
    _rule(
        "L1-01", "format", "fatal",
        ("機械で読みにくい古い形式のファイルです", "The file has an old format that machines read badly"),
        ("xlsx・csv・xml・ods・json のいずれか", "one of xlsx, csv, xml, ods, json"),
        ("Excel で「名前を付けて保存」から .xlsx を選んで保存し直してください", "save it as .xlsx from Excel"),
        structure.bad_format, ex.old_workbook, ex.workbook,
    ),
    _rule(
        "L1-02", "one_table", "fatal",
        ("1つのシートに複数の表があります", "A sheet holds several tables"),
        ("1シートに1つの表（CSVは1ファイルに1つ）", "one table on a sheet, one in a CSV"),
        ("表ごとにシート（CSVはファイル）を分けてください", "give each table a sheet (or a CSV) of its own"),
        structure.several_tables,
        lambda: ex.workbook(("年度", "量(t)", None, "年度", "費用(円)"), *((2020 + i, 5 + i, None, 2020 + i, 9) for i in range(4))),
        ex.workbook,
        ("空白の行・列で区切られ、見出しを持つ表だけを見分けます", "only tables are told apart that blank rows or columns part and that have a header"),
    ),
    _rule(
        "L1-03", "split_table", "critical",
        ("表が途中で分かれています（空白の行・列、小見出し、見出しの繰り返し）", "The table is split by blank rows or columns, headings, or its header once more"),
        ("見出しの次の行から最後まで、すき間なくデータが続く表", "a table whose data follow its header without a gap"),
        ("空白の行・列と小見出しの行を削除し、小見出しは列に入れてください", "delete blank rows and columns; put headings between rows into a column"),
        structure.split_table,
        lambda: ex.workbook(("年度", "量(t)"), (2020, 1), (2021, 2), (None, None), (2022, 3)),
        ex.workbook,
    ),
    _rule(
        "L1-04", "outside_table", "major",
        ("表の外に題名・単位・注記などがあります", "Titles, units or notes stand outside the table"),
        ("表だけのシート", "a sheet with the table only"),
        ("題名や注記は別のシートか説明資料に移し、単位は見出しに入れてください", "move titles and notes to another sheet, and units into the header"),
        structure.outside_table,
        lambda: ex.workbook(("ごみの量の推移",), *ex.PLAIN, ("※速報値を含む",)),
        ex.workbook,
    ),
    _rule(
        "L1-05", "column_name", "critical",
        ("見出しのない列があります", "A column has no name"),
        ("すべての列に意味の分かる見出し", "a meaningful name for every column"),
        ("見出しを書いてください", "write its name into the header"),
        structure.unnamed_column,
        lambda: ex.workbook(("年度", "量(t)", None), *((2020 + i, 5 + i, i) for i in range(3))),
        ex.workbook,
        ("見出しの有無だけを見ます。意味が分かるかは人が確かめてください", "only whether there is a name; a person judges whether it is meaningful"),
    ),
    _rule(
        "L1-06", "layout_space", "critical",
        ("体裁を整えるための空白や改行があります", "White space or line breaks are there for looks"),
        ("前後や文字の間に空白のない値", "values without white space around or within words"),
        ("空白と改行を取り除いてください（配置はセルの書式で）", "take them out; use alignment instead"),
        wording.layout_space,
        lambda: ex.column("区", "川　崎　区", "幸区", "中原区"),
        lambda: ex.column("区", "川崎区", "幸区", "中原区"),
    ),
    _rule(
        "L1-07", "one_datum", "critical",
        ("1つのセルに複数のデータがあります", "A cell holds several data"),
        ("1つのセルに1つのデータ", "one datum in one cell"),
        ("列を分けて、1つずつ入力してください", "make columns of their own for them"),
        wording.several_data,
        lambda: ex.column("普及率", "96.0%(R3)", "97.1%(R4)", "97.5%(R5)"),
        ex.workbook,
        ("値と年・範囲・コードと名称・列挙の形だけを見分けます", "only a value with its year, ranges, a code with its name, and lists are told"),
    ),
    _rule(
        "L1-08", "machine_dependent", "critical",
        ("機種依存文字があります", "Characters that not every machine has"),
        ("①・㈱・㎡・Ⅱ などを使わない値（固有名詞を除く）", "values without ①, ㈱, ㎡, Ⅱ and the like (proper nouns excepted)"),
        ("(1)・(株)・m2・II などに置き換えてください", "write (1), (株), m2, II instead"),
        wording.machine_dependent,
        lambda: ex.column("面積(㎡)", 10, 20, 30),
        lambda: ex.column("面積(m2)", 10, 20, 30),
        ("固有名詞かどうかは人が確かめてください", "a person judges whether it is a proper noun"),
    ),
    _rule(
        "L1-09", "blank_or_zero", "minor",
        ("数値の列に空欄があり、ゼロか不明かが分かりません", "Empty cells among figures: zero, or not known?"),
        ("ゼロは 0、値がないときは決めた記号", "0 for zero, an agreed sign where there is no value"),
        ("ゼロなら 0 を、値がないなら記号（例「…」）を入れ、記号の意味を示してください", "write 0 for zero, else a sign such as … and say what it means"),
        figures.blank_figure,
        lambda: ex.column("ごみの量(t)", 998, None, 902, 871),
        ex.workbook,
        ("空欄の意味は人にしか分かりません", "only a person knows what an empty cell means"),
    ),
    _rule(
        "L1-10", "object", "critical",
        ("図形・テキストボックス・画像があります", "There are shapes, text boxes or pictures"),
        ("情報はすべてセルの中", "all information in cells"),
        ("情報を持つものはセルに書き、図形は削除してください", "write what they say into cells and delete them"),
        form.objects, ex.with_text_box, ex.workbook,
        ("情報を持つかどうかは人が確かめてください（ロゴなど）", "a person judges whether it carries information (a logo does not)"),
        _WORKBOOKS,
    ),
    _rule(
        "L1-11", "meaning_in_format", "critical",
        ("色や太字など、書式だけで区別されているセルがあります", "Cells are told apart by colour, bold or the like only"),
        ("書式がなくても意味の分かる値", "values that say the same without format"),
        ("区別（速報・注意・合計など）を列として書いてください", "write the distinction (provisional, total …) into a column"),
        form.meaning_in_format, ex.with_red_cell, ex.workbook,
        ("列の中で見た目が違うセルを示します。意味があるかは人が確かめてください", "cells that look otherwise than their column; a person judges whether it means anything"),
        _WORKBOOKS,
    ),
    _rule(
        "L1-12", "merged_cells", "critical",
        ("セルが結合されています", "Cells are merged"),
        ("結合のない表", "a table without merged cells"),
        ("結合を解除し、それぞれのセルに値を書いてください", "unmerge them and write the value into each cell"),
        structure.merged_cells, ex.with_merged, ex.workbook, None, _WORKBOOKS,
    ),
    _rule(
        "L1-13", "hidden", "critical",
        ("非表示の行・列・シートがあります", "Rows, columns or sheets are hidden"),
        ("すべて表示されたファイル", "a file with nothing hidden"),
        ("再表示するか、不要なら削除してください（見えないまま公開されます）", "show them, or delete them: they would be published unseen"),
        structure.hidden, ex.with_hidden, ex.workbook, None, _WORKBOOKS,
    ),
    _rule(
        "L1-14", "record_line", "fatal",
        ("1件のデータが複数の行にまたがっています", "A record takes more than one line"),
        ("1件を1行に", "one record on one line"),
        ("値の中の改行を取り除いてください", "take the line breaks out of the values"),
        form.broken_record,
        lambda: ex.csv_book('年度,備考\n2021,"前半\n後半"\n2022,なし\n'),
        lambda: ex.csv_book("年度,備考\n2021,前半 後半\n2022,なし\n"),
        None, _CSV,
    ),
    _rule(
        "L1-15", "unquoted_comma", "fatal",
        ("列の数が見出しと違う行があります（カンマが引用符で囲まれていない可能性）", "Rows have another number of fields than the header, as by an unquoted comma"),
        ('カンマを含む値は引用符（"）で囲む', "values that hold a comma are quoted"),
        ("カンマを含む値を引用符で囲むか、数値ならカンマを取ってください", "quote such values, or take the comma out of numbers"),
        form.unquoted_comma,
        lambda: ex.csv_book("年度,人口(人)\n2020,1,538,262\n2021,1540890\n"),
        lambda: ex.csv_book("年度,人口(人)\n2020,1538262\n2021,1540890\n"),
        None, _CSV,
    ),
]  # fmt: skip

_LEVEL_2 = [
    _rule(
        "L2-01", "number_as_text", "fatal",
        ("数値の列に数値でないものがあります", "A column of figures holds what is no number"),
        ("数字だけの数値（単位・カンマ・※・全角数字・文字列の数字を含まない）", "plain numbers: no unit, comma, ※, full-width digit, or digits stored as text"),
        ("数字だけを半角の数値として入力し、単位は見出しに入れてください", "write digits only, as a number, and the unit into the header"),
        figures.no_number,
        lambda: ex.column("ごみの量", "９０２ｇ", 998, 871, 860),
        ex.workbook,
    ),
    _rule(
        "L2-02", "omitted_label", "fatal",
        ("同じ項目名が省略されています", "Labels that repeat are left out"),
        ("すべての行に項目名", "a label in every row"),
        ("省略せずに、すべての行に書いてください", "write it into every row"),
        figures.omitted_label,
        lambda: ex.workbook(("区", "種別", "量(t)"), ("川崎区", "可燃", 1), (None, "不燃", 2), ("幸区", "可燃", 3), (None, "不燃", 4)),
        lambda: ex.workbook(("区", "種別", "量(t)"), ("川崎区", "可燃", 1), ("川崎区", "不燃", 2), ("幸区", "可燃", 3), ("幸区", "不燃", 4)),
        ("左端から続く項目の列だけを見ます", "only the labels from the left edge on"),
    ),
    _rule(
        "L2-03", "column_names", "fatal",
        ("見出しが1行でないか、同じ見出しが複数あります", "The header takes several rows, or a name stands twice"),
        ("1行の見出しに、重複のない完全な列名", "complete names in one row, each once"),
        ("見出しを1行にまとめ、列ごとに違う名前にしてください（例「可燃_収集量」）", "write the header as one row with another name for each column"),
        structure.header_names,
        lambda: ex.workbook(("年度", "量(t)", "量(t)"), (2020, 1, 2), (2021, 3, 4)),
        lambda: ex.workbook(("年度", "可燃(t)", "不燃(t)"), (2020, 1, 2), (2021, 3, 4)),
        ("名前が完全かどうかは人が確かめてください", "a person judges whether a name is complete"),
    ),
    _rule(
        "L2-04", "variant_spelling", "high",
        ("同じ選択肢の書き方がそろっていません", "One choice is written in several ways"),
        ("決められた1つの書き方", "one agreed spelling"),
        ("もっとも多い書き方にそろえてください", "use the most frequent spelling throughout"),
        wording.variant_spelling,
        lambda: ex.column("種別", "プラスチック", "ﾌﾟﾗｽﾁｯｸ", "プラスチック", "びん"),
        lambda: ex.column("種別", "プラスチック", "缶", "プラスチック", "びん"),
        ("幅・空白・大文字小文字だけの違いを見分けます", "only differences of width, white space and case are told"),
    ),
    _rule(
        "L2-05", "other_detail", "medium",
        ("「その他」の内容が同じセルに書かれています", "What “other” means stands in the same cell"),
        ("「その他」の内容は別の列", "a column of its own for the detail"),
        ("「その他」とし、内容は右に列を加えて書いてください", "write その他, and the detail into a column beside it"),
        wording.detail_of_others,
        lambda: ex.column("種別", "可燃", "その他（小型家電）", "不燃"),
        lambda: ex.column("種別", "可燃", "その他", "不燃"),
        ("「その他（…）」の形だけを見分けます", "only the form その他（…） is told"),
    ),
    _rule(
        "L2-06", "formula", "medium",
        ("数式の入ったセルがあります", "Cells hold formulas"),
        ("計算した結果の値", "the value that was computed"),
        ("コピーして「値の貼り付け」で値にしてください", "copy them and paste as values"),
        figures.formulas, ex.with_formula, ex.workbook, None, _WORKBOOKS,
    ),
]  # fmt: skip

_LEVEL_3 = [
    _rule(
        "L3-01", "first_row", "fatal",
        ("1行目が見出し、2行目からデータという形になっていません", "The first row is no header with data from the second"),
        ("1行目に見出し、2行目からデータ", "the header in row 1, data from row 2"),
        ("見出しの上の行を取り除き、見出しを1行目にまとめてください", "take out what stands above, and make the header row 1"),
        structure.first_row,
        lambda: ex.workbook(("ごみの量の推移",), *ex.PLAIN),
        ex.workbook,
    ),
    _rule(
        "L3-02", "code_table", "low",
        ("コード表が添えられていません", "There is no code table"),
        ("使われているコードの一覧", "a table of the codes in use"),
        ("コードの意味の一覧を添えてください", "add a table that says what each code means"),
        limits=("コード表は別のファイルであることが多く、ファイル1つからは判断できません", "a code table is mostly another file; one file can't tell"),
    ),
    _rule(
        "L3-03", "undefined_symbol", "low",
        ("数値の列の記号の意味が示されていません", "Signs among figures are not explained"),
        ("記号の意味を示す凡例", "a legend of the signs"),
        ("「－」「…」「x」などの意味を、別のシートか説明資料に書いてください", "say on another sheet or in a document what each sign means"),
        figures.undefined_symbol,
        lambda: ex.column("ごみの量(t)", 998, "…", 902, 871),
        ex.with_legend,
        ("別のファイルにある凡例は見えません", "a legend in another file can't be seen"),
    ),
    _rule(
        "L3-04", "unit", "low",
        ("数値の項目に単位が示されていません", "Figures have no unit"),
        ("見出しに単位（例「人口(人)」）", "the unit in the name, as in 人口(人)"),
        ("見出しに単位を書き足してください", "add the unit to the name"),
        figures.no_unit,
        lambda: ex.column("人口", 100, 200, 300),
        lambda: ex.column("人口(人)", 100, 200, 300),
        ("単位のない指数などは人が確かめてください", "a person judges figures that have none, such as an index"),
    ),
    _rule(
        "L3-05", "time_style", "low",
        ("年・年月・日付の書き方が決められた形ではありません", "Years, months or days are not in an agreed style"),
        ("西暦（2018）、ISO 8601（2019-03-31）、元号に西暦を添えた形のいずれかで、列の中で1通り", "a Western year, ISO 8601, or an era with its Western year; one style in a column"),
        ("西暦か ISO 8601 の形で書いてください", "write a Western year or ISO 8601"),
        times.time_style,
        lambda: ex.workbook(("年度", "量(t)"), ("H30", 1), ("R1", 2), ("R2", 3)),
        ex.workbook,
    ),
    _rule(
        "L3-06", "area_code", "low",
        ("地域コードの形が正しくありません", "Area codes are not in the standard form"),
        ("標準地域コード（2桁・5桁、または検査数字付き6桁）", "standard codes: 2 or 5 digits, or 6 with the check digit"),
        ("先頭の 0 が落ちていないか確かめ、文字列として入力し直してください", "look for a lost leading zero; write codes as text"),
        times.area_code,
        lambda: ex.workbook(("市区町村コード", "人口(人)"), (1100, 10), (14130, 20), (13101, 30)),
        lambda: ex.workbook(("市区町村コード", "人口(人)"), ("01100", 10), ("14130", 20), ("131016", 30)),
        ("コードの形だけを見ます。名称が正式かは見ません", "only the form of codes, not whether a name is the official one"),
    ),
    _rule(
        "L3-07", "stable_layout", "low",
        ("年によって様式が変わっています", "The layout changed over the years"),
        ("毎年同じ様式と、変えたときの説明", "one layout for all years, and changes documented"),
        ("様式を変えたときは説明を添えてください", "say what changed"),
        limits=("過去のファイルと比べないと判断できません", "can't be judged without the files of earlier years"),
    ),
    _rule(
        "L3-08", "documentation", "low",
        ("定義・算出方法・出典・更新履歴などの説明がありません", "Definitions, computation, source and history are missing"),
        ("データの説明資料", "a document about the data"),
        ("説明資料を添えてください", "add such a document"),
        limits=("説明は別の資料にあり、ファイル1つからは判断できません", "it stands in another document; one file can't tell"),
    ),
    _rule(
        "L3-09", "long_form", "low",
        ("年や月が列に並ぶ横持ちの表です", "Years or months run across as columns"),
        ("年や月を1つの列にした縦持ちの表", "the long form, with a column for the period"),
        ("「年度」の列を作り、1行に1つの値にしてください", "make a column for the period and write one value a row"),
        structure.wide_form,
        lambda: ex.workbook(("区", "2020年度", "2021年度", "2022年度"), ("川崎区", 1, 2, 3), ("幸区", 4, 5, 6)),
        ex.workbook,
        ("年・年度・月が並ぶ場合だけを見分けます", "only periods as columns are told"),
    ),
]  # fmt: skip

RULES: Final = (*_LEVEL_1, *_LEVEL_2, *_LEVEL_3)
BY_CODE: Final = {rule.code: rule for rule in RULES}
