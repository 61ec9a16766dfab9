"""The house: imports point one way, Dagster and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import REPOSITORY

ROOT = REPOSITORY / "pipelines"

# Each may import what stands below it, never what stands above.
FLOORS = [
    {"cli"},
    {"commands"},
    {"opendata", "definitions", "documents"},
    {"freshness", "overview"},
    {"assets", "shell", "dagster_home", "desk", "running", "webserver"},
    {"operations"},
    {"backup"},
    {"steward"},
    {"night"},
    {"checking"},
    {"work"},
    {"plan"},
    {"backfill", "held"},
    {"pipeline"},
    {"public"},
    {"verify"},
    {"dcat", "feeds", "formats", "site"},  # and every other room that makes public files
    {"charts"},
    {"catalogue"},
    {"release"},
    {"contract"},
    {"intake"},
    {"reading", "store"},
    {"code", "datasets"},
    {"days", "settings", "durable", "processes", "sqltext"},
    {"findings_registry", "unusable", "words"},
    {"findings"},
    {"errors"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# A finding looks its words up in the registry, which is made of the same classes.
KNOWN_CIRCLES = {("errors", "findings"), ("findings", "findings_registry")}
DAGSTER_ROOMS = {
    "assets.py",
    "definitions.py",
    "freshness.py",
    "running/launcher.py",
    "running/retention.py",
    "running/storage.py",
    "running/tidy.py",
    "running/wiped.py",
    "steward/awaited.py",
    "steward/checked.py",
    "steward/materialised.py",
    "steward/pages.py",
    "webserver.py",
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py" or path.parent != ROOT)


def room_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported(path) if name.startswith("pipelines.")]
    return {part[1] for part in parts} - {room_of(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    """A module imports rooms of lower floors only."""
    room = room_of(path)
    others = {other for other in rooms_imported(path) if (room, other) not in KNOWN_CIRCLES}
    upward = {other for other in others if FLOOR[other] <= FLOOR[room]}
    assert not upward


def test_dagster_is_imported_only_where_the_design_says() -> None:
    """Only the wiring and what steward pages need know Dagster."""
    users = [path for path in modules() if any(name.split(".")[0] == "dagster" for name in imported(path))]
    assert {path.relative_to(ROOT).as_posix() for path in users} == DAGSTER_ROOMS


def test_loading_the_code_location_imports_no_great_expectations() -> None:
    """The code location loads without the libraries that only a check needs."""
    code = (
        "import sys, pipelines.definitions as _; print(*(n in sys.modules for n in ('great_expectations', 'pandas')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.split() == ["False", "False"]


def functions() -> list[tuple[str, int]]:
    """Every function with its length in lines, without docstring."""
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                found.append((f"{path.relative_to(ROOT)}:{node.name}", length))
    return found


def test_functions_are_short() -> None:
    """Most functions have under ten lines, nearly all under 25."""
    lengths = [length for _, length in functions()]
    assert sum(length < 10 for length in lengths) / len(lengths) > 0.5
    assert sum(length <= 25 for length in lengths) / len(lengths) > 0.97
