"""Every kind of finding. Messages, docs/findings.md and tests come from here; a test fails on a gap.

Columns: code, severity, whose task, what is wrong (ja, en), what was expected (ja, en), remedy (ja, en), a bad and
a good example. `{name}` places are facts that a finding of that code carries.
"""

from __future__ import annotations

from pipelines.findings import Rule, Severity, Task, Text


def _rule(
    code: str,
    task: Task,
    title: tuple[str, str],
    expected: tuple[str, str],
    remedy: tuple[str, str],
    bad: str,
    good: str,
    severity: Severity = "error",
) -> Rule:
    return Rule(code, severity, task, Text(*title), Text(*expected), Text(*remedy), bad, good)


_DESCRIPTORS = [
    _rule(
        "config.yaml",
        "operator",
        ("YAMLとして読めません", "This is no readable YAML"),
        ("YAML 1.2の文書", "a YAML 1.2 document"),
        ("示された行を直してください", "mend the line named here"),
        "title: {ja: ごみ",
        "title: {ja: ごみ, en: Waste}",
    ),
    _rule(
        "config.unknown_key",
        "operator",
        ("知らない項目「{key}」があります", "The key “{key}” is not known"),
        ("docs/json-schema にある項目だけ", "only keys that docs/json-schema has"),
        ("綴りを確かめるか、項目を消してください", "check its spelling or take it out"),
        "tittle: …",
        "title: …",
    ),
    _rule(
        "config.missing_key",
        "operator",
        ("項目「{key}」がありません", "The key “{key}” is missing"),
        ("この項目（{expected}）", "that key ({expected})"),
        ("項目を書き足してください", "add it"),
        "(no department)",
        "department: environment",
    ),
    _rule(
        "config.value",
        "operator",
        ("項目「{key}」の値が使えません", "The value of “{key}” can't be used"),
        ("{expected}", "{expected}"),
        ("値を直してください。形は docs/json-schema にあります", "mend the value; docs/json-schema has its form"),
        "type: numeric",
        "type: number",
    ),
    _rule(
        "config.missing_twin",
        "operator",
        ("対になるファイルがありません", "The file's twin is missing"),
        ("{other} と同じ名前のファイル", "a file of the same name as {other}"),
        (
            "schemas/ と sources/ に同じ名前の2つのファイルを置いてください",
            "keep two files of one name, in schemas/ and sources/",
        ),
        "schemas/x.yaml",
        "schemas/x.yaml, sources/x.yaml",
    ),
    _rule(
        "config.no_city",
        "operator",
        ("自治体の設定ファイルがありません", "The file of the municipality is missing"),
        ("{folder} の下の schemas/_city.yaml", "schemas/_city.yaml below {folder}"),
        (
            "OPENDATA_ROOT に schemas/ と sources/ のあるフォルダーを指定してください",
            "let OPENDATA_ROOT name the folder that has schemas/ and sources/",
        ),
        "OPENDATA_ROOT=/tmp",
        "OPENDATA_ROOT=/srv/opendata",
    ),
    _rule(
        "config.unknown_name",
        "operator",
        ("「{key}」が指す名前がありません", "“{key}” names something that isn't there"),
        ("次のいずれか：{known}", "one of: {known}"),
        ("名前を直すか、先に定義してください", "mend the name, or define it first"),
        "department: enviroment",
        "department: environment",
    ),
    _rule(
        "config.circle",
        "operator",
        ("データセットが互いを必要としています", "Datasets need one another in a circle"),
        ("循環のない依存関係", "dependencies without a circle"),
        ("inputs または foreignKeys の一つを外してください", "take one of the inputs or foreignKeys out"),
        "a → b → a",
        "a → b",
    ),
    _rule(
        "new.outside",
        "operator",
        ("提出ファイルが sources/ の外にあります", "The delivery lies outside sources/"),
        ("sources/ の下のファイル", "a file below sources/"),
        ("sources/deliveries/<所管>/ に置いてください", "put it into sources/deliveries/<department>/"),
        "../x.xlsx",
        "sources/deliveries/environment/x.xlsx",
    ),
    _rule(
        "new.exists",
        "operator",
        ("その名前のファイルがすでにあります", "There is a file of that name already"),
        ("まだない名前", "a name that is not taken"),
        ("別の名前を選ぶか、そのファイルを直接編集してください", "choose another name, or edit that file"),
        "--name waste_per_capita",
        "--name waste_by_ward",
    ),
    _rule(
        "new.name",
        "operator",
        ("データセットの名前に使えません", "This can't be the name of a dataset"),
        ("{pattern} に合う名前", "a name that matches {pattern}"),
        ("英小文字・数字・_ で、英字から始めてください", "use lower case letters, digits and _, a letter first"),
        "Waste-2020",
        "waste_2020",
    ),
    _rule(
        "new.empty",
        "operator",
        ("シートに何も入っていません", "The sheet is empty"),
        ("表のあるシート", "a sheet with a table"),
        ("--sheet で表のあるシートを指定してください", "name the sheet with the table by --sheet"),
        "(an empty sheet)",
        "--sheet ごみ排出量",
    ),
    _rule(
        "new.no_table",
        "operator",
        ("表の見出しを見分けられません", "No table with a header of its own could be made out"),
        ("列ごとに違う見出しのある表", "a table with another header for each column"),
        (
            "--sheet で別のシートを指定するか、docs/json-schema を見て2つのファイルを書いてください",
            "name another sheet by --sheet, or write the two files by hand after docs/json-schema",
        ),
        "年度, 件数, 年度, 件数",
        "年度, 件数",
    ),
    _rule(
        "name.department",
        "operator",
        ("その名前の所管はありません", "There is no department of that name"),
        ("次のいずれか：{known}", "one of: {known}"),
        (
            "schemas/_city.yaml の departments の名前を書いてください",
            "write one of the names under departments in schemas/_city.yaml",
        ),
        "--department enviroment",
        "--department environment",
    ),
    _rule(
        "name.dataset",
        "operator",
        ("その名前のデータセットはありません", "There is no dataset of that name"),
        ("{known}", "{known}"),
        ("`opendata list` で名前を確かめてください", "see `opendata list` for the names"),
        "opendata history waste",
        "opendata history waste_per_capita",
    ),
    _rule(
        "name.release",
        "operator",
        ("その時点・版の公開はありません", "There is no such release"),
        ("{known}", "{known}"),
        ("`opendata history` で版を確かめてください", "see `opendata history` for the releases"),
        "--as-of 1990-01-01",
        "--as-of 2026-12-31",
    ),
    _rule(
        "name.row",
        "operator",
        ("そのキーの行はありません", "There is no row with that key"),
        ("キー {known}", "the key {known}"),
        ("キーの値を順に書いてください", "write the values of the key in their order"),
        "explain waste_per_capita 1800",
        "explain waste_per_capita 2020",
    ),
]

