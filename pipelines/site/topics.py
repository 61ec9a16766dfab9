"""Topics: a dataset is one of a topic's when its titles or keywords have one of the topic's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pipelines.findings import Language
from pipelines.site.words import table

_Topic = Mapping[str, object]


def _all() -> list[_Topic]:
    return cast("list[_Topic]", table("topics")["topic"])


def topics(language: Language) -> list[tuple[str, str]]:
    """Every topic's id and title, in the order of the file."""
    return [(str(topic["id"]), cast("Mapping[str, str]", topic["title"])[language]) for topic in _all()]


def topics_of(description: Mapping[str, object]) -> list[str]:
    """The ids of the topics that a dataset belongs to."""
    keywords = cast("list[str]", description.get("keywords") or [])
    text = " ".join([str(description["title@ja"]), *keywords])
    return [str(topic["id"]) for topic in _all() if any(word in text for word in cast("list[str]", topic["words"]))]
