"""The built site of the whole city, on a web server of its own, in Debian's chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines.night import Night
from pipelines.pipeline import Pipeline

TITLES = {"": "川崎市 オープンデータ", "en/": "City of Kawasaki Open Data"}


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name in the library
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder of static files on a port of loopback; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="session")
def catalogue(city: tuple[Pipeline, Night]) -> Path:
    """The folder of the city's catalogue after its first night."""
    return city[0].store.root.parent / "catalogue"


@pytest.fixture(scope="session")
def site(catalogue: Path) -> Iterator[str]:
    """The address of the city's site."""
    with served(catalogue) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    path = shutil.which("chromium")
    if path is None and not os.environ.get("CI"):
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, whose faults fail the test: errors in the console, requests that fail or go elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found: list[str] = []
    page = context.new_page()
    watch(page, found)
    yield page
    context.close()
    assert found == []


def watch(page: Page, found: list[str]) -> None:
    """Write down what goes wrong on a page."""
    page.on("console", lambda message: found.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("response", lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.on("request", lambda asked: None if _is_here(asked.url) else found.append(f"left the host: {asked.url}"))


def _is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:"))
