"""The way to CKAN: ckanapi, with time-outs, a rate limit, retries of what only reads, and streamed uploads.

Every request goes through `_Wire.request`, and `observers` hear of it before it is sent and after it was answered.
A request that changes something is sent once: when its answer is lost, `Unanswered` is raised and whoever asked
has to look.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from ckanapi import RemoteCKAN
from ckanapi.common import reverse_apicontroller_action
from ckanapi.errors import CKANAPIError, NotAuthorized, NotFound, ServerIncompatibleError, ValidationError
from pydantic import SecretStr

from pipelines.catalogue.ckan.failures import (
    Conflict,
    Forbidden,
    Refused,
    Unanswered,
    broken,
    forbidden,
    refused,
    unreachable,
)
from pipelines.catalogue.ckan.multipart import Multipart
from pipelines.errors import CatalogueError
from pipelines.release.descriptor import Json

ATTEMPTS = 4
CONNECT, READ, BULK = 10.0, 90.0, 3600.0  # seconds
PER_SECOND = 20.0
LOST = 500  # what a stock CKAN answers for a file that is no longer on its disk
_MAY_PASS = {408, 425, 429, 500, 502, 503, 504}
_READING = ("_show", "_search", "_list", "_info", "_list_authz", "_list_for_user", "_search_sql", "_digest")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: an action of CKAN's API or `download`, the dataset it is about, whether it may change something."""

    action: str
    dataset: str
    writes: bool


Observer = Callable[[Literal["before", "after"], Request], None]
observers: list[Observer] = []


