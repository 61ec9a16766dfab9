"""The process that opens one file for the desk: `python -m pipelines.desk.worker MEGABYTES SECONDS`.

It reads one request from its standard input and writes one answer. Whatever the file does to it ends with it. The file
stays in memory: what needs a path gets one of a file that has no other place.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pipelines.desk.frames import packed, unpacked
from pipelines.errors import OpenDataError, StoreError
from pipelines.findings import Language, Place

OUT_OF_MEMORY = 9
_MEMORY_DISK = Path("/dev/shm")  # noqa: S108  files in memory, for libraries that want a folder


def hold_to(megabytes: int, seconds: int) -> None:
    """Limit this process: address space, processor time, no core dump, no file of any size but in memory."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.access(_MEMORY_DISK, os.W_OK):
        tempfile.tempdir = str(_MEMORY_DISK)


def in_memory(content: bytes) -> Path:
    """The path of a file that stands in memory only."""
    handle = os.memfd_create("delivery")
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(content)
    return Path(f"/proc/self/fd/{handle}")


def answer(facts: Mapping[str, object], content: bytes) -> bytes:
    """The answer to one request: pages and copies, or a refusal in words."""
    language = cast("Language", facts["lang"])
    try:
        if facts["ask"] == "cell":
            return _cell(facts, language)
        if facts["ask"] == "delivery":
            return _delivery(facts, language)
        return _check(facts, content, language)
    except StoreError:
        return packed({"missing": facts["sha256"]})
    except OpenDataError as error:
        return packed({"refused": error.finding.text(language), "code": error.code})


def _archived(facts: Mapping[str, object]) -> Path:
    """The path of a delivery in the store. Raises StoreError when there is none, DeliveryRefused when it is no file."""
    from pipelines.reading.kinds import format_of
    from pipelines.reading.workbook import look_over
    from pipelines.store.store import Store

    sha256 = str(facts["sha256"])
    path = Store(Path(str(facts["store"]))).path(sha256)
    if format_of(path) != "text":
        look_over(path, Place(file=sha256))
    return path


def _delivery(facts: Mapping[str, object], language: Language) -> bytes:
    """What a check says of an archived delivery: the page alone."""
    from pipelines.checking.check import check_file
    from pipelines.desk import faces

    path = _archived(facts)
    report = check_file(path, file=str(facts["name"]), dataset=str(facts["dataset"]) or None).report
    return packed({}, faces.html(report, path.read_bytes(), language, {}).encode())


def _cell(facts: Mapping[str, object], language: Language) -> bytes:
    from pipelines.desk.archive import cell_page

    path = _archived(facts)
    sha256, sheet, cell = (str(facts[key]) for key in ("sha256", "sheet", "cell"))
    page = cell_page(path.read_bytes(), sha256, sheet, cell, language)
    if page is None:
        return packed({"missing": sheet})
    return packed({}, page.encode())


def _check(facts: Mapping[str, object], content: bytes, language: Language) -> bytes:
    from pipelines.checking.check import check_file
    from pipelines.desk import faces

    dataset = str(facts["dataset"]) or None
    report = check_file(in_memory(content), file=str(facts["name"]), dataset=dataset).report
    links = cast("dict[str, str]", facts["links"])
    try:
        copy, why = faces.copy(report, content, language), ""
    except OpenDataError as error:
        copy, why = b"", error.finding.text(language)
    links = {**links, "annotated": links["annotated"] if copy else "", "no_copy": why}
    page = faces.html(report, content, language, links)
    return packed({"suffix": faces.suffix(content)}, page.encode(), copy)


def _warm() -> None:
    """Load what every check needs before there is a file."""
    import jinja2
    import python_calamine

    from pipelines.checking import check
    from pipelines.desk import faces

    assert all((jinja2, python_calamine, check, faces))


def main() -> None:
    """Answer one request."""
    hold_to(int(sys.argv[1]), int(sys.argv[2]))
    _warm()
    facts, bodies = unpacked(sys.stdin.buffer.read())
    try:
        sys.stdout.buffer.write(answer(facts, bodies[0]))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing to tidy up, and some libraries are slow at it


if __name__ == "__main__":
    main()
