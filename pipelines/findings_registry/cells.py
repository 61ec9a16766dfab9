"""Cells that can't be read as what the contract says."""

from __future__ import annotations

from pipelines.findings import Rule
from pipelines.findings_registry.rule import CELL, rule


def _cell(
    code: str, title: tuple[str, str], expected: tuple[str, str], remedy: tuple[str, str], bad: str, good: str
) -> Rule:
    ja, en = title
    return rule(f"cell.{code}", "department", (CELL[0] + ja, CELL[1] + en), expected, remedy, bad, good)


CELLS = [
    _cell(
        "number",
        ("値を数値として読み取れません", "the value is no number"),
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
        ("値を整数として読み取れません", "the value is no whole number"),
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
        ("値を年・年度として読み取れません", "the value is no year"),
        ("2018、平成30年度、H30 など {expected}", "such as 2018, 平成30年度 or H30 {expected}"),
        ("西暦4桁か、元号と年で入力してください", "write four digits, or era and year"),
        "30",
        "平成30年度",
    ),
    _cell(
        "yearmonth",
        ("値を年月として読み取れません", "the value is no month"),
        ("2019-03、平成31年3月 など {expected}", "such as 2019-03 or 平成31年3月 {expected}"),
        ("西暦か元号の年と、月を入力してください", "write the year, in either calendar, and the month"),
        "3月",
        "2019-03",
    ),
    _cell(
        "date",
        ("値を日付として読み取れません", "the value is no date"),
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
        ("値を日時として読み取れません", "the value is no date with time"),
        ("2019-01-01T09:00:00 など {expected}", "such as 2019-01-01T09:00:00 {expected}"),
        ("年月日と時刻を入力してください", "write date and time"),
        "9時",
        "2019-01-01T09:00:00",
    ),
    _cell(
        "boolean",
        ("値を真偽として読み取れません", "the value is neither true nor false"),
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
