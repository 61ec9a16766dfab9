"""A delivery in a folder that can't be read, as on a share: its dataset waits for the next night, and no other."""

from __future__ import annotations

import errno
import importlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.errors import SourceUnavailable
from pipelines.intake import fetch, look
from tests.hand.wards import NAME, deliver, figures, made
from tests.kit import Town, result
from tests.night.towns import outcomes


def unreadable(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let a file be there and fail when it is read."""
    opened = Path.open

    def refuse(self: Path, *how: object, **more: object) -> object:
        if self == path:
            raise OSError(number, os.strerror(number), str(path))
        return opened(self, *how, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("shutil.copyfile", lambda source, target: target.write_bytes(source.open("rb").read()))


def forbidden(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable(path, monkeypatch, errno.EACCES)


def broken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable(path, monkeypatch, errno.EIO)


def gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look whether it is there and its opening."""
    unreadable(path, monkeypatch, errno.ENOENT)


def circle(path: Path, _: pytest.MonkeyPatch) -> None:
    path.unlink()
    path.symlink_to(path.name)


def closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder itself may not be looked into."""
    is_file = Path.is_file

    def refuse(self: Path) -> bool:
        if self == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return is_file(self)

    monkeypatch.setattr(Path, "is_file", refuse)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town with a release."""
    town = made(tmp_path)
    assert set(outcomes(town.night()).values()) == {"published"}
    return town


@pytest.mark.parametrize("spoil", [forbidden, broken, gone, circle, closed])
def test_a_file_that_cannot_be_read_holds_back_its_dataset_alone(
    town: Town, spoil: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night goes on, says so, and reads the file when it can."""
    path = town.delivery(NAME)
    with monkeypatch.context() as patch:
        spoil(path, patch)
        night = town.night()
    assert result(night, NAME).outcome == "held"
    (finding,) = result(night, NAME).findings
    assert (finding.code, finding.place.file) == ("source.unreachable", path.name)
    assert str(town.root) not in finding.text("en")
    assert finding.facts == {"url": f"deliveries/{path.name}"}
    path.unlink(missing_ok=True)
    deliver(town, figures() | {(2021, "17"): 1190})
    assert result(town.night(), NAME).outcome == "published"


def test_a_store_that_cannot_be_written_is_not_the_sources_fault(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told as that, and it is the operator's."""
    module = importlib.import_module("pipelines.intake.fetch")

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    pipeline = town.open()
    monkeypatch.setattr(module, "archive", full)
    assert look(pipeline.repository[NAME], pipeline.repository.deliveries, pipeline.store).sha256
    with pytest.raises(OSError, match="No space"):
        fetch(pipeline.repository[NAME], pipeline.repository.deliveries, pipeline.store)
    town.delivery(NAME).unlink()
    with pytest.raises(SourceUnavailable):
        fetch(pipeline.repository[NAME], pipeline.repository.deliveries, pipeline.store)
