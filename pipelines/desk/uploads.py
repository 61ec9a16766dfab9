"""A file from a browser's form, in memory and not larger than allowed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

_FIELDS = 1 << 16  # bytes of a form besides its file


class TooLarge(Exception):
    """The file is larger than the desk takes."""


class NoFile(Exception):
    """The form came without a file, or is none."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent. `name` is shown and never used as a path."""

    name: str
    content: bytes
    dataset: str


class _InMemory(MultiPartParser):
    """The parser of forms, which would put more than a megabyte into a file on disk."""

    spool_max_size = 1 << 30


async def received(request: Request, most: int) -> Upload:
    """The file of a form. Raises TooLarge or NoFile."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NoFile
    try:
        parser = _InMemory(request.headers, _bounded(request, most + _FIELDS), max_files=1, max_fields=8)
        form = await parser.parse()
    except (MultiPartException, ClientDisconnect) as error:
        raise NoFile from error
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise NoFile
    content = await file.read()
    if len(content) > most:
        raise TooLarge
    if not content and not file.filename:
        raise NoFile
    texts = {key: value for key, value in form.items() if isinstance(value, str)}
    return Upload(shown_name(file.filename or ""), content, texts.get("dataset", ""))


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body as long as it is not too large. The rest is let pass unread: an answer in between would not be seen."""
    size = 0
    async for block in request.stream():
        size += len(block)
        if size <= most:
            yield block
        elif size > 4 * most:
            raise TooLarge
    if size > most:
        raise TooLarge


def shown_name(name: str) -> str:
    """The last part of a name, without control characters, of a length to be shown."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c if c.isprintable() else "\ufffd" for c in last)[-120:] or "?"
