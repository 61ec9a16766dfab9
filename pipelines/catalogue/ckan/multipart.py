"""`multipart/form-data` as a stream with a known length: what ckanapi would put together in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

CHUNK = 1 << 20


class Multipart:
    """Fields and files as one request body; it can be sent again, each time from the start."""

    def __init__(self, fields: Mapping[str, str], files: Mapping[str, tuple[str, Path]]) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts: list[bytes | Path] = []
        for name, text in fields.items():
            self._parts.append(self._head(f'name="{name}"') + text.encode() + b"\r\n")
        for name, (filename, path) in files.items():
            kind = "\r\nContent-Type: application/octet-stream"
            self._parts += [self._head(f'name="{name}"; filename="{filename}"{kind}'), path, b"\r\n"]
        self._parts.append(f"--{self._boundary}--\r\n".encode())

    @property
    def content_type(self) -> str:
        """The header that tells where a part ends."""
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return sum(part.stat().st_size if isinstance(part, Path) else len(part) for part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Path):
                with part.open("rb") as file:
                    while chunk := file.read(CHUNK):
                        yield chunk
            else:
                yield part

    def _head(self, disposition: str) -> bytes:
        return f"--{self._boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
