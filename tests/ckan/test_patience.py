"""A CKAN that gave no answer is left alone for a while, by all who share the same patience, and by no one else."""

from __future__ import annotations

from contextlib import suppress

import pytest

from pipelines.catalogue.ckan.failures import Unanswered, unreachable
from pipelines.catalogue.ckan.patience import Patience
from pipelines.errors import CatalogueError

SILENCE = Unanswered(unreachable("http://127.0.0.1:9", "package_search", "stops", TimeoutError()))


def _in_vain(patience: Patience) -> None:
    with suppress(Unanswered), patience.trying():
        raise SILENCE


def test_what_was_waited_for_in_vain_is_told_and_not_waited_for_again() -> None:
    """The same finding, at once; another object knows nothing of it."""
    patience = Patience()
    _in_vain(patience)
    with pytest.raises(CatalogueError) as told:
        patience.check()
    assert told.value.finding == SILENCE.finding
    Patience().check()


def test_an_answer_ends_the_rest() -> None:
    """Whoever tries and is answered, for example the look at the beginning of a night, ends it for all."""
    patience = Patience()
    _in_vain(patience)
    with patience.trying():
        pass
    patience.check()


def test_it_is_tried_again_after_a_while() -> None:
    """The rest is over by itself."""
    patience = Patience(rest=0)
    _in_vain(patience)
    patience.check()
