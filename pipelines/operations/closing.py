"""The last thing that a night does: tell people, and leave a sign of life."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from pipelines.night import Night
from pipelines.operations.heartbeat import beat
from pipelines.operations.tell import tell
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings

logger = logging.getLogger(__name__)


def close_night(pipeline: Pipeline, night: Night, now: datetime | None = None) -> None:
    """Tell people what is new, then leave the sign. What could not be told stands in it for `opendata health`."""
    home, moment = Settings().home, now or datetime.now(UTC)
    untold = tell(pipeline, home, night, moment)
    for finding in untold:
        logger.warning(finding.text("en"))
    beat(home, night, untold, moment)