_DELIVERIES = [
    _rule(
        "source.missing",
        "department",
        ("提出ファイルがありません", "The delivery is not there"),
        ("{path}", "{path}"),
        ("ファイルをこの場所に置いてください", "put the file in that place"),
        "(no file)",
        "deliveries/environment/ごみ排出量の推移.xlsx",
    ),
    _rule(
        "source.unreachable",
        "operator",
        ("提出元に接続できません", "The source can't be reached"),
        ("{url} からの応答", "an answer from {url}"),
        (
            "提出元のサーバーを確かめてください。次の夜に自動で再試行します",
            "check the source's server; the next night tries again by itself",
        ),
        "HTTP 503",
        "HTTP 200",
    ),
    _rule(
        "source.too_large",
        "operator",
        ("提出ファイルが大きすぎます", "The delivery is too large"),
        ("{largest} バイト以下", "at most {largest} bytes"),
        ("提出元と内容を確かめてください", "check with the source what it serves"),
        "3 GB",
        "3 MB",
    ),
    _rule(
        "source.sql_loses_place",
        "operator",
        ("sources の sql が行の出所を落としています", "The source's sql loses where a row came from"),
        ("_part と _row の列を残す", "keep the columns _part and _row"),
        ("SELECT * REPLACE (…) FROM raw の形で書いてください", "write it as SELECT * REPLACE (…) FROM raw"),
        "SELECT year FROM raw",
        "SELECT * REPLACE (upper(x) AS x) FROM raw",
    ),
    _rule(
        "file.html",
        "department",
        ("データの名前で届いたのは Web ページ（HTML）です", "What came under a data file's name is a web page (HTML)"),
        ("{kind} のファイル", "a file of kind {kind}"),
        (
            "ダウンロードのエラー画面を保存していないか確かめ、元のファイルを提出し直してください",
            "it may be a saved error page: hand in the file itself",
        ),
        "<html>…404…",
        "PK… (xlsx)",
    ),
    _rule(
        "file.empty",
        "department",
        ("ファイルが空（0バイト）です", "The file is empty (0 bytes)"),
        ("{kind} のファイル", "a file of kind {kind}"),
        ("ファイルを保存し直して提出してください", "save the file again and hand it in"),
        "0 bytes",
        "12,345 bytes",
    ),
    _rule(
        "file.wrong_kind",
        "department",
        ("ファイルの種類が違います", "The file is of another kind"),
        ("{kind} のファイル", "a file of kind {kind}"),
        ("拡張子だけでなく、形式を選んで保存し直してください", "save it in the right format, not only with its ending"),
        "text named .xlsx",
        "an Excel workbook",
    ),
    _rule(
        "file.damaged",
        "department",
        ("ファイルが壊れていて開けません", "The file is damaged and can't be opened"),
        ("最後まで読めるファイル", "a file that can be read to its end"),
        (
            "Excel で開けるか確かめ、保存し直して提出してください",
            "see whether Excel opens it, save it again and hand it in",
        ),
        "a workbook cut off in the middle",
        "a whole workbook",
    ),
    _rule(
        "file.encoding",
        "department",
        ("文字コードが違います", "The text has another encoding"),
        ("{encoding}", "{encoding}"),
        ("{encoding} で保存し直してください", "save it as {encoding}"),
        "e3 81 94 in a cp932 file",
        "a cp932 file",
    ),
    _rule(
        "csv.quotes",
        "department",
        ('引用符（"）の対応が崩れています', "The quotes (\") don't match"),
        ("開いた引用符を同じ欄の終わりで閉じる", "a quote that is opened is closed at the end of its field"),
        ("この行の引用符を直してください", "mend the quotes of that line"),
        'a,"b,c',
        'a,"b,c"',
    ),
    _rule(
        "csv.ragged",
        "department",
        ("列の数が見出しと違います", "The row has another number of columns than the header"),
        ("{columns} 列", "{columns} columns"),
        (
            "カンマを含む値は引用符で囲み、余分な区切りを消してください",
            "quote values that hold a comma and take extra separators out",
        ),
        "2020,1,234",
        '2020,"1,234"',
    ),
    _rule(
        "sheet.missing",
        "department",
        ("シート「{sheet}」がありません", "The sheet “{sheet}” is missing"),
        ("シート「{sheet}」", "a sheet named “{sheet}”"),
        (
            "シート名を元に戻してください。変えた場合は運用担当に知らせてください",
            "give the sheet its name back, or tell the operator that it changed",
        ),
        "Sheet1",
        "ごみ排出量",
    ),
    _rule(
        "sheet.anchor",
        "department",
        ("目印の見出し「{anchor}」が1か所に定まりません", "The heading “{anchor}” does not stand in just one place"),
        ("「{anchor}」が1か所", "“{anchor}” once"),
        ("見出しを元に戻してください", "give the heading its text back"),
        "(none)",
        "川崎区",
    ),
    _rule(
        "sheet.fault",
        "department",
        (
            "セルの中身がエラー値か、計算されていない数式です",
            "A cell holds an error, or a formula that was never computed",
        ),
        ("計算済みの値", "a value, as it was computed"),
        (
            "Excel で数式を直し、計算させてから保存し直してください。値がないことを表すなら、運用担当が sources の missing に加えます",
            "mend the formula in Excel and save the file again; if it stands for no value, the operator adds it to missing in sources/",
        ),
        "#N/A",
        "902",
    ),
    _rule(
        "header.missing",
        "department",
        ("見出し「{header}」の列がありません", "There is no column headed “{header}”"),
        ("見出し「{header}」", "a column headed “{header}”"),
        (
            "見出しを元に戻してください。正式に変えた場合は、運用担当が sources の columns に新しい見出しを加えます",
            "give the header its text back; if it was changed for good, the operator adds the new one to columns in sources/",
        ),
        "排出量",
        "1人1日当たり排出量(g)",
    ),
    _rule(
        "header.ambiguous",
        "department",
        ("見出し「{header}」の列が複数あります（{cells}）", "Several columns are headed “{header}” ({cells})"),
        ("見出し「{header}」の列が1つ", "one column headed “{header}”"),
        ("列の見出しを区別できるように直してください", "give the columns different headers"),
        "人口, 人口",
        "人口(男), 人口(女)",
    ),
    _rule(
        "header.unexpected",
        "department",
        ("知らない見出しの列があります", "There is a column with a header that is not known"),
        (
            "「{matching}」に合う見出し、または sources に書かれた見出し",
            "a header that matches “{matching}”, or one that sources/ names",
        ),
        (
            "見出しの書き方をほかの列とそろえてください。公開しない列なら、運用担当が sources の ignore に加えます",
            "write the header as in the other columns; if it is not to be published, the operator adds it to ignore in sources/",
        ),
        "2015",
        "2015年度",
    ),
    _rule(
        "correction.stale",
        "operator",
        (
            "sources の corrections が元データと合わなくなりました（{where}）",
            "A correction in sources/ no longer matches ({where})",
        ),
        ("「{expect}」がちょうど1か所", "“{expect}” in just one place"),
        (
            "元データが直っていれば、その correction を消してください",
            "take the correction out if the department mended the original",
        ),
        "0 places",
        "1 place",
    ),
]

