"""What a cell of a Japanese table says: read exactly, or refused with a code. Never anything between."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.datasets.schema import FieldType
from pipelines.reading import cells, eras
from pipelines.reading.cells import NotReadable, canonical, squeeze, tidy

if TYPE_CHECKING:
    from collections.abc import Callable

FULL_WIDTH = str.maketrans("0123456789.,-+%", "０１２３４５６７８９．，－＋％")
ERA_LETTERS = {era.letter: era for era in eras.ERAS}


def refused(read: Callable[[], object]) -> NotReadable:
    """The refusal; fails when the text is read."""
    with pytest.raises(NotReadable) as caught:
        read()
    return caught.value


# --- texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年　度", "年度"),
        ("1人1日当たり\n排出量 (g)", "1人1日当たり排出量(g)"),
        ("１人１日あたり（㎥）", "1人1日あたり(m3)"),
        ("ﾄﾝ\u00a0数", "トン数"),
    ],
)
def test_headers_are_compared_in_half_width_without_white_space(text: str, expected: str) -> None:
    assert squeeze(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("　川崎区\r\n 中央 ", "川崎区 中央"),
        ("ｶﾞﾗｽ びん", "ガラス びん"),
        ("ＡＢＣ１２３", "ABC123"),
        ("㍻30", "平成30"),
        ("①", "①"),
        ("10²", "10²"),
        ("½", "½"),
        ("…", "…"),
        ("902㎥", "902㎥"),
        ("⁻5", "⁻5"),
    ],
)
def test_a_tidy_cell_has_no_figure_that_nobody_wrote(text: str, expected: str) -> None:
    assert tidy(text) == expected


@given(st.text())
def test_tidying_adds_no_figures_and_is_done_once(text: str) -> None:
    written = [c for c in text if c in "0123456789" or "０" <= c <= "９"]
    assert [c for c in tidy(text) if c in "0123456789"] == [unicodedata.normalize("NFKC", c) for c in written]
    assert tidy(tidy(text)) == tidy(text)


# --- numbers


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("902", [], "902"),
        ("９０２", [], "902"),
        ("　902\n", [], "902"),
        ("0", [], "0"),
        ("0.5", [], "0.5"),
        ("902.50", [], "902.5"),
        ("1,234", [], "1234"),
        ("１，２３４．５", [], "1234.5"),
        ("12,345,678", [], "12345678"),
        ("▲10.2", [], "-10.2"),
        ("△10.2", [], "-10.2"),
        ("▲ 10.2", [], "-10.2"),
        ("△　10.2", [], "-10.2"),
        ("-10.2", [], "-10.2"),
        ("－10.2", [], "-10.2"),
        ("−10.2", [], "-10.2"),
        ("+5", [], "5"),
        ("＋5", [], "5"),
        ("▲0.0", [], "0"),
        ("902g", ["g"], "902"),
        ("902 ｇ", ["g"], "902"),
        ("902", ["g"], "902"),
        ("▲10.2％", ["%"], "-10.2"),
        ("902㎥", ["m3"], "902"),
        ("902m³", ["㎥"], "902"),
        ("902㌧", ["トン"], "902"),
        ("902g/人・日", ["g/人・日"], "902"),
        ("1億2,192万円", ["円"], "121920000"),
        ("1億2192万3456円", ["円"], "121923456"),
        ("1億2千万円", ["円"], "120000000"),
        ("５千億円", ["円"], "500000000000"),
        ("1兆2千億", [], "1200000000000"),
        ("14.1万人", ["人"], "141000"),
        ("1.234567891万", [], "12345.67891"),
        ("15百万円", ["円"], "15000000"),
        ("3千", [], "3000"),
        ("1万5千人", ["人"], "15000"),
        ("1万5千500人", ["人"], "15500"),
        ("▲3千", [], "-3000"),
        ("14.1万人", ["万人"], "14.1"),
        ("14.1万", ["万"], "14.1"),
    ],
)
def test_a_figure_is_read_exactly(text: str, unit: list[str], expected: str) -> None:
    read = cells.number(text, unit=unit, decimals=5)
    assert (read, str(read)) == (Decimal(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        *["", "　", "-", "－", "…", "x", "▲", "円", "万", "千円", "三", "〇", "約14万", "14万円", "nan", "inf"],
        *["1 234", "12 / 13", "12/13", "12\n13", "1,23", "1,2345", "1234,567", ",123", "1.234,5", "1,234.5,6"],
        *[".5", "12.", "1..2", "1.2.3", "007", "00", "0123", "0,123", "1_000", "1、234", "1'234", "1。5"],
        *["1e5", "0x10", "9O2", "902l5", "(123)", "（123）", "[123]", "±5", "約5", ">5", "12~13"],
        *["▲-1", "--1", "▲▲1", "+-1", "- 10", "+ 5", "10-", "10▲", "▼10", "–10", "‐10", "―10", "ー10", "⁻10", "﹣10"],
        *["①", "1①", "10²", "⑩", "½", "1½", "Ⅳ", "⒈", "㉑", "١٢", "१२", "𝟏𝟐", "1\u200b2", "\ufeff12"],
        *[
            "1万2億",
            "1億20000万",
            "1億0192万",
            "2千3百万",
            "1.5億2千万",
            "1億2.5万",
            "百",
            "2百",
            "1億,192万",
            "1万,234",
        ],
        *[
            "1億2千",
            "1億2192",
            "0億5万",
            "1億0万",
            "8万5",
            "3千5",
            "1兆5万",
            "1億 2千万",
            "９" * 41,
            "9" * 19,
            "1" * 5000,
        ],
    ],
)
def test_a_text_that_is_no_figure_or_may_be_two_is_refused(text: str) -> None:
    assert refused(lambda: cells.number(text, decimals=2)).code in {"number", "unit"}


@pytest.mark.parametrize("text", ["902kg", "902 kg", "902g※", "902※", "902年", "14万円", "902 (速報値)"])
def test_another_unit_than_those_listed_is_named(text: str) -> None:
    refusal = refused(lambda: cells.number(text, unit=["g", "%"], decimals=0))
    assert (refusal.code, refusal.expected) == ("unit", {"unit": "g, %"})


@pytest.mark.parametrize("text", ["1,23", "12 / 13", "1e5", "007", "5百", "1①", "(123)", "▲-1", "12."])
def test_what_is_wrong_within_the_figure_is_not_put_down_to_a_unit(text: str) -> None:
    assert refused(lambda: cells.number(text, decimals=0)).code == "number"


def test_a_column_in_thousands_multiplies_each_figure_exactly() -> None:
    assert cells.number("0.1", scale=1000, decimals=0) == Decimal(100)
    assert cells.number("1,234千円", unit=["千円"], scale=1000, decimals=0) == Decimal(1234000)


def test_a_power_in_a_column_that_is_already_scaled_is_refused() -> None:
    """`3千円` in a column in 千円 is 3,000 yen to one reader and 3,000,000 to another."""
    assert refused(lambda: cells.number("3千円", unit=["円"], scale=1000, decimals=0)).code == "number"


def test_two_listed_endings_that_give_two_figures_are_refused() -> None:
    assert refused(lambda: cells.number("14.1万人", unit=["人", "万人"], decimals=1)).code == "number"


@pytest.mark.parametrize(
    ("text", "scale", "decimals", "readable"),
    [
        ("10.20", 1, 1, True),
        ("10.21", 1, 1, False),
        ("902.00", 1, 0, True),
        ("14.1万", 1, 0, True),
        ("14.12345万", 1, 0, False),
        ("1.2345", 1000, 1, True),
        ("1.2345", 1000, 0, False),
    ],
)
def test_more_decimals_than_published_are_refused_not_rounded(
    text: str, scale: int, decimals: int, *, readable: bool
) -> None:
    if readable:
        assert cells.number(text, scale=scale, decimals=decimals)
        return
    refusal = refused(lambda: cells.number(text, scale=scale, decimals=decimals))
    assert (refusal.code, refusal.expected) == ("decimals", {"decimals": str(decimals)})


def test_a_figure_too_large_for_its_column_is_refused() -> None:
    assert cells.number("9" * 16, decimals=2) == Decimal("9" * 16)
    assert refused(lambda: cells.number("9" * 17, decimals=2)).code == "number"
    assert refused(lambda: cells.integer("1兆", scale=10**7)).code == "integer"


@pytest.mark.parametrize(("text", "code"), [("902.5", "integer"), ("九", "integer"), ("902kg", "integer")])
def test_an_integer_is_whole(text: str, code: str) -> None:
    assert cells.integer("１，２３４人", unit=["人"]) == 1234
    assert refused(lambda: cells.integer(text)).code == code


def test_another_unit_than_the_one_agreed_is_named_as_such() -> None:
    assert refused(lambda: cells.integer("902kg", unit=["g"])).code == "unit"


@st.composite
def written_figures(draw: st.DrawFn) -> tuple[Decimal, str, list[str]]:
    """A figure, a text that states it, and the units that may stand."""
    places = draw(st.integers(0, 3))
    size = Decimal(draw(st.integers(0, 10**14 - 1))).scaleb(-places)
    text = f"{size:,f}" if draw(st.booleans()) else f"{size:f}"
    sign = draw(st.sampled_from(["", "+", "-", "−", "▲", "△", "▲ "]))
    unit = draw(st.sampled_from(["", "g", "円", "%", "人", "m²", "㌧"]))
    gap = draw(st.sampled_from(["", " ", "　"])) if unit else ""
    whole = sign + text + gap + unit
    wide = whole.translate(FULL_WIDTH) if draw(st.booleans()) else whole
    return (size if sign in {"", "+"} else -size), wide, [unit] if unit else draw(st.sampled_from([[], ["g"]]))


@given(written_figures())
def test_every_written_figure_reads_back(case: tuple[Decimal, str, list[str]]) -> None:
    value, text, unit = case
    assert cells.number(text, unit=unit, decimals=3) == value


@given(
    st.integers(1, 9999),
    st.integers(1, 9999),
    st.one_of(st.none(), st.integers(10, 9999)),
    st.booleans(),
    st.sampled_from(["", "▲"]),
)
def test_every_compound_of_powers_reads_back(oku: int, man: int, rest: int | None, grouped: bool, sign: str) -> None:
    form = "{:,}" if grouped else "{}"
    text = sign + form.format(oku) + "億" + form.format(man) + "万" + (form.format(rest) if rest else "") + "円"
    value = oku * 10**8 + man * 10**4 + (rest or 0)
    assert cells.number(text.translate(FULL_WIDTH), unit=["円"], decimals=0) == (-value if sign else value)


@given(st.decimals(0, 10**5, places=4), st.sampled_from([("千", 3), ("万", 4), ("百万", 6), ("億", 8), ("千億", 11)]))
def test_every_figure_with_one_power_reads_back(figure: Decimal, power: tuple[str, int]) -> None:
    assert cells.number(f"{figure:f}{power[0]}", decimals=1) == figure.scaleb(power[1])


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_canonical_text_of_a_number_is_its_own_canonical_text(value: Decimal) -> None:
    text = canonical("number", f"{value:f}", decimals=6)
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", text)
    assert (Decimal(text), canonical("number", text, decimals=6)) == (value, text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1 + 0.2, "0.3"),
        (902.0, "902"),
        (-0.0, "0"),
        (-1234.5, "-1234.5"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (4.35 * 100, "435"),
        (123456789012345.0, "123456789012345"),
    ],
)
def test_a_spreadsheets_float_is_the_figure_it_shows(value: float, expected: str) -> None:
    assert cells.excel_number(value) == expected


@given(st.decimals(-(10**9), 10**9, places=4))
def test_what_was_typed_into_a_spreadsheet_comes_back(typed: Decimal) -> None:
    assert Decimal(cells.excel_number(float(typed))) == typed


@given(st.floats())
def test_every_float_is_plain_text_or_refused(value: float) -> None:
    if value - value == 0 and (abs(value) < 10**15 or Decimal(value) == Decimal(f"{value:.15g}")):
        assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cells.excel_number(value))
    else:
        assert refused(lambda: cells.excel_number(value)).code == "number"


# --- years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018", 2018),
        ("２０１８", 2018),
        ("2018年", 2018),
        ("2018 年度", 2018),
        ("FY2018", 2018),
        ("平成30年度", 2018),
        ("平成30", 2018),
        ("平成　３０", 2018),
        ("㍻30年", 2018),
        ("平30", 2018),
        ("H30", 2018),
        ("Ｈ３０", 2018),
        ("R01", 2019),
        ("R2", 2020),
        ("令和２年", 2020),
        ("平成元年度", 1989),
        ("令和元", 2019),
        ("平成31年度", 2019),
        ("昭和63年度", 1988),
        ("昭和64年", 1989),
        ("大正15", 1926),
        ("明治元年", 1868),
        ("平成30(2018)年度", 2018),
        ("平成30年度（2018年度）", 2018),
        ("2018（平成30）年度", 2018),
        ("2019年(令和元年)", 2019),
        ("1868", 1868),
        ("2200", 2200),
    ],
)
def test_a_year_is_read_in_both_calendars(text: str, expected: int) -> None:
    assert cells.year(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "30",
            "18",
            "030",
            "1867",
            "2201",
            "02018",
            "20180",
            "2018.0",
            "2,018",
            "-2018",
            "2018年3月",
            "2018年度末",
        ],
        *[
            "2018-2019",
            "2018/2019",
            "2018p",
            "平成",
            "平成0",
            "令和0",
            "令和00",
            "平成100",
            "昭和六十",
            "平成③",
            "文久3",
        ],
        *["平成30(2019)年度", "2018(平成31)", "平成30年(2018)年度", "FY30", "FY平成30", "30年度", "h30", "H 30 年 3"],
    ],
)
def test_a_text_that_is_no_certain_year_is_refused(text: str) -> None:
    refusal = refused(lambda: cells.year(text))
    assert (refusal.code, refusal.expected) == ("year", {"instead": ""})


@pytest.mark.parametrize(("text", "instead"), [("平成32年度", "令和2年"), ("昭和65", "平成2年"), ("大正16", "昭和2年")])
def test_a_year_past_the_end_of_its_era_is_refused_with_the_right_one(text: str, instead: str) -> None:
    assert refused(lambda: cells.year(text)).expected == {"instead": instead}


@given(
    st.sampled_from(eras.ERAS),
    st.integers(1, 64),
    st.sampled_from(["{n}", "{n}年", "{n}年度", " {n}", "{n}({w})年度"]),
    st.booleans(),
    st.booleans(),
)
def test_every_year_of_an_era_reads_back(era: eras.Era, number: int, form: str, letter: bool, wide: bool) -> None:
    western = era.first.year + number - 1
    text = (era.letter if letter else era.name) + form.format(n="元" if number == 1 else number, w=western)
    text = text.translate(FULL_WIDTH) if wide else text
    if western <= era.last.year:
        assert cells.year(text) == western
    else:
        assert refused(lambda: cells.year(text)).code == "year"


# --- months, days, moments


@pytest.mark.parametrize(
    "text",
    [
        *["2019-03", "2019/3", "2019年3月", "2019年 3月", "２０１９年０３月", "平成31年3月", "平成31年　3月", "H31.3"],
        *["H31.03", "平成31/3", "2019年(平成31年)3月", "2019(平成31)年3月"],
    ],
)
def test_a_month_is_read_in_both_calendars(text: str) -> None:
    assert cells.yearmonth(text) == "2019-03"


@pytest.mark.parametrize(
    "text",
    [
        *["", "2019", "201903", "2019-13", "2019-0", "19-03", "3/2019", "12/13", "3月", "2019年3月1日", "2019-03-01"],
        # October 2019 typed as 2019.10 is the number 2019.1 in a spreadsheet.
        *[
            "2019.3",
            "2019.1",
            "平成30年度3月",
            "平成33年3月",
            "FY2019-03",
            "H30-1",
            "2019--03",
            "明治5年11月",
            "2019年㋂",
        ],
    ],
)
def test_a_text_that_is_no_certain_month_is_refused(text: str) -> None:
    assert refused(lambda: cells.yearmonth(text)).code == "yearmonth"


@pytest.mark.parametrize(
    "text",
    [
        *["2019-01-01", "2019/1/1", "2019.1.1", "2019年1月1日", "２０１９年　１月　１日", "平成31年1月1日", "平31.1.1"],
        *["H31.1.1", "H31. 1. 1", "H31/01/01", "2019-01-01 00:00:00", "2019-01-01T00:00:00", "2019/1/1 0:00"],
        *["2019年（平成31年）1月1日", "2019-01-01T00:00:00.000"],
    ],
)
def test_a_day_is_read_in_both_calendars(text: str) -> None:
    assert cells.date(text) == dt.date(2019, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "03/04/01",
            "1/1/2019",
            "31.1.1",
            "20190101",
            "43466",
            "2019-1/1",
            "2019-02-29",
            "2019-04-31",
            "2019-00-01",
        ],
        *["2019-01-01 12:00:00", "2019-01-01T00:00:00+09:00", "2019-01-01 24:00", "平成31年1月", "2019年1月1日(火)"],
        *["平成30年度1月1日", "明治5年12月2日", "2201-01-01", "0019-01-01", "2019年1月①日"],
    ],
)
def test_a_text_that_is_no_certain_day_is_refused(text: str) -> None:
    assert refused(lambda: cells.date(text)).code == "date"


@pytest.mark.parametrize(
    ("day", "after", "instead"),
    [
        ("平成31年4月30日", "平成31年5月1日", "令和元年5月1日"),
        ("昭和64年1月7日", "昭和64年1月8日", "平成元年1月8日"),
        ("大正15年12月24日", "大正15年12月25日", "昭和元年12月25日"),
        ("明治45年7月29日", "明治45年7月30日", "大正元年7月30日"),
    ],
)
def test_an_era_ends_on_its_last_day(day: str, after: str, instead: str) -> None:
    assert cells.date(instead) - cells.date(day) == dt.timedelta(days=1)
    assert refused(lambda: cells.date(after)).expected == {"instead": instead}


def test_a_day_or_month_before_its_era_is_refused_with_the_right_one() -> None:
    assert refused(lambda: cells.date("令和元年4月30日")).expected == {"instead": "平成31年4月30日"}
    assert refused(lambda: cells.yearmonth("令和元年4月")).expected == {"instead": "平成31年4月"}
    assert refused(lambda: cells.yearmonth("平成31年5月")).expected == {"instead": "令和元年5月"}


def test_a_month_shared_by_two_eras_is_read_in_both() -> None:
    assert cells.yearmonth("昭和64年1月") == cells.yearmonth("平成元年1月") == "1989-01"


@given(st.dates(dt.date(1873, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["年月日", ".", "/", "-"]), st.booleans())
def test_every_day_reads_back_in_its_era_and_in_no_other(day: dt.date, marks: str, wide: bool) -> None:
    for era in eras.ERAS:
        number = day.year - era.first.year + 1
        parts = [str(number), str(day.month), str(day.day)]
        text = era.name + ("".join(map(str.__add__, parts, marks)) if len(marks) == len(parts) else marks.join(parts))
        text = text.translate(FULL_WIDTH) if wide else text
        if era.first <= day <= era.last:
            assert cells.date(text) == day
        else:
            refused(lambda text=text: cells.date(text))  # type: ignore[misc]


@given(st.dates(dt.date(1873, 1, 1), dt.date(2199, 12, 31)))
def test_every_western_day_and_month_reads_back(day: dt.date) -> None:
    assert cells.date(day.isoformat()) == cells.date(f"{day.year}年{day.month}月{day.day}日") == day
    assert cells.yearmonth(f"{day.year}/{day.month}") == day.isoformat()[:7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-01-01T12:30:00", dt.datetime(2019, 1, 1, 12, 30)),
        ("2019-01-01 12:30", dt.datetime(2019, 1, 1, 12, 30)),
        ("2019/1/1 0:00", dt.datetime(2019, 1, 1)),
        ("2019-01-01T12:30:00+09:00", dt.datetime(2019, 1, 1, 12, 30)),
        ("2019-01-01 12:30:00.25", dt.datetime(2019, 1, 1, 12, 30, 0, 250000)),
        ("平成31年1月1日 12時30分", dt.datetime(2019, 1, 1, 12, 30)),
        ("平成31年1月1日１２時３０分５秒", dt.datetime(2019, 1, 1, 12, 30, 5)),
    ],
)
def test_a_moment_is_read_on_japans_clocks(text: str, expected: dt.datetime) -> None:
    assert cells.datetime_(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["", "2019-01-01", "12:30", "2019-01-01T12", "2019-01-01T24:00", "2019-01-01T12:60", "2019-01-01T12:30Z"],
        *[
            "2019-01-01T12:30+00:00",
            "2019-01-01T12:30+0900",
            "2019-01-01T1:3",
            "2019-01-01 午後1:30",
            "2019-02-30T12:30",
        ],
    ],
)
def test_a_text_without_a_certain_time_of_day_is_refused(text: str) -> None:
    assert refused(lambda: cells.datetime_(text)).code == "datetime"


# --- all kinds


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("TRUE", True), ("Ｆａｌｓｅ", False), (" false ", False)]
)
def test_a_boolean_is_spelt_out(text: str, *, expected: bool) -> None:
    assert cells.boolean(text) is expected


@pytest.mark.parametrize("text", ["", "1", "0", "はい", "○", "×", "yes", "t", "有", "真"])
def test_any_other_word_is_for_the_source_file_to_explain(text: str) -> None:
    refusal = refused(lambda: cells.boolean(text))
    assert (refusal.code, refusal.expected) == ("boolean", {})


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("string", "　㎥ ①　ﾄﾝ\n", "㎥ ①　ﾄﾝ"),
        ("number", "▲1,234.50", "-1234.5"),
        ("integer", "1億2,192万", "121920000"),
        ("boolean", "TRUE", "true"),
        ("year", "平成30年度", "2018"),
        ("yearmonth", "H31.3", "2019-03"),
        ("date", "令和元年5月1日", "2019-05-01"),
        ("datetime", "2019/5/1 9:05", "2019-05-01T09:05:00"),
    ],
)
def test_canonical_text_is_what_the_database_casts(kind: FieldType, text: str, expected: str) -> None:
    assert canonical(kind, text, decimals=2) == expected
    assert canonical(kind, expected, decimals=2) == expected


@pytest.mark.parametrize("kind", get_args(FieldType))
@given(
    text=st.one_of(
        st.text(), st.text("0123456789０１.,，-－▲△ 億万千円年度月日平成令和元昭HRST()/:①²½時分秒+", max_size=16)
    ),
    unit=st.lists(st.text(max_size=3), max_size=2),
)
@example(text="9" * 5000, unit=[])
@example(text="平成99年99月99日99時99分", unit=[])
def test_no_text_raises_anything_but_a_refusal(kind: FieldType, text: str, unit: list[str]) -> None:
    read, codes = _outcome(kind, text, unit)
    assert codes <= {kind, "unit", "decimals"}
    assert codes or (read == text.strip() if kind == "string" else read.isascii())


def _outcome(kind: FieldType, text: str, unit: list[str]) -> tuple[str, set[str]]:
    """The canonical text, or the code of the refusal."""
    try:
        return canonical(kind, text, unit=unit, scale=1000, decimals=2), set()
    except NotReadable as refusal:
        return "", {refusal.code}
