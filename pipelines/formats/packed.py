"""The data package of a release as one zip: every released file, under the names that its descriptor has.

No time of day and no machine in it. Parquet is compressed already and stored as it is.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from pipelines.formats.table import Table
from pipelines.release.record import STABLE

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
_READABLE = 0o100644 << 16
_UNIX = 3


def package_zip(table: Table, path: Path) -> None:
    """Write the package of the table's release to a path."""
    release = table.release
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(release.manifest.files):
            if name != STABLE:
                _add(archive, name, release.path(name))


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> None:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
    entry.external_attr, entry.create_system, entry.file_size = _READABLE, _UNIX, source.stat().st_size
    with source.open("rb") as file, archive.open(entry, "w") as target:
        shutil.copyfileobj(file, target, 1 << 20)
