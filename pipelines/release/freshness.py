"""Is a dataset late? By the period that its rows cover and its frequency; when it was published does not matter."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date

_MONTHS = {"annual": 12, "quarterly": 3, "monthly": 1}


def end_of(temporal: Mapping[str, object]) -> date:
    """The last day of the covered period, from a release's `temporalCoverage` (`end`, `kind`).

    A Japanese fiscal year ends on 31 March of the next calendar year.
    """
    text = str(temporal["end"])
    if temporal.get("kind") == "fiscal_year":
        return date(int(text) + 1, 3, 31)
    parts = [int(part) for part in text[:10].split("-")]
    month = parts[1] if len(parts) > 1 else 12
    return date(parts[0], month, parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1])  # noqa: PLR2004


def due(temporal: Mapping[str, object] | None, frequency: str) -> date | None:
    """The last day on which a dataset is not late: one period of its frequency after the end of what it covers.

    So a yearly figure is late in its thirteenth month. None where nothing is due: no rhythm, or no period.
    """
    if not temporal or not temporal.get("end"):
        return None
    end = end_of(temporal)
    if frequency == "daily":
        return date.fromordinal(end.toordinal() + 1)
    return _later(end, _MONTHS[frequency]) if frequency in _MONTHS else None


def _later(day: date, months: int) -> date:
    """The last day of the month that many months later; periods end with a month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
