"""Whether a release is late, in words: by the period that its data cover and its own frequency, not by when it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from pipelines.charts.chart import period_of
from pipelines.findings import Finding, Place, Text
from pipelines.release.freshness import due
from pipelines.release.record import Manifest
from pipelines.words import FREQUENCIES

_NOTHING = Text("まだ版がありません。", "There is no release yet.")
_NO_RHYTHM = Text("更新の期限はありません（{frequency}）。", "Nothing is due ({frequency}).")
_FRESH = Text(
    "{period}のデータがあり、次の期間の期限は{due}です。", "Covers {period}; the next period is due by {due}."
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whether a release is not late, and why. The words are the same on every day until that changes."""

    is_fresh: bool
    text: Text


def freshness(name: str, release: Manifest | None, today: date) -> Freshness:
    """The freshness of a release on a day in Tokyo."""
    if release is None:
        return Freshness(is_fresh=True, text=_NOTHING)
    temporal = cast("Mapping[str, object] | None", release.build.description.get("temporalCoverage"))
    frequency = str(release.build.description["updateFrequency"])
    day = due(temporal, frequency)
    if day is None or temporal is None:
        return Freshness(is_fresh=True, text=_no_rhythm(FREQUENCIES[frequency]))
    if today > day:
        late = Finding("health.late", Place(dataset=name), str(temporal["end"]), {"due": day.isoformat()})
        return Freshness(is_fresh=False, text=Text(late.text("ja"), late.text("en")))
    words = {"due": day.isoformat()}
    ja, en = ({**words, "period": period_of(release.build.description, language)} for language in ("ja", "en"))
    return Freshness(is_fresh=True, text=Text(_FRESH.fill("ja", ja), _FRESH.fill("en", en)))


def _no_rhythm(frequency: Text) -> Text:
    ja, en = ({"frequency": frequency.said(language)} for language in ("ja", "en"))
    return Text(_NO_RHYTHM.fill("ja", ja), _NO_RHYTHM.fill("en", en))