_CELL = ("「{field_ja}」の", "“{field_en}”: ")


def _cell(
    code: str, title: tuple[str, str], expected: tuple[str, str], remedy: tuple[str, str], bad: str, good: str
) -> Rule:
    ja, en = title
    return _rule(f"cell.{code}", "department", (_CELL[0] + ja, _CELL[1] + en), expected, remedy, bad, good)


_CELLS = [
    _cell(
        "number",
        ("値が数値として読めません", "the value is no number"),
        ("数値（例 902、1,234.5、▲10.2）", "a number, such as 902, 1,234.5 or ▲10.2"),
        (
            "数字だけを入力してください。英字のOやl、注記が混じっていないか確かめてください",
            "write digits only; look for the letters O and l and for notes in the cell",
        ),
        "9O2",
        "902",
    ),
    _cell(
        "integer",
        ("値が整数として読めません", "the value is no whole number"),
        ("整数（例 902、1,234）", "a whole number, such as 902 or 1,234"),
        (
            "数字だけを入力してください。英字のOやl、小数が混じっていないか確かめてください",
            "write digits only; look for the letters O and l and for decimals",
        ),
        "9O2",
        "902",
    ),
    _cell(
        "decimals",
        ("小数の桁が多すぎます", "the number has more decimal places than are published"),
        ("小数 {expected} 桁まで", "at most {expected} decimal places"),
        (
            "桁数を確かめて入力し直してください。丸めは自動では行いません",
            "check the figure and write it anew; nothing is rounded by itself",
        ),
        "95.678",
        "95.7",
    ),
    _cell(
        "unit",
        ("単位が決められたものと違います", "the unit is not the one agreed"),
        ("単位 {expected}", "the unit {expected}"),
        (
            "単位を確かめてください。単位を変えた場合は運用担当に知らせてください",
            "check the unit; tell the operator if it was changed",
        ),
        "0.9kg",
        "902g",
    ),
    _cell(
        "year",
        ("値が年・年度として読めません", "the value is no year"),
        ("2018、平成30年度、H30 など {expected}", "such as 2018, 平成30年度 or H30 {expected}"),
        ("西暦4桁か、元号と年で入力してください", "write four digits, or era and year"),
        "30",
        "平成30年度",
    ),
    _cell(
        "yearmonth",
        ("値が年月として読めません", "the value is no month"),
        ("2019-03、平成31年3月 など {expected}", "such as 2019-03 or 平成31年3月 {expected}"),
        ("西暦か元号の年と、月を入力してください", "write the year, in either calendar, and the month"),
        "3月",
        "2019-03",
    ),
    _cell(
        "date",
        ("値が日付として読めません", "the value is no date"),
        ("2019-01-01、平成31年1月1日 など {expected}", "such as 2019-01-01 or 平成31年1月1日 {expected}"),
        (
            "年月日を入力してください。元号はその日に使われていたものに限ります",
            "write year, month and day; an era only where it was in force that day",
        ),
        "03/04/01",
        "2003-04-01",
    ),
    _cell(
        "datetime",
        ("値が日時として読めません", "the value is no date with time"),
        ("2019-01-01T09:00:00 など {expected}", "such as 2019-01-01T09:00:00 {expected}"),
        ("年月日と時刻を入力してください", "write date and time"),
        "9時",
        "2019-01-01T09:00:00",
    ),
    _cell(
        "boolean",
        ("値が真偽として読めません", "the value is neither true nor false"),
        ("true または false", "true or false"),
        ("true か false を入力してください", "write true or false"),
        "はい",
        "true",
    ),
    _cell(
        "pattern",
        ("値の書き方が決められた形と違います", "the value is not written in the agreed form"),
        ("形 {expected}", "the form {expected}"),
        ("ほかの行と同じ書き方にしてください", "write it as in the other rows"),
        "約96%",
        "96.0%(R3)",
    ),
    _cell(
        "choice",
        ("値が決められた選択肢にありません", "the value is not one of the agreed choices"),
        ("次のいずれか：{expected}", "one of: {expected}"),
        ("選択肢の一つを入力してください", "write one of the choices"),
        "以上？",
        "以上",
    ),
]


