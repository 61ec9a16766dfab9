"""What has one name wherever people meet it: the terminal, the desk, Dagster, the site, feeds and catalogues.

A word that two places say differently is taken for two things.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.findings import Language, Text

# How much a rule for readable data weighs, the gravest first.
SEVERITIES: Final[dict[str, Text]] = {
    "fatal": Text("致命的", "fatal"),
    "critical": Text("重大", "critical"),
    "major": Text("重要", "major"),
    "high": Text("高", "high"),
    "medium": Text("中", "medium"),
    "minor": Text("軽微", "minor"),
    "low": Text("低", "low"),
}

# The same of a rule that is advice: nothing is fatal about a file that can be handed in.
ADVICE: Final[dict[str, Text]] = {
    "fatal": Text("推奨度：最高", "advice: foremost"),
    "critical": Text("推奨度：高", "advice: high"),
    "major": Text("推奨度：やや高", "advice: fairly high"),
    "high": Text("推奨度：やや高", "advice: fairly high"),
    "medium": Text("推奨度：中", "advice: medium"),
    "minor": Text("推奨度：低", "advice: low"),
    "low": Text("推奨度：低", "advice: low"),
}

# What the contract finds odd and lets pass.
LOOK: Final = Text("要確認", "to be looked at")

# What a night means to do with a dataset, and what it did.
STATES: Final[dict[str, Text]] = {
    "unchanged": Text("変更なし", "unchanged"),
    "release": Text("更新予定", "to release"),
    "heal": Text("カタログ修復予定", "to mend the catalogue"),
    "held": Text("保留", "held back"),
    "waiting": Text("参照元待ち", "waiting"),
    "unavailable": Text("接続待ち", "unavailable"),
    "published": Text("公開済み", "published"),
    "healed": Text("カタログを修復", "catalogue mended"),
    "failed": Text("失敗", "failed"),
}

# Why there is a release, where nobody wrote a reason.
REASONS: Final[dict[str, Text]] = {
    "nightly": Text("夜間処理", "nightly"),
    "backfill": Text("過去の提出分の処理", "backfill"),
}

FREQUENCIES: Final[dict[str, Text]] = {
    "annual": Text("年1回", "annual"),
    "quarterly": Text("四半期ごと", "quarterly"),
    "monthly": Text("毎月", "monthly"),
    "daily": Text("毎日", "daily"),
    "irregular": Text("不定期", "irregular"),
    "as_planned": Text("計画改定時", "when the plan is revised"),
    "once": Text("更新なし", "not updated"),
}
# The same in the vocabulary of the EU's Publications Office, which DCAT and CKAN speak:
# https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=http://publications.europa.eu/resource/dataset/frequency
EU_FREQUENCIES: Final[dict[str, str]] = {
    "annual": "ANNUAL",
    "quarterly": "QUARTERLY",
    "monthly": "MONTHLY",
    "daily": "DAILY",
    "irregular": "IRREG",
    "as_planned": "OTHER",
    "once": "NEVER",
}


def counted(number: int, what: str) -> str:
    """A number and what it counts, in English."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def rows_counted(number: int) -> Text:
    """So many rows."""
    return Text(f"{number:,}行", counted(number, "row"))


def listed(parts: Iterable[str], language: Language) -> str:
    """Some things in a row."""
    return ("、" if language == "ja" else ", ").join(parts)
