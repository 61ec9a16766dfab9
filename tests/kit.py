"""A small city to try things on: some of the real datasets, copied, so that a test may break them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest

from pipelines.datasets import load_repository
from pipelines.intake.department_server import department_server
from pipelines.night import Night, Result, run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings

SHARED = REPOSITORY.parent / "shared"


def shared(*parts: str) -> Path:
    """A path of ../shared; the test is skipped where it is absent, except in CI."""
    path = SHARED.joinpath(*parts)
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"../shared/{'/'.join(parts)} is not here")
    return path


@dataclass(frozen=True)
class Town:
    """A folder with schemas/ and sources/ of its own, and a home for store and catalogue."""

    root: Path
    home: Path

    @property
    def settings(self) -> Settings:
        return Settings(root=self.root, home=self.home)

    def open(self) -> Pipeline:
        """A fresh pipeline, as a new process would see it."""
        return Pipeline.open(self.settings)

    def night(self) -> Night:
        """A night without Dagster."""
        return run_night(self.open(), "test")

    def delivery(self, name: str) -> Path:
        """The path of a dataset's delivery, to be broken."""
        return self.root / "sources" / str(load_repository(self.root)[name].source.path)

    def published(self, name: str) -> dict[str, bytes]:
        """Every file that a reader finds below a dataset's folder, by its path, links followed."""
        folder = self.home / "catalogue" / name
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def town(folder: Path, names: Sequence[str]) -> Town:
    """A town with some of the city's datasets and their deliveries."""
    root = folder / "town"
    for part in ("schemas", "sources"):
        (root / part).mkdir(parents=True)
    shutil.copyfile(REPOSITORY / "schemas" / "_city.yaml", root / "schemas" / "_city.yaml")
    everything = load_repository(REPOSITORY)
    for name in names:
        for part in ("schemas", "sources"):
            shutil.copyfile(REPOSITORY / part / f"{name}.yaml", root / part / f"{name}.yaml")
        if path := everything[name].source.path:
            target = root / "sources" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / "sources" / path, target)
    return Town(root, folder / "home")


def result(night: Night, name: str) -> Result:
    """What a night did with one dataset."""
    return next(found for found in night.results if found.name == name)


@contextmanager
def deliveries() -> Iterator[None]:
    """The departments' web server of the repository, at its one port: other processes that test wait for their turn."""
    with Path(tempfile.gettempdir(), "opendata-test-deliveries.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with department_server(REPOSITORY / "sources" / "deliveries" / "web"):
            yield


@contextmanager
def repeated(look: Callable[[], None], pause: float) -> Iterator[None]:
    """Look again and again, `pause` seconds apart, until the block ends; what a look raised is raised there."""
    over, faults = Event(), []

    def poll() -> None:
        try:
            while not over.wait(pause):
                look()
        except BaseException as fault:  # noqa: BLE001 — raised again below
            faults.append(fault)

    thread = Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    for fault in faults:
        raise fault
