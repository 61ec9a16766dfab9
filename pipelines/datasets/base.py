"""What all descriptors share: strict models and texts in two languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

NAME_PATTERN = r"^[a-z][a-z0-9_]{1,62}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]


class Descriptor(BaseModel):
    """A frozen model that refuses unknown keys: a typo in a YAML file is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Descriptor):
    """A text that citizens read, in Japanese and English."""

    ja: NonEmpty
    en: NonEmpty
