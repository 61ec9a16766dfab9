"""Somebody who is told, by a real webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Inbox:
    """What was received: id and subject of each message, in order."""

    address: str = ""
    got: list[tuple[str, str]] = field(default_factory=list)

    def about(self, title: str) -> list[str]:
        """The kinds of message about a dataset, such as 【公開保留】, in order."""
        return [subject.partition("】")[0] + "】" for _, subject in self.got if title in subject]


@contextmanager
def inbox() -> Iterator[Inbox]:
    """A receiver on loopback."""
    received = Inbox()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
            received.got.append((self.headers["X-Message-Id"], text.splitlines()[0].strip("*")))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    received.address = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
