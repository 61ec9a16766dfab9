"""A night in which CKAN hangs would wait for it with every single dataset: what was once waited for in vain rests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipelines.catalogue.ckan.failures import Unanswered
from pipelines.errors import CatalogueError

REST = 900.0  # seconds


class Patience:
    """What is known of one CKAN's silence; whoever asks the same CKAN shares it. `rest`: for how many seconds."""

    def __init__(self, rest: float = REST) -> None:
        self._rest = rest
        self._until = 0.0
        self._error: CatalogueError | None = None

    @contextmanager
    def trying(self, answers: Callable[[], bool]) -> Iterator[None]:
        """Remember that CKAN gave no answer after all attempts, or that it did.

        `answers` asks it something cheap: one request in vain, a long one behind a proxy for example, says nothing of
        the other datasets.
        """
        try:
            yield
        except Unanswered as error:
            if not answers():
                self._until, self._error = time.monotonic() + self._rest, error
            raise
        self._error = None

    def check(self, dataset: str) -> None:
        """Raises CatalogueError, with what was found then, while a CKAN that did not answer rests.

        `dataset`: who asks now, and is told so.
        """
        if self._error and time.monotonic() < self._until:
            raise CatalogueError(self._error.finding.at(dataset=dataset))
