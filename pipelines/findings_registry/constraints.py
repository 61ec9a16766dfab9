"""Values and tables that don't keep the contract."""

from __future__ import annotations

from pipelines.findings import Rule
from pipelines.findings_registry.rule import CELL, rule


def _constraint(code: str, title: tuple[str, str], expected: tuple[str, str], bad: str, good: str) -> Rule:
    remedy = (
        "値を元の資料で確かめ、直して提出し直してください",
        "check the value against its source, mend it and hand the file in again",
    )
    ja, en = title
    return rule(code, "department", (CELL[0] + ja, CELL[1] + en), expected, remedy, bad, good)


CONSTRAINTS = [
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
        ("次のいずれか：{expected}", "one of: {expected}"),
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
