"""A proxy on loopback between a publisher and CKAN. It writes down every request, and lets one of them go wrong.

    with proxying() as proxy:
        publisher.run(http_proxy=proxy.url)           # undisturbed; proxy.requests says what it asked
        proxy.begin(Fault("lost", proxy.requests[3].point), publisher=pid)

The publisher is told of it by the usual variable `http_proxy`, so that files at CKAN's own address go through it too.
A fault is applied once. What CKAN would have answered is never made up: `rival` lets somebody else publish while the
request is held back, and then passes on what CKAN says to it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

FAULTS = ("killed before", "killed after", "500", "503", "time-out", "reset", "lost", "rival")
READING_ACTION = re.compile(r"(_show|_list|_search|_search_sql|_info|_autocomplete|_read)$")
ACTION = re.compile(r"^/api/(?:\d/)?action/(\w+)$")
NAMED = ("id", "name", "resource_id", "package_id", "match", "resource", "filter")
HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "content-length", "host"}
SILENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """One request as it came. `action` is CKAN's action, or the path; `nth` counts those of the same label."""

    method: str
    action: str
    subject: str
    sent: int
    is_writing: bool
    nth: int

    @property
    def label(self) -> str:
        """What the request is, without what differs from run to run."""
        return f"{self.method} {self.action}"

    @property
    def point(self) -> tuple[str, int]:
        """Where a publication is when it makes this request."""
        return self.label, self.nth


@dataclass(frozen=True)
class Fault:
    """One of FAULTS, at one point of a publication."""

    kind: str
    point: tuple[str, int]


@dataclass
class Proxy:
    """What the proxy has seen since `begin`, and what it is to do."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    received: int = 0
    struck: bool = False
    fault: Fault | None = None
    publisher: int | None = None
    rival: Callable[[], None] | None = None
    _turn: Lock = field(default_factory=Lock)

    def begin(
        self, fault: Fault | None = None, publisher: int | None = None, rival: Callable[[], None] | None = None
    ) -> None:
        """Forget what was; from now on, one fault or none."""
        with self._turn:
            self.requests, self.answers, self.received, self.struck = [], Counter(), 0, False
            self.fault, self.publisher, self.rival = fault, publisher, rival

    @property
    def reading(self) -> list[Request]:
        """The requests that change nothing."""
        return [request for request in self.requests if not request.is_writing]

    @property
    def writing(self) -> list[Request]:
        """The requests that may change something."""
        return [request for request in self.requests if request.is_writing]

    def note(self, method: str, target: str, body: bytes) -> tuple[Request, str | None]:
        """Write a request down; the fault that strikes it, if any."""
        action, subject = _meaning(target, body)
        with self._turn:
            nth = sum(known.method == method and known.action == action for known in self.requests)
            is_writing = method not in {"GET", "HEAD"} and not READING_ACTION.search(action)
            request = Request(method, action, subject, len(body), is_writing, nth)
            self.requests.append(request)
            strikes = not self.struck and self.fault is not None and self.fault.point == request.point
            self.struck = self.struck or strikes
        return request, self.fault.kind if strikes and self.fault else None

    def kill(self) -> None:
        """End the publisher as a power cut would."""
        assert self.publisher
        os.kill(self.publisher, signal.SIGKILL)


def _meaning(target: str, body: bytes) -> tuple[str, str]:
    """The action of a request (or its path without ids), and what it is about."""
    parts = urlsplit(target)
    found = ACTION.match(parts.path)
    if not found:
        return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", parts.path), parts.path
    arguments: dict[str, object] = {key: values[0] for key, values in parse_qs(parts.query).items()}
    with suppress(ValueError):
        arguments |= json.loads(body or b"{}")
    subject = next((arguments[key] for key in NAMED if arguments.get(key)), "")
    return found[1], subject if isinstance(subject, str) else json.dumps(subject)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _any(self) -> None:
        body = self._body()
        _, fault = self.proxy.note(self.command, self.path, body)
        self._before(fault)
        if self.close_connection and fault:
            return
        status, headers, content = self._forward(body)
        if fault == "killed after":
            self.proxy.kill()
        if fault in {"killed after", "lost"}:
            self._reset()
            return
        self._reply(status, headers, content)

    do_GET = do_HEAD = do_POST = do_DELETE = _any  # noqa: N815 (names of http.server)

    def _before(self, fault: str | None) -> None:
        """What goes wrong before CKAN hears of the request; the connection is then over."""
        match fault:
            case "killed before":
                self.proxy.kill()
                self._reset()
            case "reset":
                self._reset()
            case "time-out":
                self._silence()
            case "500" | "503":
                page = f"<html><body><h1>{fault}</h1></body></html>".encode()
                self._reply(int(fault), [("Content-Type", "text/html"), ("Connection", "close")], page)
                self.close_connection = True
            case "rival":
                assert self.proxy.rival
                self.proxy.rival()

    def _silence(self) -> None:
        """Say nothing until the other side hangs up."""
        self.connection.settimeout(0.05)
        end = time.monotonic() + SILENCE_SECONDS
        while time.monotonic() < end:
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self._reset()

    def _reset(self) -> None:
        """Close so that the other side gets a reset instead of an end."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.wfile.flush()
        with suppress(OSError):
            # the handler's files hold the descriptor open: only a close of all of them sends the reset
            self.rfile.close()
            self.connection.close()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """What CKAN answers, over a connection of its own; 502 as a real proxy says it when CKAN is not there."""
        there = urlsplit(self.path)
        connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=600)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        headers |= {"Host": there.netloc, "Content-Length": str(len(body)), "Connection": "close"}
        try:
            connection.request(self.command, f"{there.path}?{there.query}".rstrip("?"), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            return 502, [("Content-Type", "text/html")], b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        finally:
            connection.close()
        return answer.status, [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP], content

    def _reply(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        with self.proxy._turn:
            self.proxy.answers[status] += 1
            self.proxy.received += len(content)
        with suppress(OSError):  # the other side may be dead
            self.send_response_only(status)
            for key, value in headers:
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A connection that broke is what this proxy is for."""


@contextmanager
def proxying() -> Iterator[Proxy]:
    """A proxy, until the block ends."""
    proxy = Proxy()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
