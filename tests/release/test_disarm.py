"""No text of the spreadsheet-safe edition begins a formula; every other text is the true one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.release.disarm import DANGEROUS, disarm


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+81-44-200-2111",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n=x",
        " =x",
        "\u3000=x",
        "＝1+1",
        "－",
        "=cmd|'/c calc'!A0",
    ],
)
def test_a_text_that_may_be_run_is_disarmed(text: str) -> None:
    assert disarm(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "川崎", "1-2", "a=b", "'=x", "902", "▲10.2", "x@example.jp", " 川崎"])
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert disarm(text) == text


@given(st.text())
def test_no_text_begins_a_formula_and_none_is_lost(text: str) -> None:
    found = disarm(text)
    assert not found.lstrip().startswith(DANGEROUS)
    assert found in {text, f"'{text}"}
