"""What nights are killed in: a synthetic town (see `town/`) before a night, and how an undisturbed night ends."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.intake.department_server import department_server
from tests.kills.reader import Reader
from tests.kills.state import State, age_workshops, broken_chain, differences, left, rubbish, state
from tests.kills.zygote import Ended, Nights

TOWN = Path(__file__).parent / "town"
LOCKS = Path("/proc/locks")
NAMES = ("stops", "boardings", "boardings_by_year")


@dataclass(frozen=True)
class Scene:
    """A town before a night, every point of that night in order, and the state in which it ends undisturbed."""

    nights: Nights
    folder: Path
    root: Path
    before: Path
    points: list[str]
    after: State
    tables: Mapping[str, list[str]]

    def spec(self, home: Path) -> dict[str, object]:
        """A night of this town in a home of its own."""
        return {"task": "night", "root": str(self.root), "home": str(home)}

    def until(self, number: int, ends: signal.Signals) -> dict[str, object]:
        """What to add so that a night gets a signal at one of its points."""
        return {"at": number, "point": self.points[number], "signal": ends.name}

    @contextmanager
    def home(self) -> Iterator[Path]:
        """A copy of the home before the night."""
        with TemporaryDirectory(dir=self.folder) as folder:
            yield shutil.copytree(self.before, Path(folder) / "home", symlinks=True)

    def before_each(self) -> list[int]:
        """Every point before a step, and the very last. Nothing changes between steps (`test_steps` holds it), so what
        lies after one step is what lies before the next."""
        before = [number for number, point in enumerate(self.points) if point.startswith("before")]
        return [*before, len(self.points) - 1]

    def one_by_kind(self) -> list[int]:
        """A slice of the points: the last of every kind of step."""
        return sorted({_kind(point): number for number, point in enumerate(self.points)}.values())

    def one_before_each_kind(self) -> list[int]:
        """Half of that slice: the points before a step; what lies after one lies before the next."""
        return [number for number in self.one_by_kind() if self.points[number].startswith("before")]


@dataclass
class Tally:
    """What became of the kills in one scene."""

    scene: str
    points: int
    kills: int = 0
    stops: int = 0
    looks: int = 0
    wrong_states: list[str] = field(default_factory=list)
    wrong_reads: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        """One line of the table."""
        counts = (self.points, self.kills, self.stops, self.looks, len(self.wrong_states), len(self.wrong_reads))
        return f"{self.scene:<34}" + "".join(f"{count:>14}" for count in counts)


def kill_at_each(scene: Scene, name: str, numbers: list[int]) -> Tally:
    """Kill a night at each of these points, let the next night run, and compare."""
    tally = Tally(name, len(scene.points))
    for number in numbers:
        with scene.home() as home:
            reader = Reader(home / "catalogue", scene.tables)
            reader.look()
            known = set(reader.complaints)
            with reader.polling():
                tally.kills += scene.nights.run(scene.spec(home) | scene.until(number, signal.SIGKILL)) == "SIGKILL"
                reader.look()
                age_workshops(home)
                ended = scene.nights.run(scene.spec(home))
                reader.look()
            at = f"killed {scene.points[number]}: "
            tally.looks += reader.looks
            tally.wrong_states += [at + found for found in wrong(scene, home, ended)]
            tally.wrong_reads += [at + found for found in sorted(reader.complaints - known)]
    return tally


def stall_at_each(scene: Scene, name: str, numbers: list[int]) -> Tally:
    """Stop a night at each of these points, let another begin and end meanwhile, let the first go on, and compare."""
    tally = Tally(name, len(scene.points))
    for number in numbers:
        with scene.home() as home:
            reader = Reader(home / "catalogue", scene.tables)
            with reader.polling():
                ended = overtaken(scene, scene.spec(home), number)
                reader.look()
            tally.stops += ended[0] == "SIGSTOP"
            at = f"stopped {scene.points[number]}: "
            tally.looks += reader.looks
            tally.wrong_states += [at + found for found in [*left(home), *wrong(scene, home, *ended[1:])]]
            tally.wrong_reads += [at + found for found in sorted(reader.complaints)]
    return tally


def overtaken(
    scene: Scene, spec: Mapping[str, object], number: int, meanwhile: Callable[[], None] = lambda: None
) -> list[Ended | None]:
    """A night stops at a point until another is over, or waits for it. How it stopped; how the other and it ended."""
    nights = scene.nights
    first = nights.start({**spec, **scene.until(number, signal.SIGSTOP)})
    stopped = nights.wait(first)
    age_workshops(Path(str(spec["home"])))  # they look as if they had been left behind, but they are in use
    meanwhile()
    second = nights.start(spec)
    ended = nights.wait(second, patiently=False)
    while ended is None and not _waits_for_a_lock(second):
        time.sleep(0.002)
        ended = nights.wait(second, patiently=False)
    os.kill(first, signal.SIGCONT)
    return [stopped, nights.wait(second) if ended is None else ended, nights.wait(first)]


def _waits_for_a_lock(pid: int) -> bool:
    """Whether the kernel lists a process among those that wait for a file lock."""
    return any(line.split()[1:2] == ["->"] and str(pid) in line.split() for line in LOCKS.read_text().splitlines())


def wrong(scene: Scene, home: Path, *ended: Ended | None) -> list[str]:
    """Where a home is not as the undisturbed night leaves it, and nights that did not end well."""
    badly = [f"a night ended with {end}" for end in ended if end != 0]
    return [*badly, *differences(state(home), scene.after), *broken_chain(home), *rubbish(home)]


@contextmanager
def scenes(nights: Nights, folder: Path) -> Iterator[dict[str, Scene]]:
    """A first night, a night after one figure changed, and a night that mends a damaged catalogue."""
    with department_server(TOWN / "sources" / "deliveries" / "web", port=0) as server:
        root = _town(folder / "town", server.server_address[1])
        changed = _town(folder / "changed", server.server_address[1])
        edit(changed, "2024,001,1250", "2024,001,1260")
        (folder / "empty").mkdir()
        first = _scene(nights, folder / "first", root, folder / "empty")
        update = _scene(nights, folder / "update", changed, folder / "first" / "after")
        shutil.copytree(folder / "update" / "after", folder / "damaged", symlinks=True)
        damage(folder / "damaged" / "catalogue")
        heal = _scene(nights, folder / "heal", changed, folder / "damaged")
        yield {"first night": first, "one figure changed": update, "damaged catalogue": heal}


def damage(catalogue: Path) -> None:
    """A file cut short, a stable address and a `current` gone, a whole release gone, the index gone."""
    table = catalogue / "boardings" / "releases" / "1.0.1" / "boardings.csv"
    table.write_bytes(table.read_bytes()[:-5])
    (catalogue / "boardings" / "provenance.json").unlink()
    (catalogue / "stops" / "current").unlink()
    shutil.rmtree(catalogue / "boardings_by_year" / "releases" / "1.0.1")
    (catalogue / "catalogue.json").unlink()


def corrected_once_more(scene: Scene, folder: Path) -> tuple[Path, dict[str, list[str]]]:
    """The scene's town after its department changed the figure again, and the tables of all releases till then."""
    later = folder / "later"
    shutil.copytree(scene.root, later)
    correct(later)
    with scene.home() as home:
        assert scene.nights.run({**scene.spec(home), "root": str(later)}) == 0
        newest = tables_of(home)
    return later, {name: list(dict.fromkeys([*scene.tables[name], *newest[name]])) for name in NAMES}


