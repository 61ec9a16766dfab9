"""How a message reaches people: a webhook (Slack's JSON) and e-mail, each by the environment, each per department.

    OPENDATA_WEBHOOK_URL, OPENDATA_WEBHOOK_URL_<DEPARTMENT>     where to post
    OPENDATA_MAIL_TO, OPENDATA_MAIL_TO_<DEPARTMENT>             one address or several with commas
    OPENDATA_MAIL_FROM, OPENDATA_SMTP_URL                       smtp://user:password@host:587 or smtps://…

A department without an address of its own is told through the general one, whose reader can forward the text as it is.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from pipelines.operations.messages import Message

TIMEOUT = 20.0
Environment = Mapping[str, str]


class Undelivered(Exception):
    """A message did not reach anybody. Its text names the kind of fault only: addresses of webhooks are secrets."""


class Unreachable(Undelivered):
    """Its address does not answer, which takes long to find out; another message to it would fare no better."""


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """What its ledger is called."""
        ...

    def send(self, message: Message) -> None:
        """Send a message. Raises Undelivered."""
        ...


def channels(environment: Environment) -> list[Channel]:
    """The channels that the environment sets up."""
    found: list[Channel] = []
    if addresses := _by_department(environment, "OPENDATA_WEBHOOK_URL"):
        found.append(Webhook({key: SecretStr(url) for key, url in addresses.items()}))
    if (to := _by_department(environment, "OPENDATA_MAIL_TO")) and (smtp := environment.get("OPENDATA_SMTP_URL")):
        found.append(Mail(SecretStr(smtp), environment.get("OPENDATA_MAIL_FROM", "opendata@localhost"), to))
    return found


def _by_department(environment: Environment, variable: str) -> dict[str, str]:
    """The values of a variable and its department's variants: "" for the general one, else the department's key."""
    found = {"": environment.get(variable, "").strip()}
    prefix = f"{variable}_"
    found |= {
        name.removeprefix(prefix).lower(): value.strip()
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class Webhook:
    """Posts `{"text": …}`, which Slack, Mattermost and Teams' workflows take."""

    addresses: Mapping[str, SecretStr]
    name: str = "webhook"

    def send(self, message: Message) -> None:
        """Post a message to its department's address. Raises Undelivered."""
        import httpx

        address = self.addresses.get(message.department) or self.addresses.get("")
        if address is None:
            return  # nobody asked to be told of this
        text = f"*{message.subject}*\n\n{message.text}\n\n(id: {message.id})"
        try:
            answer = httpx.post(
                address.get_secret_value(),
                json={"text": text},
                headers={"X-Message-Id": message.id},
                timeout=TIMEOUT,
            )
        except httpx.TransportError as error:
            raise Unreachable(type(error).__name__) from None  # its text has the address
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Undelivered(type(error).__name__) from None
        if not answer.is_success:
            raise Undelivered(f"HTTP {answer.status_code}")


@dataclass(frozen=True)
class Mail:
    """Sends plain text. The Message-ID is made of the message's id, so that one sent twice shows as one."""

    smtp: SecretStr
    sender: str
    addresses: Mapping[str, str]
    name: str = "mail"

    def send(self, message: Message) -> None:
        """Mail a message to its department's address. Raises Undelivered."""
        to = self.addresses.get(message.department) or self.addresses.get("")
        if to is None:
            return
        try:
            with _connected(self.smtp.get_secret_value()) as server:
                server.send_message(_mail(message, self.sender, to))
        except smtplib.SMTPServerDisconnected as error:
            raise Unreachable(type(error).__name__) from None
        except (smtplib.SMTPException, ValueError) as error:
            raise Undelivered(type(error).__name__) from None
        except OSError as error:
            raise Unreachable(type(error).__name__) from None


def _mail(message: Message, sender: str, to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, message.subject
    domain = sender.rpartition("@")[2].strip(">") or "localhost"
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    if message.about:
        mail["In-Reply-To"] = mail["References"] = f"<{message.about}@{domain}>"
    mail.set_content(f"{message.text}\n\n-- \n(id: {message.id})\n")
    return mail


def _connected(url: str) -> smtplib.SMTP:
    """A logged-in connection. Passwords go over TLS only."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
        if parts.username or server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
