"""What a forked child does. Heavy things are imported by `prepare`, before the fork."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from pipelines import durable
from pipelines.code import code_version
from pipelines.datasets import load_repository
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.plan import make_plan
from pipelines.public import producers
from pipelines.settings import REPOSITORY, Settings
from pipelines.store import ReleaseRef, Store
from tests import drawings
from tests.kills.still import stop_the_clock
from tests.kills.watch import Watch

HELD, UNFINISHED, LOST = 64, 65, 66

_HEAVY = ("pandas", "duckdb_engine", "httpx", "anyio", "h11", "python_calamine", "pyarrow", "encodings.utf_8_sig")
_ROOMS = (
    "intake.http",
    "contract.suite",
    "contract.check",
    "release.record",
    "site.dataset",
    "site.index",
    "catalogue.ckan",
)


def prepare() -> None:
    """Import what a night needs; connect to nothing."""
    for name in (*_HEAVY, *(f"pipelines.{room}" for room in _ROOMS)):
        importlib.import_module(name)
    from pipelines.contract.gx_duckdb import great_expectations

    great_expectations()
    code_version()
    for producer in producers(Settings(), load_repository(REPOSITORY)):  # once, also if a file is edited meanwhile
        producer.version()
    stop_the_clock()
    drawings.prepare()


def do(spec: Mapping[str, object]) -> int:
    """Do a task; its exit status. A task of another folder's is named `module:function`."""
    if spec.get("waits"):
        os.kill(os.getpid(), signal.SIGSTOP)
    module, _, function = str(spec["task"]).rpartition(":")
    found = getattr(importlib.import_module(module), function) if module else _TASKS[function]
    return int(found(spec))


def label(when: str, path: Path, home: Path) -> str:
    """A point as the list has it: the names that chance gave to workshops are left out."""
    parts = list(path.relative_to(home).parts)
    if parts[1] in {"workshop", ".workshop"}:
        parts[2] = "*"
    return f"{when} {'/'.join(parts)}"


def signals_at(spec: Mapping[str, object], home: Path) -> Callable[[str, Path], None]:
    """An observer that sends a signal to its own process at the point of a number."""
    passed = 0

    def observe(when: str, path: Path) -> None:
        nonlocal passed
        if passed == spec["at"]:
            if label(when, path, home) != spec["point"]:
                os._exit(LOST)
            os.kill(os.getpid(), signal.Signals[str(spec["signal"])])
        passed += 1

    return observe


def _night(spec: Mapping[str, object]) -> int:
    """A night; optionally its list of points is written down, or a signal comes at one of them."""
    settings = Settings(root=Path(str(spec["root"])), home=Path(str(spec["home"])))
    points: list[str] = []
    if "points" in spec:
        durable.observers.append(lambda when, path: points.append(label(when, path, settings.home)))
    if "watched" in spec:
        watch = Watch(settings.home)
    if "signal" in spec:
        durable.observers.append(signals_at(spec, settings.home))
    night = run_night(Pipeline.open(settings), "test")
    if "points" in spec:
        Path(str(spec["points"])).write_text(json.dumps(points))
    if "watched" in spec:
        watch.is_over()
        Path(str(spec["watched"])).write_text(json.dumps({"steps": watch.steps, "faults": watch.faults}))
    if night.exit_code:
        for result in night.results:
            texts = [finding.text("en") for finding in result.findings]
            sys.stderr.write(f"{result.name} {result.outcome} {texts}\n")
        return HELD
    return 0 if not spec.get("settles") or _is_settled(settings) else UNFINISHED


def _is_settled(settings: Settings) -> bool:
    """Whether another night would have nothing to do."""
    plan = make_plan(Pipeline.open(settings))
    return not plan.index_is_stale and all(item.state == "unchanged" for item in plan)


def _append(spec: Mapping[str, object]) -> int:
    """Make releases of one dataset current, one after the other; each must build on the one before."""
    log = Store(Path(str(spec["home"]))).log
    name = str(spec["name"])
    for number in range(int(str(spec["times"]))):

        def decide(current: ReleaseRef | None, number: int = number) -> ReleaseRef | None:
            before = int(current.version) if current else -1
            return ReleaseRef(str(number), "", "") if before == number - 1 else None

        log.record(name, decide, "test", "test")
    return 0


def _put(spec: Mapping[str, object]) -> int:
    """Put a file of one's own under each of some names; write down which names were won."""
    home, mine = Path(str(spec["home"])), f"{spec['name']}\n".encode() * 1000
    won = []
    for number in range(int(str(spec["times"]))):
        with durable.workshop(home / "workshop") as workshop:
            durable.write(workshop / "file", mine)
            if durable.put(workshop / "file", home / "names" / str(number)):
                won.append(number)
    (home / f"{spec['name']}.json").write_text(json.dumps(won))
    return 0


def _grow(spec: Mapping[str, object]) -> int:
    """Give a log the entries that lie ready in a folder and that it does not have yet."""
    log = Path(str(spec["log"]))
    for path in sorted(Path(str(spec["from"])).iterdir()):
        with suppress(FileExistsError):
            os.link(path, log / path.name)
            time.sleep(0.0002)
    return 0


_TASKS: dict[str, Callable[[Mapping[str, object]], int]] = {
    "night": _night,
    "append": _append,
    "put": _put,
    "grow": _grow,
}
