"""How much a new release may differ from the last one before a steward is asked: a contract's `guards`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field as Setting
from pydantic import StringConstraints

from pipelines.datasets.base import Descriptor

Off = Literal["off"]
Share = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?%$")]


class Guards(Descriptor):
    """Limits against the last release; `off` for one that is not asked."""

    vanished: Share | Off = Setting(default="10%", description="keys of the last release that are not there any more")
    changed: Share | Off = Setting(default="20%", description="values of the last release that are others now")
    jump: Annotated[float, Setting(gt=0)] | Off = Setting(
        default=3.0, description="steps of a series, as a multiple of the largest step in its history"
    )


def fraction(share: Share | Off) -> Decimal | None:
    """A share as a part of one; None when its guard is off."""
    return None if share == "off" else Decimal(share.rstrip("%")) / 100
