"""A CKAN that gave no answer is left alone for a while, by all who share the same patience, and by no one else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from pipelines.catalogue import Action
from pipelines.catalogue.ckan import CkanCatalogue, catalogue
from pipelines.catalogue.ckan.client import Client
from pipelines.catalogue.ckan.failures import Unanswered, unreachable
from pipelines.catalogue.ckan.patience import Patience
from pipelines.errors import CatalogueError
from pipelines.findings import Place
from tests.ckan.instance import Ckan

SILENCE = Unanswered(unreachable("http://127.0.0.1:9", "package_search", "stops", TimeoutError()))


def _no() -> bool:
    return False


def _in_vain(patience: Patience, answers: Callable[[], bool] = _no) -> None:
    with suppress(Unanswered), patience.trying(answers):
        raise SILENCE


def test_what_was_waited_for_in_vain_is_told_and_not_waited_for_again() -> None:
    """The same finding, at once, with the place of who asks now; another object knows nothing of it."""
    patience = Patience()
    _in_vain(patience)
    with pytest.raises(CatalogueError) as told:
        patience.check("other")
    assert told.value.finding == SILENCE.finding.at(dataset="other")
    assert told.value.finding.place == Place(dataset="other", file="CKAN package_search")
    Patience().check("other")


def test_an_answer_ends_the_rest() -> None:
    """Whoever tries and is answered, for example the look at the beginning of a night, ends it for all."""
    patience = Patience()
    _in_vain(patience)
    with patience.trying(_no):
        pass
    patience.check("other")


def test_it_is_tried_again_after_a_while() -> None:
    """The rest is over by itself."""
    patience = Patience(rest=0)
    _in_vain(patience)
    patience.check("other")


def test_a_ckan_that_answers_something_else_does_not_rest() -> None:
    """One request that gets no answer, a long one behind a proxy for example, says nothing of all others."""
    patience = Patience()
    _in_vain(patience, lambda: True)
    patience.check("other")


@pytest.mark.parametrize("answers", [True, False])
def test_one_dataset_without_an_answer_does_not_stop_the_others(answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """While CKAN answers otherwise the others are published; else each is told so under its own name."""

    class Publishing:
        def __init__(self, _client: Client, name: str, _look: object) -> None:
            self.name = name

        def run(self, _want: object, **_: object) -> Action:
            if self.name == "stops":
                raise SILENCE
            return Action(self.name, "absent")

    monkeypatch.setattr(catalogue, "Publication", Publishing)
    monkeypatch.setattr(Client, "answers", lambda _: answers)
    ckan = CkanCatalogue("http://127.0.0.1:9", SecretStr("x"))
    wanted: Mapping[str, Any] = {name: SimpleNamespace() for name in ("stops", "other")}
    with pytest.raises(Unanswered):
        ckan.publish(lambda: wanted, ["stops"])
    if answers:
        assert ckan.publish(lambda: wanted, ["other"]) == [Action("other", "absent")]
        return
    with pytest.raises(CatalogueError) as told:
        ckan.publish(lambda: wanted, ["other"])
    assert told.value.finding.place.dataset == "other"


def test_the_cheap_question_is_answered_by_a_ckan_and_by_nothing_else(ckan: Ckan) -> None:
    """Also to a token that is not known: that is an answer."""
    for token in (ckan.editor_token, "no-such-token"):
        assert Client(ckan.url, SecretStr(token)).answers()
    assert not Client("http://127.0.0.1:9", SecretStr("x")).answers()