def _constraint(code: str, title: tuple[str, str], expected: tuple[str, str], bad: str, good: str) -> Rule:
    remedy = (
        "値を元の資料で確かめ、直して提出し直してください",
        "check the value against its source, mend it and hand the file in again",
    )
    ja, en = title
    return _rule(code, "department", (_CELL[0] + ja, _CELL[1] + en), expected, remedy, bad, good)


_CONSTRAINTS = [
    _constraint(
        "constraint.required", ("値がありません", "there is no value"), ("空でない値", "a value"), "(empty)", "902"
    ),
    _constraint(
        "constraint.unique",
        ("同じ値が複数あります", "the value stands more than once"),
        ("重複のない値", "a value that stands once"),
        "A, A",
        "A, B",
    ),
    _constraint(
        "constraint.minimum",
        ("値が小さすぎます", "the value is too small"),
        ("{expected} 以上", "at least {expected}"),
        "9",
        "902",
    ),
    _constraint(
        "constraint.maximum",
        ("値が大きすぎます", "the value is too large"),
        ("{expected} 以下", "at most {expected}"),
        "9020",
        "902",
    ),
    _constraint(
        "constraint.exclusive_minimum",
        ("値が小さすぎます", "the value is too small"),
        ("{expected} より大きい", "more than {expected}"),
        "0",
        "0.1",
    ),
    _constraint(
        "constraint.exclusive_maximum",
        ("値が大きすぎます", "the value is too large"),
        ("{expected} より小さい", "less than {expected}"),
        "100",
        "99.9",
    ),
    _constraint(
        "constraint.pattern",
        ("値の形が違います", "the value has another form"),
        ("形 {expected}", "the form {expected}"),
        "1413",
        "14131",
    ),
    _constraint(
        "constraint.enum",
        ("値が選択肢にありません", "the value is none of the choices"),
        ("{expected}", "{expected}"),
        "up",
        "at_least",
    ),
    _constraint(
        "constraint.min_length",
        ("文字数が足りません", "the text is too short"),
        ("{expected} 文字以上", "at least {expected} characters"),
        "A",
        "A01",
    ),
    _constraint(
        "constraint.max_length",
        ("文字数が多すぎます", "the text is too long"),
        ("{expected} 文字以下", "at most {expected} characters"),
        "A0000001",
        "A01",
    ),
    _constraint(
        "key.primary",
        ("主キーが重複しているか空です（{expected}）", "the primary key is doubled or empty ({expected})"),
        ("行ごとに1つの {expected}", "one {expected} for each row"),
        "2020, 2020",
        "2020, 2021",
    ),
    _constraint(
        "key.unique",
        ("組み合わせが重複しています（{expected}）", "the combination is doubled ({expected})"),
        ("重複のない {expected}", "each {expected} once"),
        "A/1, A/1",
        "A/1, A/2",
    ),
    _constraint(
        "key.foreign",
        ("参照先にない値です", "the value is not in the table it refers to"),
        ("{expected} にある値", "a value of {expected}"),
        "K99",
        "K01",
    ),
    _constraint(
        "rule.max_change",
        ("前の期からの変化が大きすぎます（{rule}）", "the change against the period before is too large ({rule})"),
        ("変化が {expected} 以内", "a change of at most {expected}"),
        "902 → 90",
        "902 → 898",
    ),
    _constraint(
        "rule.complete_periods",
        ("この前の期が抜けています（{rule}）", "a period before this one is missing ({rule})"),
        ("途切れのない期間（{expected}）", "periods without a gap ({expected})"),
        "2018, 2020",
        "2018, 2019, 2020",
    ),
    _constraint(
        "rule.sum_of_parts",
        ("内訳の合計と一致しません（{rule}）", "the parts don't add up to it ({rule})"),
        ("{expected} の合計", "the sum of {expected}"),
        "10 = 4 + 5",
        "10 = 4 + 6",
    ),
    _constraint(
        "rule.sql",
        ("検査「{rule}」に合いません", "the check “{rule}” is not met"),
        ("{title_ja}", "{title_en}"),
        "(see the schema)",
        "(see the schema)",
    ),
]

