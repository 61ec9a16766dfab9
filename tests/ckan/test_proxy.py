"""The proxy of the fault tests does to a request what it says, once, and CKAN hears of it or does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from tests.ckan.proxy import Fault, Proxy, proxying

POINT = ("POST package_patch", 0)


class _Echo(BaseHTTPRequestHandler):
    """Answers every POST with its body, and counts them."""

    heard: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _echo() -> Iterator[tuple[Proxy, str, list[str]]]:
    heard: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Echo", (_Echo,), {"heard": heard}))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        with proxying() as proxy:
            yield proxy, f"http://127.0.0.1:{server.server_address[1]}/api/3/action/", heard
    finally:
        server.shutdown()
        server.server_close()


def _ask(proxy: Proxy, ckan: str, action: str = "package_patch") -> str:
    """What a client makes of it: the status, or the kind of failure."""
    try:
        through = {"http": proxy.url}
        return str(requests.post(ckan + action, json={"id": "waste"}, timeout=0.5, proxies=through).status_code)
    except requests.exceptions.ReadTimeout:
        return "time-out"
    except requests.exceptions.ConnectionError:
        return "connection"


def test_requests_are_written_down():
    """Action, dataset, bytes, and whether it may change something."""
    with _echo() as (proxy, ckan, _):
        proxy.begin()
        assert [_ask(proxy, ckan), _ask(proxy, ckan), _ask(proxy, ckan, "package_show")] == ["200"] * 3
        assert [request.point for request in proxy.requests] == [POINT, (POINT[0], 1), ("POST package_show", 0)]
        assert [request.subject for request in proxy.writing] == ["waste", "waste"]
        assert {request.sent for request in proxy.requests} == {len(json.dumps({"id": "waste"}))}
        assert len(proxy.reading) == 1


@pytest.mark.parametrize(
    ("kind", "told", "heard"),
    [
        ("500", "500", 1),
        ("503", "503", 1),
        ("time-out", "time-out", 1),
        ("reset", "connection", 1),
        ("lost", "connection", 2),
    ],
)
def test_a_fault_strikes_once(kind, told, heard):
    """The client gets the fault, CKAN hears of it only where its reply was lost, a repeat goes well."""
    with _echo() as (proxy, ckan, passed):
        proxy.begin(Fault(kind, POINT))
        assert [_ask(proxy, ckan), proxy.struck, _ask(proxy, ckan)] == [told, True, "200"]
        assert len(passed) == heard


@pytest.mark.parametrize(("kind", "heard"), [("killed before", 0), ("killed after", 1)])
def test_a_publisher_is_killed_at_its_request(kind, heard):
    """The process is gone; CKAN has heard of its request or not."""
    with _echo() as (proxy, ckan, passed):
        ask = f"import requests; input(); requests.post('{ckan}package_patch', json={{}})"
        through = os.environ | {"http_proxy": proxy.url, "no_proxy": ""}
        publisher = subprocess.Popen([sys.executable, "-c", ask], stdin=subprocess.PIPE, env=through)
        proxy.begin(Fault(kind, POINT), publisher=publisher.pid)
        publisher.communicate(b"\n")
        assert (publisher.returncode, len(passed)) == (-signal.SIGKILL, heard)


def test_a_rival_comes_in_between():
    """What somebody else does is done before CKAN hears of the request."""
    with _echo() as (proxy, ckan, passed):
        proxy.begin(Fault("rival", POINT), rival=lambda: passed.append("rival"))
        assert _ask(proxy, ckan) == "200"
        assert passed == ["rival", "/api/3/action/package_patch"]
