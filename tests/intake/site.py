"""A department's web server that can be made to misbehave, answer by answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = Callable[["Handler"], None]


@dataclass
class Site:
    """One file at any address, what was asked for so far, and the answers to give before the right one.

    `always` is given instead of the right answer once `answers` are used up.
    """

    content: bytes = b""
    port: int = 0
    has_etag: bool = True
    answers: deque[Answer] = field(default_factory=deque)
    always: Answer | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/railway_congestion.csv"

    @property
    def methods(self) -> list[str]:
        """The methods of all requests so far, which are then forgotten."""
        found = [method for method, _ in self.asked]
        self.asked.clear()
        return found


class Handler(BaseHTTPRequestHandler):
    """One request."""

    site: Site

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.site.asked.append((self.command, self.path))
        self.site.tokens.append(self.headers.get("Authorization"))
        answer = self.site.answers.popleft() if self.site.answers else self.site.always or whole
        answer(self)

    def send(self, code: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        """Send an answer; `length` is what it says its length is."""
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the overridden method
        """Quiet."""


def whole(handler: Handler) -> None:
    """The file."""
    site = handler.site
    handler.send(200, site.content, **({"ETag": f'"{sha256(site.content).hexdigest()}"'} if site.has_etag else {}))


def status(code: int) -> Answer:
    """An error."""
    return lambda handler: handler.send(code, b"no")


def page(body: bytes) -> Answer:
    """Something else, with a good conscience."""
    return lambda handler: handler.send(200, body)


def cut_short(handler: Handler) -> None:
    """Half of what was announced, and the line goes dead."""
    content = handler.site.content
    handler.send(200, content[: len(content) // 2], length=len(content), ETag='"half"')
    handler.close_connection = True


def moved(address: str) -> Answer:
    """Somewhere else."""
    return lambda handler: handler.send(302, Location=address)


def slow(seconds: float) -> Answer:
    """The file, after a while."""

    def answer(handler: Handler) -> None:
        time.sleep(seconds)
        whole(handler)

    return answer


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve until the block ends, at the site's port, or any that is free."""
    handler = type("OwnHandler", (Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", site.port), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that gave up is no news
    site.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
