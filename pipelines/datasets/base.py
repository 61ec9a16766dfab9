"""What all descriptors share: strict models and texts in two languages."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from pipelines.findings import Language
from pipelines.unusable import Unusable

NAME_PATTERN = r"^[a-z][a-z0-9_]{1,62}$"
RESERVED = frozenset({"en"})  # at this address of the catalogue are the English pages


def _is_decided(text: object) -> object:
    if isinstance(text, str) and text.startswith("TODO"):
        raise Unusable(
            "`opendata new` が残した TODO を書き換えた文字列",
            "decide what `opendata new` left open: the text still begins with TODO",
        )
    return text


Name = Annotated[str, BeforeValidator(_is_decided), StringConstraints(pattern=NAME_PATTERN)]
NonEmpty = Annotated[str, BeforeValidator(_is_decided), StringConstraints(min_length=1)]


def is_regex(pattern: str | None) -> str | None:
    """The pattern itself, if it is one. Raises ValueError."""
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise Unusable(f"正規表現（{error}）", f"a regular expression ({error})") from error
    return pattern


class Descriptor(BaseModel):
    """A frozen model that refuses unknown keys: a typo in a YAML file is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Descriptor):
    """A text that citizens read, in Japanese and English."""

    ja: NonEmpty
    en: NonEmpty

    def said(self, language: Language) -> str:
        """The text in one language."""
        return self.ja if language == "ja" else self.en
