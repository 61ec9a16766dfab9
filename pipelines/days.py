"""The city's days. Moments are kept by UTC, and a night at 02:00 in Tokyo belongs to the day that has begun there."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def local(moment: str) -> datetime:
    """The city's time of an ISO time with its zone."""
    return datetime.fromisoformat(moment).astimezone(TOKYO)


def clock_of(moment: str) -> str:
    """Day and time of day for people, to the minute."""
    return f"{local(moment):%Y-%m-%d %H:%M}"


def day_of(moment: str) -> str:
    """The city's day of an ISO time with its zone."""
    return local(moment).date().isoformat()