class _Wire(RemoteCKAN):  # type: ignore[misc]  # ckanapi has no types
    """ckanapi with the status of the last answer, which it does not tell, and one place that every request passes."""

    def __init__(self, address: str, token: SecretStr, per_second: float) -> None:
        super().__init__(address, apikey=token.get_secret_value(), user_agent="opendata-pipeline", session=_session())
        self.status, self.date = 0, ""
        self.about = Request("", "", writes=False)
        self._turn, self._lock, self._pause = 0.0, threading.Lock(), 1 / per_second

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one request when its turn has come."""
        self._wait()
        for heard in observers:
            heard("before", self.about)
        self.status = 0
        response: requests.Response = self.session.request(method, url, allow_redirects=method == "GET", **options)
        self.status = response.status_code
        self.date = response.headers.get("Date", "")
        for heard in observers:
            heard("after", self.about)
        return response

    def _request_fn(
        self, url: str, data: Any, headers: Mapping[str, str], _files: object, requests_kwargs: Mapping[str, Any]
    ) -> tuple[int, str]:
        response = self.request("POST", url, data=data, headers=headers, **requests_kwargs)
        return response.status_code, response.text

    def _wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            self._turn = max(now, self._turn + self._pause)
            delay = self._turn - now
        time.sleep(delay)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = True  # proxies and certificates of the machine
    return session


@dataclass
class Client:
    """One CKAN with one token. `per_second` is the most requests that it is sent in a second."""

    address: str
    token: SecretStr = field(repr=False)
    per_second: float = PER_SECOND

    def __post_init__(self) -> None:
        self._wire = _Wire(self.address, self.token, self.per_second)
        self._offered = dict[str, bool]()

    def call(self, action: str, dataset: str = "", *, records: str = "", **data: object) -> Any:
        """What an action answers. `records` is a JSON list that is sent as it stands.

        Raises ckanapi's NotFound, Refused, Conflict, Unanswered, or CatalogueError for what no other step can mend.
        """
        request = Request(action, dataset, writes=not action.endswith(_READING))
        body = json.dumps(data, ensure_ascii=False)
        if records:
            body = f'{body[:-1]}{", " if data else ""}"records": {records}}}'
        return self._sent(request, body.encode(), {"Content-Type": "application/json"})

    def revise(
        self,
        dataset: str,
        match: Mapping[str, object],
        update: Json,
        files: Mapping[str, tuple[str, Path]] | None = None,
    ) -> Json:
        """`package_revise`: all or nothing, and only while CKAN shows what `match` says.

        `files`: resource id → name and path. They are streamed from disk.
        Returns the package. Raises Conflict when it no longer matches.
        """
        request = Request("package_revise", dataset, writes=True)
        # Without the filter CKAN merges lists by position: a resource would keep keys of the one that was there.
        lists = [f"-{key}" for key, value in update.items() if isinstance(value, list)]
        data = {"match": dict(match), "filter": lists, "update": update}
        if not files:
            answer = self._sent(
                request, json.dumps(data, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
            )
        else:
            fields = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items()}
            parts = {f"update__resources__{key[:8]}__upload": file for key, file in files.items()}
            body = Multipart(fields, parts)
            answer = self._sent(request, body, {"Content-Type": body.content_type})
        return dict(answer["package"])

    def send(self, action: str, dataset: str, file: Path, **data: object) -> Any:
        """What an action answers that takes a file, its argument `upload`; streamed. Raises as `call` does."""
        plain = {key: value for key, value in data.items() if isinstance(value, str)}
        fields = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items() if key not in plain}
        body = Multipart(plain | fields, {"upload": (file.name, file)})
        return self._sent(Request(action, dataset, writes=True), body, {"Content-Type": body.content_type})

    @cached_property
    def extensions(self) -> frozenset[str]:
        """The plugins of this CKAN; asked for once, and only by who needs to know."""
        return frozenset(self.call("status_show")["extensions"])

    def offers(self, action: str) -> bool:
        """Whether this CKAN has an action; asked for once. An extension of an older day may lack one."""
        if action not in self._offered:
            try:
                self.call("help_show", name=action)
                self._offered[action] = True
            except NotFound:
                self._offered[action] = False
        return self._offered[action]

    def answers(self) -> bool:
        """Whether CKAN answers the cheapest request that needs database and search server; once."""
        request = Request("package_search", "", writes=False)
        try:
            self._once(request, b'{"rows": 0}', {"Content-Type": "application/json"})
        except Unanswered:
            return False
        except CatalogueError:
            return True
        return True

    def _sent(self, request: Request, body: bytes | Multipart, headers: Mapping[str, str]) -> Any:
        if request.writes:
            return self._once(request, body, headers)
        return patiently(lambda: self._once(request, body, headers))

    def _once(self, request: Request, body: bytes | Multipart, headers: Mapping[str, str]) -> Any:
        wire = self._wire
        wire.about = request
        url = f"{self.address.rstrip('/')}/api/3/action/{request.action}"
        head = {**headers, "Authorization": self.token.get_secret_value(), "User-Agent": wire.user_agent}
        with self._translated(request):
            limits = (CONNECT, BULK if request.writes or request.action.endswith("_digest") else READ)
            status, text = wire._request_fn(url, body, head, None, {"timeout": limits})  # noqa: SLF001
            return reverse_apicontroller_action(url, status, text)

    @contextmanager
    def download(self, url: str, dataset: str) -> Iterator[requests.Response]:
        """Get what an address of this CKAN serves, as a stream, also `LOST`. Raises Unanswered and Refused."""
        self._wire.about = request = Request("download", dataset, writes=False)
        # A token is for CKAN alone, whatever host a shown address names.
        own = urlsplit(url).netloc == urlsplit(self.address).netloc
        headers = {"Authorization": self.token.get_secret_value()} if own else {}
        with self._translated(request):
            response = self._wire.request("GET", url, headers=headers, timeout=(CONNECT, READ), stream=True)
            with response:
                if response.status_code in _MAY_PASS - {LOST}:
                    raise CKANAPIError(response.status_code)
                yield response

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Errors by CKAN's types, HTTP's status and fields; never by words, which are in the catalogue's language.

        An error of `requests` or of a proxy is no cause of ours: it may quote a header, and Dagster records causes.
        """
        try:
            yield
        except NotAuthorized as error:
            raise Forbidden(forbidden(self.address, request.action, request.dataset)) from error
        except NotFound:
            raise
        except ValidationError as error:
            fields = {key: value for key, value in error.error_dict.items() if key not in {"__type", "message"}}
            raise (Conflict if "match" in fields else Refused)(
                refused(request.action, request.dataset, fields), fields
            ) from error
        except requests.RequestException as error:
            raise Unanswered(unreachable(self.address, request.action, request.dataset, error)) from None
        except (CKANAPIError, ServerIncompatibleError):
            finding = broken(self.address, request.action, request.dataset, self._wire.status)
            raise (Unanswered if self._wire.status in _MAY_PASS else CatalogueError)(finding) from None

    @property
    def now(self) -> datetime:
        """The time by the clock of the last answer, rounded up to a second; in UTC, naive, as CKAN has it."""
        try:
            told = parsedate_to_datetime(self._wire.date)
        except ValueError:
            told = datetime.now(UTC)
        return told.astimezone(UTC).replace(tzinfo=None, microsecond=0) + timedelta(seconds=1)

    def close(self) -> None:
        """Let go of the connections."""
        with suppress(OSError):
            self._wire.close()


def patiently(ask: Callable[[], Any], attempts: int = ATTEMPTS) -> Any:
    """Ask again, after a while that grows and is never quite the same, what may be asked twice. Raises Unanswered."""
    for attempt in range(1, attempts + 1):
        try:
            return ask()
        except Unanswered:
            if attempt == attempts:
                raise
            pause(attempt)
    raise AssertionError


def pause(attempt: int) -> None:
    """Wait before another attempt: half a second, then twice as long each time, up to eight, with jitter."""
    time.sleep(min(8.0, 0.25 * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)


__all__ = ["Client", "Observer", "Request", "Sequence", "observers", "patiently", "pause"]
