"""No text of the CSV for spreadsheets begins a formula; every other text is the true one."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats.spreadsheet import disarmed


def shown(texts: list[str]) -> list[str]:
    """Texts as that edition has them."""
    query = f"SELECT {disarmed('text')} FROM (SELECT unnest(?) AS text)"
    return [row[0] for row in duckdb.execute(query, [texts]).fetchall()]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize(
    "before", ["", " ", "  ", "\t", "\r", "\n", "\r\n ", "\u3000", "\xa0", "\u2003", "\x0b", "\x85"]
)
def test_a_sign_is_disarmed_behind_any_white_space(sign: str, before: str) -> None:
    """Half and full width alike."""
    assert shown([f"{before}{sign}1+1", f"{before}{sign}"]) == [f"'{before}{sign}1+1", f"'{before}{sign}"]


@pytest.mark.parametrize(
    "text", ["=cmd|'/c calc'!A0", "+81-44-200-2111", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'=x", "'"]
)
def test_what_may_be_run_is_disarmed_and_an_apostrophe_doubled(text: str) -> None:
    """So taking the first apostrophe away gives the published text."""
    assert shown([text]) == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["", "川崎", "1-2", "a=b", "902", "▲10.2", "x@example.jp", " 川崎", "\u3000川崎", "−1"]
)
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    """U+2212 and ▲ begin no formula in any program."""
    assert shown([text]) == [text]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_no_text_begins_a_formula_and_none_is_lost(texts: list[str]) -> None:
    """Of any text."""
    for text, found in zip(texts, shown(texts), strict=True):
        assert not found.lstrip().startswith(tuple("=+-@＝＋－＠"))
        assert found.removeprefix("'") == text
