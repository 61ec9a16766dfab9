"""Deliveries over HTTP: conditional requests, time-outs, retries with back-off where a repeat may help."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import stamina

from pipelines import durable
from pipelines.errors import SourceUnavailable
from pipelines.findings import Finding, Place
from pipelines.intake.department_server import where
from pipelines.intake.fetch import LARGEST, Observation
from pipelines.store import Store

TIMEOUT = httpx.Timeout(20, connect=5)
ATTEMPTS = 4
# stamina's own hook prints every argument of a retried call; ours are nobody's business.
stamina.instrumentation.set_on_retry_hooks([])

_PASSING = {408, 425, 429, 500, 502, 503, 504}


_NO_HEAD = {405, 501}


class _Refused(Exception):
    """An answer that is no file."""


class _MayPass(_Refused):
    """One that another try may mend."""


def look_at(url: str, token: str | None, place: Place, store: Store) -> Observation:
    """What an address holds, by its ETag, without fetching it. Writes nothing."""
    with _patience(url, place), httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers=_headers(token)) as client:
        response = _answer(client, "HEAD", where(url))
    if response.status_code in _NO_HEAD:
        return Observation(None)
    etag = response.headers.get("etag", "")
    known = store.memo(_key(url, etag)) if etag and not etag.startswith("W/") else None
    return Observation(str(known["sha256"]) if known else None, etag)


def download(url: str, token: str | None, place: Place, store: Store) -> str:
    """Archive what an address holds and remember its ETag; returns the hash."""
    with _patience(url, place), httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers=_headers(token)) as client:
        sha256, etag = _save(client, where(url), place, store)
    if etag and not etag.startswith("W/"):
        store.remember(_key(url, etag), {"sha256": sha256})
    return sha256


@contextmanager
def _patience(url: str, place: Place) -> Iterator[None]:
    """Turn what is left after all retries into SourceUnavailable. Nothing in it tells a secret."""
    try:
        yield
    except (_Refused, httpx.HTTPError, httpx.InvalidURL) as error:
        facts = {"url": _without_secrets(url)}
        raise SourceUnavailable(Finding("source.unreachable", place, _words(error), facts)) from error


def _without_secrets(url: str) -> str:
    """An address without its query and without the user in front of the host."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _words(error: Exception) -> str:
    """What to show of an error: of a request that could not be sent its kind alone, since it may quote a header."""
    if isinstance(error, (_Refused, httpx.TransportError)) and not isinstance(error, httpx.LocalProtocolError):
        return str(error) or type(error).__name__
    return type(error).__name__


@stamina.retry(on=(_MayPass, httpx.TransportError), attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
def _answer(client: httpx.Client, method: str, url: str) -> httpx.Response:
    response = client.request(method, url)
    if not (method == "HEAD" and response.status_code in _NO_HEAD):
        _check(response)
    return response


@stamina.retry(on=(_MayPass, httpx.TransportError), attempts=ATTEMPTS, wait_initial=0.2, wait_max=5)
def _save(client: httpx.Client, url: str, place: Place, store: Store) -> tuple[str, str]:
    with store.workshop() as workshop, client.stream("GET", url) as response:
        _check(response)
        path = workshop / "delivery"
        sha256 = _write(response, path, place)
        durable.flush(path)
        return store.keep(path, sha256), response.headers.get("etag", "")


def _write(response: httpx.Response, path: Path, place: Place) -> str:
    """Write the body and check that it is whole; a body cut short is another try's business."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for block in response.iter_bytes():
            size += len(block)
            if size > LARGEST:
                raise SourceUnavailable(Finding("source.too_large", place, str(size), {"largest": str(LARGEST)}))
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _check(response: httpx.Response) -> None:
    if not response.is_success:
        raise (_MayPass if response.status_code in _PASSING else _Refused)(f"HTTP {response.status_code}")


def _headers(token: str | None) -> dict[str, str]:
    if token and not re.fullmatch("[!-~]+", token):
        raise _Refused("token ≠ ASCII")  # before anything quotes it
    return {"User-Agent": "opendata-pipeline", **({"Authorization": f"Bearer {token}"} if token else {})}


def _key(url: str, etag: str) -> str:
    return hashlib.sha256(f"etag {url} {etag}".encode()).hexdigest()
