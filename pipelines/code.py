"""Which code made a table: the hash of the rooms that a figure goes through, and the libraries that matter."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOMS = ("reading", "contract", "release", "datasets")
LIBRARIES = ("duckdb", "great-expectations", "python-calamine", "pyarrow")


@cache
def code_version() -> str:
    """Changes whenever a figure could come out differently; the same on every machine for the same commit."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()
