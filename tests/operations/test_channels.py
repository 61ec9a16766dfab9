"""Messages over real sockets: a webhook, a mail server; and where no secret may show."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from pipelines.operations.channels import Undelivered, Unreachable, channels
from pipelines.operations.messages import Message

MESSAGE = Message("0123456789abcdef", "failure", "environment", "waste", "【公開保留】ごみ", "環境局 御中", "")
ANSWER = Message("fedcba9876543210", "mended", "environment", "waste", "【解消】ごみ", "解消しました", MESSAGE.id)


class _Hook(BaseHTTPRequestHandler):
    posts: ClassVar[list[tuple[str, dict[str, str], str]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((self.path, json.loads(body), self.headers["X-Message-Id"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at `posts`."""


@contextmanager
def webhook(status: int = 200) -> Iterator[str]:
    """A receiver of webhooks on loopback; its address."""
    _Hook.posts.clear()
    _Hook.status = status
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/secret-part"
    finally:
        server.shutdown()
        server.server_close()


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 — the library calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def test_a_department_is_told_at_its_own_webhook() -> None:
    """JSON that Slack takes, the id in a header, and the department's address before the general one."""
    with webhook() as address:
        (channel,) = channels(
            {"OPENDATA_WEBHOOK_URL": "http://127.0.0.1:1/nobody", "OPENDATA_WEBHOOK_URL_ENVIRONMENT": address}
        )
        channel.send(MESSAGE)
    ((path, body, header),) = _Hook.posts
    assert (path, header) == ("/hook/secret-part", MESSAGE.id)
    assert body["text"].startswith("*【公開保留】ごみ*")
    assert MESSAGE.text in body["text"]


@pytest.mark.parametrize("status", [403, 500])
def test_a_refused_post_is_undelivered_and_names_no_address(status: int) -> None:
    """Whoever has the address of a webhook can post there: it is a secret."""
    with webhook(status) as address, pytest.raises(Undelivered) as caught:
        channels({"OPENDATA_WEBHOOK_URL": address})[0].send(MESSAGE)
    assert str(caught.value) == f"HTTP {status}"
    assert not isinstance(caught.value, Unreachable)  # another message may be taken


def test_an_unreachable_webhook_is_undelivered_and_names_no_address() -> None:
    """The library's own message has the whole address."""
    (channel,) = channels({"OPENDATA_WEBHOOK_URL": "http://127.0.0.1:1/hook/secret-part"})
    with pytest.raises(Unreachable) as caught:
        channel.send(MESSAGE)
    assert str(caught.value) == "ConnectError"
    assert "secret-part" not in repr(channel)


def test_mail_reads_in_japanese_and_an_answer_joins_its_thread() -> None:
    """Subject and text arrive as written; the mended message refers to the one before."""
    box = _Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        (channel,) = channels(
            {
                "OPENDATA_SMTP_URL": f"smtp://127.0.0.1:{port}",
                "OPENDATA_MAIL_FROM": "opendata@city.example",
                "OPENDATA_MAIL_TO": "steward@city.example",
            }
        )
        channel.send(MESSAGE)
        channel.send(ANSWER)
    finally:
        server.stop()
    first, second = box.mails
    assert first["Subject"] == MESSAGE.subject
    assert first["To"] == "steward@city.example"
    assert MESSAGE.text in first.get_content()
    assert second["In-Reply-To"] == first["Message-ID"]


def test_an_unreachable_mail_server_is_undelivered() -> None:
    """And known to be silent, so that it is waited for once."""
    (channel,) = channels({"OPENDATA_SMTP_URL": "smtp://127.0.0.1:1", "OPENDATA_MAIL_TO": "steward@city.example"})
    with pytest.raises(Unreachable, match=r"^ConnectionRefusedError$"):
        channel.send(MESSAGE)


def test_without_addresses_there_is_no_channel() -> None:
    """A fresh clone tells nobody."""
    assert channels({}) == []
