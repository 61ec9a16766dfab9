"""What pages say, from the files in `data/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from pipelines.findings import Language

DATA = Path(__file__).parent / "data"
_Texts = Mapping[str, Mapping[str, Mapping[str, str]]]


@cache
def table(name: str) -> Mapping[str, object]:
    """One of the files in `data/`."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


class Words:
    """The words of one language: `words("dataset.chart")`. An unknown key raises KeyError."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **facts: object) -> str:
        """The words of `section.name`, with its places filled."""
        section, _, name = key.partition(".")
        return cast("_Texts", table("words"))[section][name][self.language].format(**facts)

    def goal(self, number: int) -> str:
        """The short name of one of the seventeen goals."""
        return cast("_Texts", table("goals"))["goals"][str(number)][self.language]

    def of(self, texts: Mapping[str, object], key: str) -> str:
        """A text that a descriptor has in both languages, such as `title`."""
        return str(texts.get(f"{key}@{self.language}") or texts.get(key) or "")