_OPERATION = [
    _rule(
        "many", "department",
        ("「{field_ja}」にほかにも同じ種類の指摘があります（{code}）", "“{field_en}”: more findings of the same kind ({code})"),
        ("上の指摘と同じ", "as above"),
        ("上の指摘を直してから、もう一度確かめてください", "mend the ones above, then check again"),
        "(many)", "(none)",
    ),
    _rule(
        "input.missing", "operator",
        ("元になるデータセットがまだ公開されていません", "A dataset that this one needs has not been published yet"),
        ("公開済みの {inputs}", "{inputs}, published"),
        ("元になるデータセットの指摘を先に直してください", "mend the findings of that dataset first"),
        "(none)", "kpi_indicators 1.0.0",
    ),
    _rule(
        "input.held", "operator",
        ("元になるデータセットのいずれかが保留中です", "One of the datasets that this one is derived from is held back"),
        ("保留のない元データ（{inputs}）", "inputs that are not held back ({inputs})"),
        ("元になるデータセットの指摘を直すと、次の夜に更新されます。最後の公開はそのままです", "mend the findings of that dataset; the next night goes on, and the last release stays till then"),
        "held back", "published",
    ),
    _rule(
        "derived.sql", "operator",
        ("派生データセットの sql が実行できません", "The sql of a derived dataset can't be run"),
        ("inputs の表に対する DuckDB の SELECT", "a DuckDB SELECT over its inputs"),
        ("sources の sql を直してください", "mend the sql in sources/"),
        "SELEC 1", "SELECT …",
    ),
    _rule(
        "derived.refs", "operator",
        ("派生データセットの sql に refs の列がありません", "The sql of a derived dataset has no column refs"),
        ("使った行の ref のリスト refs（VARCHAR[]）", "refs (VARCHAR[]), a list of the ref of every row that was used"),
        ("SELECT に [a.ref, b.ref] AS refs を加えてください", "add [a.ref, b.ref] AS refs to the SELECT"),
        "(none)", "[s.ref, t.ref] AS refs",
    ),
    _rule(
        "derived.type", "operator",
        ("派生データセットの列の型が契約と違います", "A column of a derived dataset has another type than the contract"),
        ("{type}", "{type}"),
        ("sql で型を明示してください。丸めるときは round() を書いてください", "cast it in the sql; write round() where it is to be rounded"),
        "DOUBLE", "DECIMAL(18, 1)",
    ),
    _rule(
        "store.object_missing", "operator",
        ("保管庫の内容が見つかりません", "The store has lost an object"),
        ("このハッシュのファイル", "a file of that hash"),
        ("バックアップから保管庫を戻してください", "restore the store from its backup"),
        "(none)", "objects/ab/abcd…",
    ),
    _rule(
        "store.object_damaged", "operator",
        ("保管庫の内容が壊れています", "An object of the store is damaged"),
        ("名前のハッシュと同じ内容", "content of the hash in its name"),
        ("バックアップからこのファイルを戻してください", "restore that file from the backup"),
        "(other bytes)", "(the same bytes)",
    ),
    _rule(
        "store.log_broken", "operator",
        ("保管庫の記録がつながっていません", "The log of the store is broken"),
        ("1から続く番号と、前の記録のハッシュ", "numbers from 1 on, each with the hash of the one before"),
        ("バックアップから log を戻してください", "restore the log from the backup"),
        "1, 2, 4", "1, 2, 3",
    ),
    _rule(
        "store.unwritable", "operator",
        ("保管庫またはカタログに書き込めません", "Store or catalogue can't be written"),
        ("書き込めるディスク", "a disk that can be written"),
        ("空き容量と権限を確かめてください。次の夜に続きから行います", "check free space and permissions; the next night goes on from here"),
        "No space left on device", "(free space)",
    ),
    _rule(
        "bug", "operator",
        ("プログラムの誤りです", "This is a fault of the program"),
        ("—", "—"),
        ("記録を添えて開発者に知らせてください。最後の公開はそのまま残っています", "send the log to the developers; the last release stays as it is"),
        "KeyError", "(none)",
    ),
    _rule(
        "catalogue.unreachable", "operator",
        ("カタログ {address} が応答しません", "The catalogue at {address} does not answer"),
        ("応答", "an answer"),
        ("CKAN_URL と、CKAN・ネットワークの状態を確かめてください。次の夜に続きから行います", "check CKAN_URL, the CKAN and the network; the next night goes on from here"),
        "ConnectionError", "HTTP 200",
    ),
    _rule(
        "catalogue.failed", "operator",
        ("カタログ {address} の内部で障害が起きています", "The catalogue at {address} failed inside"),
        ("CKAN APIの応答", "an answer of CKAN's API"),
        ("CKANの記録を見て、空き容量・データベース・検索サーバーを確かめてください。次の夜に続きから行います", "read CKAN's log; check its disk, its databases and its search server; the next night goes on from here"),
        "HTTP 500", "HTTP 200",
    ),
    _rule(
        "catalogue.forbidden", "operator",
        ("カタログ {address} がこの操作を認めません", "The catalogue at {address} does not allow this"),
        ("有効なトークンと、組織の編集者の権限", "a valid token of an editor of the organisation"),
        ("CKAN_API_TOKEN が有効か、その利用者が組織の編集者かを確かめてください", "check that CKAN_API_TOKEN is valid and that its user is an editor of the organisation"),
        "HTTP 403", "HTTP 200",
    ),
    _rule(
        "catalogue.conflict", "operator",
        ("公開の途中で、ほかの者が同じデータセットを変え続けました", "Somebody else kept changing the same dataset during its publication"),
        ("公開が済むまで変わらないデータセット", "a dataset that stays as it is until it is published"),
        ("もう一度実行してください。続くときは、公開処理が二つ動いていないか確かめてください", "run it again; if it happens again, see whether two publishers are at work"),
        "match: metadata_modified", "(no change)",
    ),
    _rule(
        "catalogue.refused", "operator",
        ("カタログが項目を受け付けません（{fields}）", "The catalogue refuses a field ({fields})"),
        ("カタログの入力規則に合う値", "values that the catalogue's own schema allows"),
        ("CKANのデータセットの定義（scheming など）を確かめ、開発者に知らせてください", "compare with the schema of this CKAN (scheming, for example) and tell the developers"),
        '{"contact": ["…"]}', "(accepted)",
    ),
    _rule(
        "catalogue.organisation", "operator",
        ("カタログに所管の組織がありません", "The catalogue lacks the department's organisation"),
        ("所管の名前（_ は -）の組織", "an organisation with the department's name, - in place of _"),
        ("CKANの管理者に、この名前の組織を作り、公開用の利用者を編集者にするよう頼んでください", "have the sysadmin of the CKAN make an organisation of that name, with the publishing user as its editor"),
        "(none)", "environment",
    ),
    _rule(
        "catalogue.name_taken", "operator",
        ("カタログのその名前は、別のデータセットが使っています", "That name in the catalogue belongs to another dataset"),
        ("この公開処理のデータセット、または空いている名前", "a dataset of this pipeline, or a name that is free"),
        ("CKANの管理者と相談し、その名前を空けてください。上書きはしません", "ask the CKAN's sysadmin to free the name; it is never overwritten"),
        "(a dataset made by hand)", "(free)",
    ),
    _rule(
        "catalogue.mismatch", "operator",
        ("公開した内容とカタログの表示が違います（{field}、版 {version}）", "The catalogue shows something else than was published ({field}, version {version})"),
        ("{wanted}", "{wanted}"),
        ("次の夜に直します。続くときは、ほかに書き込むものがないか確かめてください", "the next night mends it; if it happens again, see who else writes there"),
        "901", "902",
    ),
]  # fmt: skip

