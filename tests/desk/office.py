"""LibreOffice as a department's eyes: a workbook as the pictures of its pages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of a program of Debian's; the test is skipped where it is absent, except in CI."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed: .ci/run installs it")
        pytest.skip(f"{name} is not installed")
    return path


def converted(book: Path, folder: Path, kind: str) -> Path:
    """A workbook as LibreOffice saves it as another kind of file."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = [program("soffice"), profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    return folder / f"{book.stem}.{kind}"


def pages(book: Path, folder: Path) -> list[bytes]:
    """The pages of a workbook as LibreOffice prints them, as uncompressed pictures."""
    converted(book, folder, "pdf")
    stem = folder / book.stem
    subprocess.run([program("pdftoppm"), "-r", "60", f"{stem}.pdf", str(stem)], check=True, timeout=300)
    return [path.read_bytes() for path in sorted(folder.glob(f"{book.stem}-*.ppm"))]
