"""What an editor needs and can't make: organisations for departments, groups for SDGs, and the editor's account.

A city does this once, by hand or with this module, as a sysadmin:
`CKAN_URL=… CKAN_SYSADMIN_TOKEN=… python -m deploy.ckan.prepare EDITOR TOKENFILE`. What is there already is left
as it is, titles included; only memberships that are missing are added. Nothing else of the project uses that token.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ckanapi import NotFound, RemoteCKAN

from deploy.ckan.goals import GOALS
from deploy.ckan.stack import write_private
from pipelines.datasets import City, load_repository
from pipelines.settings import Settings

EDITOR = "opendata"
TOKEN_NAME = "opendata-pipeline"  # noqa: S105 (what the token is called, not what it is)


def prepare(ckan: RemoteCKAN, city: City, editor: str = EDITOR) -> None:
    """Make what is missing. An editor in each organisation, a member of each group: the least with which it works."""
    _ensure_user(ckan, editor)
    for department in organisations(city):
        _ensure(ckan, "organization", department)
        _ensure_member(ckan, "organization", department["name"], editor, "editor")
    for goal in groups():
        _ensure(ckan, "group", goal)
        _ensure_member(ckan, "group", goal["name"], editor, "member")


def organisations(city: City) -> Iterable[Mapping[str, str]]:
    """One for each department, under the department's name with hyphens."""
    for name, department in city.departments.items():
        title = department.title
        yield {"name": name.replace("_", "-"), "title": f"{city.title.ja} {title.ja}", "description": title.en}


def groups() -> Iterable[Mapping[str, str]]:
    """One for each goal: sdg-01 to sdg-17."""
    for number, (ja, en) in GOALS.items():
        yield {"name": f"sdg-{number:02}", "title": f"SDGs {number} {ja}", "description": f"SDG {number}: {en}"}


def new_token(ckan: RemoteCKAN, editor: str, path: Path) -> None:
    """Draw a token for the editor and put it into a file that only its owner reads."""
    answer = ckan.call_action("api_token_create", {"user": editor, "name": TOKEN_NAME})
    write_private(path, answer["token"])


def _ensure_user(ckan: RemoteCKAN, name: str) -> None:
    try:
        ckan.call_action("user_show", {"id": name})
    except NotFound:
        password = secrets.token_urlsafe(32)  # nobody signs in with it
        user = {
            "name": name,
            "fullname": "オープンデータ自動公開",
            "email": f"{name}@example.invalid",
            "password": password,
        }
        ckan.call_action("user_create", user)


def _ensure(ckan: RemoteCKAN, kind: str, wanted: Mapping[str, str]) -> None:
    try:
        ckan.call_action(f"{kind}_show", {"id": wanted["name"], "include_users": False})
    except NotFound:
        ckan.call_action(f"{kind}_create", dict(wanted))


def _ensure_member(ckan: RemoteCKAN, kind: str, name: str, user: str, capacity: str) -> None:
    """Add the membership unless there is one; a city that gave more or other rights meant it."""
    members = ckan.call_action("member_list", {"id": name, "object_type": "user"})
    user_id = ckan.call_action("user_show", {"id": user})["id"]
    if user_id not in {member[0] for member in members}:
        ckan.call_action(f"{kind}_member_create", {"id": name, "username": user, "role": capacity})


def main() -> None:
    """Prepare the catalogue that the environment names."""
    editor, token_file = sys.argv[1:3]
    with RemoteCKAN(os.environ["CKAN_URL"], apikey=os.environ["CKAN_SYSADMIN_TOKEN"]) as ckan:
        prepare(ckan, load_repository(Settings().root).city, editor)
        new_token(ckan, editor, Path(token_file))


if __name__ == "__main__":
    main()