_HEALTH = [
    _rule(
        "health.night",
        "operator",
        ("夜間処理がしばらく正常に終わっていません", "No night has ended well for some time"),
        ("{hours} 時間以内に終わった夜間処理", "a night that ended well within {hours} hours"),
        (
            "デーモンとその記録を確かめ、opendata nightly を実行してください",
            "look at the daemon and its log, then run opendata nightly",
        ),
        "2026-11-20T02:03:10+09:00",
        "2026-11-24T02:03:10+09:00",
    ),
    _rule(
        "health.disk",
        "operator",
        ("ディスクの空きが足りません", "The disk is nearly full"),
        ("{least} 以上の空き", "at least {least} free"),
        (
            "空きを作るか、ディスクを広げてください。公開済みのデータは消さないでください",
            "make room or enlarge the disk; never delete what was published",
        ),
        "0.4 GiB",
        "40 GiB",
    ),
    _rule(
        "health.catalogue",
        "operator",
        (
            "カタログ（{catalogue}）が記録どおりではありません（{reason}）",
            "The catalogue ({catalogue}) is not as the log says ({reason})",
        ),
        ("記録どおりのカタログ", "what the log says"),
        (
            "opendata nightly が元に戻します。続くときはカタログの書き込み権限を確かめてください",
            "opendata nightly mends it; if it comes back, see who writes into the catalogue",
        ),
        "damaged",
        "(none)",
    ),
    _rule(
        "health.late",
        "department",
        ("新しい期間のデータが届いていません", "The data of the next period have not come"),
        ("{due} までに次の期間のデータ", "the next period's data by {due}"),
        ("新しいファイルの提出を所管に確かめてください", "ask the department for the new file"),
        "2024-03-31",
        "2026-03-31",
        "warn",
    ),
    _rule(
        "telling.undelivered",
        "operator",
        ("通知を送れませんでした（{channel}）", "People could not be told ({channel})"),
        ("届く通知", "a message that arrives"),
        (
            "宛先と接続を確かめてください。次の夜にもう一度送ります",
            "see to the address and the connection; the next night sends it again",
        ),
        "ConnectError",
        "HTTP 200",
        "warn",
    ),
]


REGISTRY: dict[str, Rule] = {
    rule.code: rule for rule in [*_DESCRIPTORS, *_DELIVERIES, *_CELLS, *_CONSTRAINTS, *_OPERATION, *_HEALTH]
}
