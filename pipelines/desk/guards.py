"""What keeps other pages away from a desk on loopback: known names, forms from here only, strict headers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # `no-referrer` would make browsers send forms with the origin `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class Guard:
    """Refuses requests under other names (DNS rebinding) and forms of other pages (CSRF); adds the headers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", NOTHING)
            await send(message)

        headers = Headers(scope=scope)
        if host_of(headers.get("host", "")) not in self._hosts:
            await PlainTextResponse("unknown host", 421)(scope, receive, guarded)
        elif scope["method"] == "POST" and not is_from_here(headers):
            await PlainTextResponse("sent from another page", 403)(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)


def host_of(value: str) -> str:
    """The name of a `Host` header without its port, in small letters; empty when it is none."""
    try:
        host = urlsplit(f"//{value}").hostname or ""
    except ValueError:
        return ""
    return f"[{host}]" if ":" in host else host


def is_from_here(headers: Headers) -> bool:
    """Whether a form was sent by a page of this very server, or by no browser at all."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    return headers.get("sec-fetch-site", "same-origin") == "same-origin"
