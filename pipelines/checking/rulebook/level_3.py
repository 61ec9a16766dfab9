"""The rules of level 3."""

from __future__ import annotations

from typing import Final

from pipelines.checking import examples as ex
from pipelines.checking.rulebook.rule import rule
from pipelines.checking.rules import figures, structure, times

LEVEL_3: Final = [
    rule(
        "L3-01", "first_row", "fatal",
        ("1行目が見出し、2行目からデータという形になっていません", "The first row is no header with data from the second"),
        ("1行目に見出し、2行目からデータ", "the header in row 1, data from row 2"),
        ("見出しの上の行を取り除き、見出しを1行目にまとめてください", "take out what stands above, and make the header row 1"),
        structure.first_row,
        lambda: ex.workbook(("ごみの量の推移",), *ex.PLAIN),
        ex.workbook,
    ),
    rule(
        "L3-02", "code_table", "low",
        ("コード表が添えられていません", "There is no code table"),
        ("使われているコードの一覧", "a table of the codes in use"),
        ("コードの意味の一覧を添えてください", "add a table that says what each code means"),
        limits=("コード表は別のファイルであることが多く、ファイル1つからは判断できません", "a code table is mostly another file; one file can't tell"),
    ),
    rule(
        "L3-03", "undefined_symbol", "low",
        ("数値の列の記号の意味が示されていません", "Signs among figures are not explained"),
        ("記号の意味を示す凡例", "a legend of the signs"),
        ("「－」「…」「x」などの意味を、別のシートか説明資料に書いてください", "say on another sheet or in a document what each sign means"),
        figures.undefined_symbol,
        lambda: ex.column("ごみの量(t)", 998, "…", 902, 871),
        ex.with_legend,
        ("別のファイルにある凡例は見えません", "a legend in another file can't be seen"),
    ),
    rule(
        "L3-04", "unit", "low",
        ("数値の項目に単位が示されていません", "Figures have no unit"),
        ("見出しに単位（例「人口(人)」）", "the unit in the name, as in 人口(人)"),
        ("見出しに単位を書き足してください", "add the unit to the name"),
        figures.no_unit,
        lambda: ex.column("人口", 100, 200, 300),
        lambda: ex.column("人口(人)", 100, 200, 300),
        ("単位のない指数などは人が確かめてください", "a person judges figures that have none, such as an index"),
    ),
    rule(
        "L3-05", "time_style", "low",
        ("年・年月・日付の書き方が決められた形ではありません", "Years, months or days are not in an agreed style"),
        ("西暦（2018）、ISO 8601（2019-03-31）、元号に西暦を添えた形のいずれかで、列の中で1通り", "a Western year, ISO 8601, or an era with its Western year; one style in a column"),
        ("西暦か ISO 8601 の形で書いてください", "write a Western year or ISO 8601"),
        times.time_style,
        lambda: ex.workbook(("年度", "量(t)"), ("H30", 1), ("R1", 2), ("R2", 3)),
        ex.workbook,
    ),
    rule(
        "L3-06", "area_code", "low",
        ("地域コードの形が正しくありません", "Area codes are not in the standard form"),
        ("標準地域コード（2桁・5桁、または検査数字付き6桁）", "standard codes: 2 or 5 digits, or 6 with the check digit"),
        ("先頭の 0 が落ちていないか確かめ、文字列として入力し直してください", "look for a lost leading zero; write codes as text"),
        times.area_code,
        lambda: ex.workbook(("市区町村コード", "人口(人)"), (1100, 10), (14130, 20), (13101, 30)),
        lambda: ex.workbook(("市区町村コード", "人口(人)"), ("01100", 10), ("14130", 20), ("131016", 30)),
        ("コードの形だけを見ます。名称が正式かは見ません", "only the form of codes, not whether a name is the official one"),
    ),
    rule(
        "L3-07", "stable_layout", "low",
        ("年によって様式が変わっています", "The layout changed over the years"),
        ("毎年同じ様式と、変えたときの説明", "one layout for all years, and changes documented"),
        ("様式を変えたときは説明を添えてください", "say what changed"),
        limits=("過去のファイルと比べないと判断できません", "can't be judged without the files of earlier years"),
    ),
    rule(
        "L3-08", "documentation", "low",
        ("定義・算出方法・出典・更新履歴などの説明がありません", "Definitions, computation, source and history are missing"),
        ("データの説明資料", "a document about the data"),
        ("説明資料を添えてください", "add such a document"),
        limits=("説明は別の資料にあり、ファイル1つからは判断できません", "it stands in another document; one file can't tell"),
    ),
    rule(
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
