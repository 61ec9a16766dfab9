"""`opendata desk`: drop a workbook, read the report, take the annotated copy. Everything in memory, on loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipelines.desk import archive
from pipelines.desk.guards import Guard
from pipelines.desk.page import NO_FORMS, OWN_FORMS, TEMPLATES, policy, render
from pipelines.desk.settings import MEGABYTE, DeskSettings
from pipelines.desk.shelf import Outcome, Shelf
from pipelines.desk.uploads import NoFile, TooLarge, Upload, received
from pipelines.desk.words import word
from pipelines.desk.workers import Broken, TooMuch, Workers
from pipelines.findings import Finding, Language

if TYPE_CHECKING:
    from pipelines.datasets import Repository

_ANSWERS = {
    "no_file": 400,
    "too_large": 413,
    "too_much": 422,
    "broken": 500,
    "busy": 503,
    "gone": 404,
}
_WHY: dict[type[Exception], str] = {TooMuch: "too_much", Broken: "broken"}
_LONGEST_NAME = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SCRIPT = (*OWN_FORMS, "script-src 'self'")


class Desk:
    """The pages of the desk. One object a process."""

    def __init__(self, settings: DeskSettings, store: Path, repository: Repository) -> None:
        self._settings, self._store, self._repository = settings, store, repository
        self._shelf = Shelf(settings.minutes * 60, settings.results_megabytes * MEGABYTE)
        self._workers = Workers(settings)
        self._taken = 0

    def app(self) -> Starlette:
        """The web application."""
        routes = [
            Route("/", self.form),
            Route("/check", self.check, methods=["POST"]),
            Route("/desk.js", self.script),
            Route("/health", self.health),
            Route("/report/{token}/", self.report),
            Route("/report/{token}/copy", self.copy),
            Route("/report/{token}/forget", self.forget, methods=["POST"]),
            Route("/cell/{sha256}/", self.delivery),
            Route("/cell/{sha256}/{sheet:path}/{cell}", self.cell),
        ]
        guard = Middleware(Guard, hosts=self._settings.host_names)
        return Starlette(routes=routes, middleware=[guard], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self._workers.start_spare()
        yield
        await self._workers.close()

    async def form(self, request: Request) -> Response:
        """The page with the form."""
        return self._form(_language(request.query_params.get("lang")))

    def _form(self, language: Language, problem: str = "", status: int = 200) -> Response:
        facts: dict[str, object] = {
            "problem": problem,
            "most": self._settings.most_bytes,
            "megabytes": self._settings.megabytes,
            "minutes": self._settings.minutes,
            "datasets": _datasets(self._repository, language),
        }
        return _html(render("desk", language, _SCRIPT, **facts), status, _SCRIPT)

    async def script(self, _: Request) -> Response:
        """Drag and drop."""
        return Response((TEMPLATES / "desk.js").read_bytes(), media_type="text/javascript")

    async def health(self, _: Request) -> Response:
        """For whoever watches the desk."""
        return PlainTextResponse("well")

    async def check(self, request: Request) -> Response:
        """Check what was sent and lead to the result."""
        language = _language(request.query_params.get("lang"))
        if self._taken >= self._settings.waiting:
            return self._sorry("busy", language)
        self._taken += 1
        try:
            upload = await received(request, self._settings.most_bytes)
            return await self._checked(upload, language)
        except TooLarge:
            return self._form(language, word("too_large", language, size=str(self._settings.megabytes)), 413)
        except NoFile:
            return self._form(language, word("no_file", language), 400)
        finally:
            self._taken -= 1

    async def _checked(self, upload: Upload, language: Language) -> Response:
        dataset = upload.dataset if upload.dataset in self._repository.datasets else ""
        links = {"annotated": "copy", "again": f"../../?lang={language}", "forget": "forget"}
        ask = {"ask": "check", "name": upload.name, "dataset": dataset, "lang": language, "links": links}
        try:
            facts, bodies = await self._workers.ask(ask, upload.content)
        except (TooMuch, Broken) as error:
            return self._sorry(_WHY[type(error)], language)
        if "refused" in facts:
            return _message(word("refused", language), str(facts["refused"]), language, 422)
        stem = upload.name.rpartition(".")[0] or upload.name
        name = f"{stem}_{word('index', language)}{facts['suffix']}"
        token = self._shelf.put(Outcome(bodies[0].decode(), bytes(bodies[1]), name))
        return RedirectResponse(f"report/{token}/", 303)

    async def report(self, request: Request) -> Response:
        """The result of a check."""
        outcome = self._shelf.get(request.path_params["token"])
        return _html(outcome.page, 200, OWN_FORMS) if outcome else self._sorry("gone", "ja", home="../../")

    async def copy(self, request: Request) -> Response:
        """The annotated copy, as a file to be saved."""
        outcome = self._shelf.get(request.path_params["token"])
        if outcome is None or not outcome.copy:
            return self._sorry("gone", "ja", home="../../")
        disposition = f"attachment; filename=\"check.xlsx\"; filename*=UTF-8''{quote(outcome.name, safe='')}"
        return Response(outcome.copy, media_type=_XLSX, headers={"Content-Disposition": disposition})

    async def forget(self, request: Request) -> Response:
        """Let a result go."""
        self._shelf.forget(request.path_params["token"])
        return RedirectResponse("../../", 303)

    async def cell(self, request: Request) -> Response:
        """An archived delivery around one cell, for stewards."""
        facts = {key: request.path_params[key] for key in ("sha256", "sheet", "cell")}
        language = _language(request.query_params.get("lang"))
        if not self._settings.shows_cells or not archive.is_address(facts["sha256"], facts["cell"]):
            return _no_cell(request, language)
        return await self._archived(request, {"ask": "cell", "lang": language, **facts}, language)

    async def delivery(self, request: Request) -> Response:
        """What a check says of an archived delivery, for stewards; its name and its dataset are asked for."""
        language = _language(request.query_params.get("lang"))
        sha256, dataset = request.path_params["sha256"], request.query_params.get("dataset", "")
        if not self._settings.shows_cells or not archive.is_address(sha256, "A1"):
            return _no_cell(request, language)
        known = dataset if dataset in self._repository.datasets else ""
        name = request.query_params.get("file", "")[:_LONGEST_NAME] or sha256
        asked = {"ask": "delivery", "lang": language, "sha256": sha256, "name": name, "dataset": known}
        return await self._archived(request, asked, language)

    async def _archived(self, request: Request, facts: Mapping[str, object], language: Language) -> Response:
        """The page that a worker makes of an archived delivery."""
        try:
            found, bodies = await self._workers.ask({**facts, "store": str(self._store)})
        except (TooMuch, Broken) as error:
            return self._sorry(_WHY[type(error)], language, home="/")
        if "refused" in found:
            return _message(word("refused", language), str(found["refused"]), language, 404, home="/")
        return _html(bodies[0].decode()) if bodies else _no_cell(request, language)

    def _sorry(self, what: str, language: Language, home: str = "./") -> Response:
        title, text = ("gone", "gone_why") if what == "gone" else ("refused", what)
        return _message(word(title, language), word(text, language), language, _ANSWERS[what], home)


def _no_cell(request: Request, language: Language) -> Response:
    """There is no such delivery, sheet or cell, or it is not shown here."""
    text = Finding("name.cell", found=request.url.path).text(language)
    return _message(word("not_here", language), text, language, 404, home="/")


def _message(title: str, text: str, language: Language, status: int, home: str = "./") -> Response:
    return _html(render("message", language, title=title, text=text, home=home), status)


def _html(page: str, status: int = 200, rules: Sequence[str] = NO_FORMS) -> Response:
    return HTMLResponse(page, status, {"Content-Security-Policy": policy(*rules, "frame-ancestors 'none'")})


def _language(text: str | None) -> Language:
    return cast("Language", text) if text in {"ja", "en"} else "ja"


def _datasets(repository: Repository, language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """Name and title of every dataset that is delivered, by department."""
    names: dict[str, list[tuple[str, str]]] = {}
    for dataset in repository:
        if dataset.source.kind != "derived":
            title = dataset.schema.title.said(language)
            names.setdefault(dataset.schema.department, []).append((dataset.name, title))
    departments = repository.city.departments
    return [(departments[each].title.said(language), found) for each, found in names.items()]


def serve(settings: DeskSettings, store: Path, repository: Repository, port: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted, on loopback; the address is told. Nothing is logged of what is checked."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", port))
    say(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    config = uvicorn.Config(
        Desk(settings, store, repository).app(),
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=10,
        limit_concurrency=64,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=1 << 15,
    )
    uvicorn.Server(config).run(sockets=[listener])
