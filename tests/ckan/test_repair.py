"""Lost files and rows, of which CKAN's metadata tells nothing: no publication counts over them; `mend` mends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.catalogue import Action
from pipelines.catalogue.ckan.client import Request, observers
from pipelines.errors import CatalogueError
from tests.ckan import reader
from tests.ckan.test_protocol import NAME, SMALL, Scene, rows_of, scene

__all__ = ["scene"]


def _file(scene: Scene) -> Path:
    """Where CKAN keeps the bytes of the CSV."""
    id_ = reader.resource(scene.shown(), "csv")["opendata_file"]
    return scene.ckan.stack.data / "files" / "resources" / id_[:3] / id_[3:6] / id_[6:]


@contextmanager
def _after(action: str, what: Callable[[], None], times: int) -> Iterator[None]:
    """Let something happen after the first `times` requests of an action."""
    left = [None] * times

    def heard(when: str, request: Request) -> None:
        if (when, request.action) == ("after", action) and left:
            left.pop()
            what()

    observers.append(heard)
    try:
        yield
    finally:
        observers.remove(heard)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("client", "publish", "readback"):
        monkeypatch.setattr(f"pipelines.catalogue.ckan.{module}.pause", lambda _: None)


def test_a_file_that_is_not_served_is_not_called_published(scene: Scene) -> None:
    """Its bytes are gone when they are read back: the next attempt does not take the metadata's word for it."""
    want = scene.release(rows_of(SMALL))
    with _after("package_revise", lambda: _file(scene).unlink(), times=1):
        scene.publish(want)
    assert scene.agrees(want)


def test_what_is_never_served_fails_and_the_next_night_knows(scene: Scene) -> None:
    """As long as the bytes vanish, each publication says so, and no later look calls the dataset unchanged."""
    want = scene.release(rows_of(SMALL))
    with (
        _after("package_revise", lambda: _file(scene).unlink(missing_ok=True), times=99),
        pytest.raises(CatalogueError) as raised,
    ):
        scene.publish(want)
    assert (raised.value.code, raised.value.finding.place.field) == ("catalogue.mismatch", "files.csv")
    assert scene.catalogue().differences({NAME: want}) == [Action(NAME, "damaged")]
    scene.publish(want)
    assert (scene.catalogue().differences({NAME: want}), scene.agrees(want)) == ([], True)


def test_files_and_rows_that_were_lost_later_are_mended_when_asked(scene: Scene) -> None:
    """CKAN's disk and the DataStore went back without the metadata: no look tells, drift does, and `mend` mends that
    alone. Of what is well it writes nothing."""
    want = scene.release(rows_of(SMALL))
    scene.publish(want)
    table = reader.resource(scene.shown(), "table")["id"]
    for harm in (
        lambda: _file(scene).unlink(),
        lambda: _file(scene).write_bytes(b"code\r\n"),
        lambda: scene.ckan.query(f'DELETE FROM "{table}" WHERE _id > 7'),
        lambda: scene.ckan.query(f'DROP TABLE "{table}"'),
    ):
        harm()
        assert scene.catalogue().differences({NAME: want}) == []
        assert {one.name for one in scene.catalogue().drift({NAME: want})} == {NAME}
        assert scene.catalogue().mend(lambda: {NAME: want}, [NAME]) == [Action(NAME, "damaged")]
        assert scene.agrees(want)
    before = scene.shown()
    assert scene.catalogue().mend(lambda: {NAME: want}, []) == []
    assert scene.shown() == before
