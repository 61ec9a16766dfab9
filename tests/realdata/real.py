"""Real files of ../shared/realdata as datasets: descriptors here, the files there."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from ruamel.yaml import YAML

from tests.kit import Town, shared, town

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE / "schemas").glob("*.yaml"))


def real_town(folder: Path, *names: str) -> Town:
    """A town with these datasets; their deliveries are laid where the sources look for them, for this test alone."""
    where = town(folder, [])
    for name in names:
        for part in ("schemas", "sources"):
            shutil.copyfile(HERE / part / f"{name}.yaml", where.root / part / f"{name}.yaml")
        path = YAML(typ="safe").load(HERE / "sources" / f"{name}.yaml")["path"]
        lay(where, path, path)
    return where


def lay(where: Town, origin: str, path: str) -> None:
    """Put a real file where a source looks for it."""
    target = where.root / "sources" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shared(*origin.split("/")), target)


def published(where: Town, name: str) -> list[dict[str, str]]:
    """The rows of a dataset's canonical CSV."""
    content = where.published(name)[f"{name}.csv"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def row(rows: list[dict[str, str]], **key: str) -> dict[str, str]:
    """The one row with that key."""
    [found] = [one for one in rows if all(one[name] == value for name, value in key.items())]
    return found
