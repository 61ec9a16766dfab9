"""What has to be on the machine: Debian's packages (said, never installed here), CKAN from PyPI, Solr from Maven."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.ckan.processes import Command, run
from deploy.ckan.stack import FILES, HERE, Stack, StackError

PINS = FILES / "requirements.txt"
POM = FILES / "solr" / "pom.xml"
EXTENSION = HERE / "extension"
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")


def postgres_programs() -> Path | None:
    """The folder with initdb, postgres and psql of the newest PostgreSQL on this machine."""
    found = sorted(POSTGRES_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


# What is looked for, and the Debian package that brings it.
NEEDED: dict[str, Callable[[], object]] = {
    "postgresql": postgres_programs,
    "redis-server": lambda: shutil.which("redis-server"),
    "default-jdk-headless": lambda: shutil.which("javac"),
    "maven": lambda: shutil.which("mvn"),
    "libmagic1": lambda: next(Path("/usr/lib").glob("*/libmagic.so.1"), None),
}


def missing_packages() -> list[str]:
    """The Debian packages that have to be installed first."""
    return [package for package, found in NEEDED.items() if not found()]


def require_packages() -> None:
    """StackError that names what is missing and the command that brings it."""
    if missing := missing_packages():
        raise StackError(f"missing Debian packages: {' '.join(missing)}. As root: apt-get install {' '.join(missing)}")


def ckan_python(stack: Stack) -> Path:
    """The folder of programs of CKAN's own virtual environment; made when it is not there yet.

    Every package is pinned and installed without asking a resolver: CKAN and xloader pin certifi against each other.
    """
    home = stack.software / f"ckan-{_digest(PINS)}"
    with _once(stack, home) as todo:
        if todo:
            uv = Path(sys.executable).parent / "uv"
            run(stack, "uv", [uv, "venv", "--quiet", "--clear", "--python", sys.executable, home])
            pins: Command = ["--no-deps", "--requirement", PINS]
            run(stack, "uv", [uv, "pip", "install", "--quiet", "--python", home / "bin" / "python", *pins])
    return home / "bin"


def solr_jars(stack: Stack) -> Path:
    """The folder of Solr's jars; fetched when it is not there yet."""
    home = stack.software / f"solr-{_digest(POM)}"
    with _once(stack, home) as todo:
        if todo:
            goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={home}"]
            run(stack, "maven", ["mvn", "--quiet", "--batch-mode", "--file", POM, *goal])
    return home


def install_extension(stack: Stack, programs: Path) -> None:
    """Put our optional extension into CKAN's environment, again whenever its files changed."""
    files = sorted(path for path in EXTENSION.rglob("*") if path.suffix in {".py", ".toml", ".sql"})
    with _once(stack, programs.parent / f"extension-{_digest(*files)}") as todo:
        if todo:
            uv = Path(sys.executable).parent / "uv"
            how: Command = ["--quiet", "--no-deps", "--reinstall", "--python", programs / "python"]
            with tempfile.TemporaryDirectory() as folder:  # setuptools leaves its work beside what it builds
                copy = shutil.copytree(EXTENSION, Path(folder) / "extension")
                run(stack, "uv", [uv, "pip", "install", *how, copy])


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


@contextmanager
def _once(stack: Stack, home: Path) -> Iterator[bool]:
    """Whether something has yet to be made, asked by one process at a time; it is made when the body returns."""
    stack.software.mkdir(parents=True, exist_ok=True)
    made = home.with_name(f"{home.name}.made")
    with (stack.software / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not made.exists()
        made.touch()
