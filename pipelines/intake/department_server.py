"""A department's web server to try the pipeline with: a folder over HTTP on loopback, with ETags.

Only for development: it stands in for the real servers that a source's `url` names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

HOST, PORT = "127.0.0.1", 8642


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
    """Serve a folder until the block ends. Where the port is taken, somebody serves already: theirs is used."""
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(folder))
    except OSError:
        yield ThreadingHTTPServer((HOST, 0), _handler(folder), bind_and_activate=False)
        return
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