def correct(root: Path) -> None:
    """Change the figure again that the scene of an update changed."""
    edit(root, "2024,001,1260", "2024,001,1270")


def edit(root: Path, old: str, new: str) -> None:
    """Change one figure in a town's delivery."""
    _edit(root / "sources" / "deliveries" / "boardings.csv", old, new)


def _scene(nights: Nights, folder: Path, root: Path, before: Path) -> Scene:
    """Let a night run undisturbed, and note its points and where it ends."""
    folder.mkdir()
    after, points = folder / "after", folder / "points.json"
    shutil.copytree(before, after, symlinks=True)
    spec = {"task": "night", "root": str(root), "home": str(after), "points": str(points), "settles": True}
    assert nights.run(spec) == 0
    return Scene(nights, folder, root, before, json.loads(points.read_text()), state(after), tables_of(after))


def tables_of(home: Path) -> dict[str, list[str]]:
    """The sha256 of the CSV of every release that a catalogue has, the oldest first."""
    return {name: _tables(home / "catalogue" / name, name) for name in NAMES}


def _town(root: Path, port: int) -> Path:
    shutil.copytree(TOWN, root)
    _edit(root / "sources" / "stops.yaml", "8642", str(port))
    return root


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def _tables(folder: Path, name: str) -> list[str]:
    releases = sorted((folder / "releases").iterdir())
    return [hashlib.sha256((release / f"{name}.csv").read_bytes()).hexdigest() for release in releases]


def _kind(point: str) -> tuple[str, ...]:
    """A point without what differs from dataset to dataset and from file to file."""
    when, action, path = point.split(" ")
    parts = path.split("/")
    last = parts[-1] if parts[-1] in {"current", "delivery", "entry", "memo", "catalogue.json", "changes.csv"} else ""
    return when, action, parts[0], *(part for part in parts if part in {"objects", "memos", "log", "releases"}), last
