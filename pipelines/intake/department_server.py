"""A department's web server to try the pipeline with: a folder over HTTP on loopback, with ETags.

Only for development: it stands in for the real servers that a source's `url` names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

HOST, PORT = "127.0.0.1", 8642
STAND_IN = "OPENDATA_DEPARTMENT_SERVER"  # the variable with host and port of a stand-in


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(with_body=True)

        def do_HEAD(self) -> None:
            self._serve(with_body=False)

        def _serve(self, *, with_body: bool) -> None:
            path = folder / Path(unquote(urlsplit(self.path).path)).name
            if not path.is_file():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            content = path.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            if self.headers.get("If-None-Match") == etag:
                self.send_response(HTTPStatus.NOT_MODIFIED)
                self.end_headers()
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if with_body:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet: the pipeline tells what it fetched."""

    return Handler


@contextmanager
def department_server(folder: Path, port: int = PORT) -> Iterator[ThreadingHTTPServer]:
    """Serve a folder until the block ends; where the port is taken, at a free one.

    This process, and those that it starts meanwhile, ask there for what a source's `url` names at the usual address.
    """
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(folder))
    except OSError:  # another clone's, which may end at any moment and has files of its own
        server = ThreadingHTTPServer((HOST, 0), _handler(folder))
    Thread(target=server.serve_forever, daemon=True).start()
    before = os.environ.get(STAND_IN)
    os.environ[STAND_IN] = f"{HOST}:{server.server_address[1]}"
    try:
        yield server
    finally:
        _restore(before)
        server.shutdown()
        server.server_close()


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop(STAND_IN, None)
    else:
        os.environ[STAND_IN] = before


def where(url: str) -> str:
    """The address at which to ask for `url`: the stand-in's, where one stands in for the host of `url`."""
    usual, here = f"http://{HOST}:{PORT}/", os.environ.get(STAND_IN, "")
    return f"http://{here}/{url.removeprefix(usual)}" if here and url.startswith(usual) else url
