"""Somebody who looks after a dataset by hand: logs in, opens the edit form, hands it in, as a browser does."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests
from ckanapi.errors import NotFound

from tests.ckan.instance import Ckan

NAME = "trials-person"
Pairs = list[tuple[str, str]]


@dataclass
class Form:
    """The fields of a form as a browser would send them."""

    action: str
    fields: Pairs = field(default_factory=list)

    def get(self, name: str) -> str:
        """A field's value."""
        return dict(self.fields)[name]

    def set(self, name: str, value: str) -> None:
        """Fill a field in."""
        assert name in dict(self.fields), f"{name} is no field of the form"
        self.fields = [(key, value if key == name else old) for key, old in self.fields]

    def add_extra(self, key: str, value: str) -> None:
        """Fill in the first empty pair of the free fields."""
        number = next(n for n in range(100) if self.get(f"extras__{n}__key") == "")
        self.set(f"extras__{number}__key", key)
        self.set(f"extras__{number}__value", value)

    def drop_extra(self, key: str) -> None:
        """Empty a pair of the free fields."""
        name = next(name for name, value in self.fields if re.fullmatch(r"extras__\d+__key", name) and value == key)
        self.set(name, "")
        self.set(name.replace("__key", "__value"), "")


class Person:
    """A browser that has logged in as somebody."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url, self._session = url, requests.Session()
        form = self._form("/user/login", "login")
        form.set("login", name)
        form.set("password", password)
        self.hands_in(form)
        self._form("/dataset/new", "title")  # only who has logged in gets one

    def opens(self, package: str) -> Form:
        """The edit form of a dataset."""
        return self._form(f"/dataset/edit/{package}", "notes")

    def hands_in(self, form: Form) -> None:
        """Press the button."""
        answer = self._session.post(
            form.action,
            data=[*form.fields, ("save", "")],
            headers={"Referer": form.action},
            allow_redirects=False,
            timeout=120,
        )
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[-3000:]}"

    def _form(self, path: str, with_field: str) -> Form:
        answer = self._session.get(f"{self.url}{path}", timeout=120)
        answer.raise_for_status()
        page = _Forms(answer.url)
        page.feed(answer.text)
        return next(form for form in page.forms if with_field in dict(form.fields))


def person_of(ckan: Ckan, organisation: str) -> Person:
    """An editor of an organisation who has logged in; made when there is none yet."""
    password = secrets.token_urlsafe(16)
    with ckan.sysadmin() as sysadmin:
        try:
            sysadmin.call_action("user_show", {"id": NAME})
            sysadmin.call_action("user_patch", {"id": NAME, "password": password})
        except NotFound:
            account = {"name": NAME, "email": "person@example.invalid", "password": password}
            sysadmin.call_action("user_create", account)
        member = {"id": organisation, "username": NAME, "role": "editor"}
        sysadmin.call_action("organization_member_create", member)
    return Person(ckan.url, NAME, password)


class _Forms(HTMLParser):
    """The forms of a page with what stands in their fields."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self._select, self._textarea = "", ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form":
            action = found.get("action") or self.url
            self.forms.append(Form(action if "://" in action else self.url))
        elif not self.forms:
            return
        elif tag == "input":
            self._input(found)
        elif tag == "select":
            self._select = found.get("name", "")
        elif tag == "option" and "selected" in found:
            self._add(self._select, found.get("value", ""))
        elif tag == "textarea":
            self._textarea = found.get("name", "")
            self._add(self._textarea, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            form = self.forms[-1]
            form.set(self._textarea, (form.get(self._textarea) + data).removeprefix("\n"))

    def _input(self, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind in {"submit", "file", "button"} or (kind in {"checkbox", "radio"} and "checked" not in found):
            return
        self._add(found.get("name", ""), found.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        if name:
            self.forms[-1].fields.append((name, value))
