"""A steward's deed killed with SIGKILL at any point of its list: the next night ends it, or the deed, done again."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipelines.store import Store
from tests.hand.wards import NAME, deliver, figures, made, only
from tests.kills.state import State, age_workshops, broken_chain, differences, rubbish, state
from tests.kills.zygote import Nights, zygote
from tests.kit import Town

KINDS = {
    "approval": "approval",
    "rollback": "rollback",
    "takedown": "takedown",
    "takedown of the current release": "takedown",
}


@dataclass(frozen=True)
class Scene:
    """A town before a deed, every point of that deed in order, and the state after it and one night."""

    nights: Nights
    deed: str
    before: Town
    points: list[str]
    after: State

    def spec(self, home: Path, task: str = "deed") -> dict[str, object]:
        """A task in a home of its own."""
        return {"task": f"tests.hand.child:{task}", "root": str(self.before.root), "home": str(home), "deed": self.deed}

    @contextmanager
    def home(self) -> Iterator[Path]:
        """A copy of the home before the deed."""
        with TemporaryDirectory(dir=self.before.home.parent) as folder:
            yield shutil.copytree(self.before.home, Path(folder) / "home", symlinks=True)

    def killed_at(self, number: int) -> list[str]:
        """What is wrong after a kill at a point and what follows it."""
        with self.home() as home:
            kill = {"at": number, "point": self.points[number], "signal": "SIGKILL"}
            ended = [self.nights.run(self.spec(home) | kill)]
            found = unlike_its_descriptor(home)
            age_workshops(home)
            if Store(home / "store").log.head().kind != KINDS[self.deed]:
                ended.append(self.nights.run(self.spec(home)))
            ended.append(self.nights.run(self.spec(home, "night")))
            badly = [] if ended[0] == "SIGKILL" and not any(ended[1:]) else [f"ended with {ended}"]
            found += [*badly, *self._unlike(home), *broken_chain(home), *rubbish(home)]
        return [f"killed {self.points[number]}: {one}" for one in found]

    def _unlike(self, home: Path) -> list[str]:
        """Where a home is not as the undisturbed deed leaves it.

        A night that ends a rollback may have asked the guards and remember the answer; a takedown may leave nothing.
        """
        found = differences(lasting(home), self.after)
        more = ("store/memos", "store/objects") if self.deed == "rollback" else ()
        return [one for one in found if not (one.startswith(more) and one.endswith("is too many"))]


def lasting(home: Path) -> State:
    """Everything but the views that no address leads to any more: which one of them is still kept tells of the way."""
    kept = {path for path in (home / "catalogue").rglob("*") if path.name in {"current", ".current"}}
    shown = {(path.parent / path.readlink()).relative_to(home).as_posix() for path in kept if path.is_symlink()}
    return {path: content for path, content in state(home).items() if "/.views/" not in path or _below(path, shown)}


def _below(path: str, shown: set[str]) -> bool:
    return any(path == view or path.startswith(f"{view}/") for view in shown)


def unlike_its_descriptor(home: Path) -> list[str]:
    """What a reader of the stable address finds to be another than its descriptor says."""
    folder = home / "catalogue" / NAME
    resources = json.loads((folder / "datapackage.json").read_bytes())["resources"]
    return [f"{one['path']} is another" for one in resources if not _is_as_said(folder / one["path"], one, home)]


def _is_as_said(path: Path, said: Mapping[str, str], home: Path) -> bool:
    sha256 = said["hash"].removeprefix("sha256:")
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    return path.name == "changes.csv" and Store(home / "store").is_buried(sha256)


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    with zygote() as found:
        yield found


@pytest.fixture(scope="module")
def scenes(nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """For each deed the town in which a steward does it."""
    folder = tmp_path_factory.mktemp("deeds")
    held, three = made(folder / "held"), made(folder / "three", "guards: off\n")
    _night(nights, held)
    deliver(held, only(figures(), 19))
    _night(nights, held)
    for change in (0, 1, 2):
        deliver(three, {**figures(), (2021, "17"): 1188 + change})
        _night(nights, three)
    towns = {"approval": held, "rollback": three, "takedown": three, "takedown of the current release": three}
    return {deed: _scene(nights, folder / deed.replace(" ", "-"), deed, town) for deed, town in towns.items()}


def _night(nights: Nights, town: Town) -> None:
    spec = {"task": "tests.hand.child:night", "root": str(town.root), "home": str(town.home)}
    assert nights.run(spec) == 0


def _scene(nights: Nights, folder: Path, deed: str, town: Town) -> Scene:
    """Let a deed be done undisturbed and a night follow; note its points and where it ends."""
    home = shutil.copytree(town.home, folder / "home", symlinks=True)
    scene = Scene(nights, deed, town, [], {})
    assert nights.run(scene.spec(home) | {"points": str(folder / "points.json")}) == 0
    assert nights.run(scene.spec(home, "night")) == 0
    return Scene(nights, deed, town, json.loads((folder / "points.json").read_text()), lasting(home))


def _kind(point: str) -> tuple[str, ...]:
    """A point by what is done where: to the store's log, its objects, its stones, to a release, to a view, …"""
    when, action, path = point.split(" ", 2)
    lasting = ("log", "objects", "stones", "memos", "workshop", ".workshop", "releases", ".views", "current")
    return when, action, next((part for part in lasting if part in path.split("/")), "")


@pytest.mark.parametrize("deed", KINDS)
def test_a_deed_killed_before_one_step_of_every_kind_is_ended(scenes: dict[str, Scene], deed: str) -> None:
    """The state is that of an undisturbed deed and night, and no reader met half of it."""
    scene = scenes[deed]
    numbers = {_kind(point): number for number, point in enumerate(scene.points) if point.startswith("before")}.values()
    assert len(numbers) > 1
    assert [fault for number in sorted(numbers) for fault in scene.killed_at(number)] == []


@pytest.mark.long
@pytest.mark.parametrize("deed", KINDS)
def test_a_deed_killed_at_any_point_is_ended(scenes: dict[str, Scene], deed: str) -> None:
    """The same at every single point."""
    scene = scenes[deed]
    assert [fault for number in range(len(scene.points)) for fault in scene.killed_at(number)] == []
