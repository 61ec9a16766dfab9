"""When a dataset is late, by what it covers and how often it comes."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.release.freshness import due, end_of


@pytest.mark.parametrize(
    ("end", "kind", "day"),
    [
        ("2022", "fiscal_year", date(2023, 3, 31)),
        ("2022", "year", date(2022, 12, 31)),
        ("2024-02", "yearmonth", date(2024, 2, 29)),
        ("2024-02-10", "date", date(2024, 2, 10)),
        ("2024-02-10 12:00:00", "datetime", date(2024, 2, 10)),
    ],
)
def test_a_period_ends_with_its_last_day(end: str, kind: str, day: date) -> None:
    """A Japanese fiscal year ends in March."""
    assert end_of({"end": end, "kind": kind}) == day


@pytest.mark.parametrize(
    ("end", "kind", "frequency", "last"),
    [
        ("2024", "fiscal_year", "annual", date(2026, 3, 31)),
        ("2024-11", "yearmonth", "monthly", date(2024, 12, 31)),
        ("2024-01", "yearmonth", "monthly", date(2024, 2, 29)),
        ("2024-12", "yearmonth", "quarterly", date(2025, 3, 31)),
        ("2024-12-31", "date", "daily", date(2025, 1, 1)),
    ],
)
def test_the_next_period_is_due_when_it_has_passed(end: str, kind: str, frequency: str, last: date) -> None:
    """A yearly figure is late in its thirteenth month."""
    assert due({"start": end, "end": end, "kind": kind}, frequency) == last


@pytest.mark.parametrize("frequency", ["irregular", "as_planned", "once"])
def test_what_has_no_rhythm_is_never_late(frequency: str) -> None:
    """Nor what covers no period."""
    assert due({"start": "2000", "end": "2000", "kind": "year"}, frequency) is None
    assert due(None, "annual") is None
