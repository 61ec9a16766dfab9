"""The token is in CKAN and in the environment, and nowhere else: not after a night with failures, byte by byte."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipelines.catalogue.ckan.client import Client
from pipelines.catalogue.ckan.failures import Unanswered
from pipelines.settings import REPOSITORY
from tests.ckan.instance import Ckan
from tests.ckan.state import forget
from tests.kit import Town, town

NAMES = ["population_by_ward"]
NIGHTLY = [sys.executable, "-c", "from pipelines.cli import main; main()", "nightly"]


@pytest.fixture
def made(tmp_path: Path, ckan: Ckan) -> Iterator[Town]:
    for name in NAMES:
        forget(ckan, name.replace("_", "-"))
    yield town(tmp_path, NAMES)
    for name in NAMES:
        forget(ckan, name.replace("_", "-"))


def _nightly(made: Town, url: str, token: str) -> subprocess.CompletedProcess[bytes]:
    """The command that a city's machine runs, Dagster included."""
    places = {"OPENDATA_ROOT": str(made.root), "OPENDATA_HOME": str(made.home), "DAGSTER_HOME": str(made.home)}
    catalogue = {"CKAN_URL": url, "CKAN_API_TOKEN": token, "no_proxy": "*"}
    return subprocess.run(
        NIGHTLY, cwd=REPOSITORY, env=os.environ | places | catalogue, capture_output=True, check=False, timeout=600
    )


def test_the_token_appears_nowhere(made: Town, ckan: Ckan) -> None:
    """After a night that CKAN refused and one that published: not in store, catalogue, Dagster's records, logs, output,
    nor in anything that CKAN shows."""
    planted = "planted-3f1c9a7e-token-that-ckan-does-not-know"
    refused = _nightly(made, ckan.url, planted)
    assert (refused.returncode, b"catalogue.forbidden" in refused.stdout + refused.stderr) == (4, True)
    published = _nightly(made, ckan.url, ckan.editor_token)
    assert published.returncode == 0
    output = b"".join(each for done in (refused, published) for each in (done.stdout, done.stderr))
    for token in (planted.encode(), ckan.editor_token.encode()):
        found = [str(path) for path in made.home.rglob("*") if path.is_file() and token in path.read_bytes()]
        assert (found, token in output) == ([], False)
        assert token.decode() not in _all_that_is_shown(ckan)


@pytest.mark.parametrize("blank", [" ", "\n"])
def test_what_could_not_be_sent_is_not_in_the_chain_of_errors(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a header that can't be sent `requests` quotes the value, and Dagster keeps every error that led to one."""
    monkeypatch.setattr("pipelines.catalogue.ckan.client.pause", lambda _: None)
    client = Client("http://127.0.0.1:9", SecretStr(f"{blank}planted-5d27"))
    with pytest.raises(Unanswered) as raised:
        client.call("package_show", id="x")
    assert "planted" not in "".join(traceback.format_exception(raised.value))


def _all_that_is_shown(ckan: Ckan) -> str:
    with ckan.editor() as editor:
        return "".join(str(editor.call_action("package_show", {"id": name.replace("_", "-")})) for name in NAMES)
