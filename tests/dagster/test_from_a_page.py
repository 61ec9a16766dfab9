"""What a person starts from a page of the Dagster UI, asked for over GraphQL as the page asks for it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.assets import DELIVERED
from pipelines.days import TOKYO
from pipelines.settings import REPOSITORY
from pipelines.verify import verify
from tests.deploy.graphql import ask
from tests.deploy.ui import free_port, wait_for
from tests.kit import Town, town
from tests.night.towns import versions
from tests.shell.command import COMMAND, environment

WASTE, HOUSING = "waste_per_capita", "housing_seismic_retrofit"
SELECTOR = {"repositoryLocationName": "opendata", "repositoryName": "__repository__", "jobName": "__ASSET_JOB"}
ASSETS = "{ assetNodes { assetKey { path } groupName } }"
LAUNCH = """mutation($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATE = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
PATIENCE = 240  # seconds


@contextmanager
def pages(here: Town, log: Path) -> Iterator[httpx.Client]:
    """A client of the UI with its daemon, as `opendata ui` starts it."""
    port = free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*COMMAND, "ui", "--port", str(port)],
            cwd=REPOSITORY,
            env={**environment(here), "DAGSTER_HOME": str(here.home)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                wait_for(client, server)
                yield client
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(60)


def materialize(client: httpx.Client, keys: Sequence[Sequence[str]], **tags: str) -> str:
    """What "Materialize" of a page asks for; waits for the end of the run and tells its state."""
    selection = [{"path": list(key)} for key in keys]
    params: dict[str, Any] = {
        "selector": {**SELECTOR, "assetSelection": selection},
        "mode": "default",
        "runConfigData": {},
        "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in tags.items()]},
    }
    launched = ask(client, LAUNCH, p=params)["data"]["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state = str(ask(client, STATE, id=launched["run"]["runId"])["data"]["runOrError"]["status"])
        if state in {"SUCCESS", "FAILURE", "CANCELED"}:
            return state
        time.sleep(1)
    raise TimeoutError(f"the run is still {state}")


def group(client: httpx.Client, name: str) -> list[list[str]]:
    """The assets of a group's page."""
    nodes = ask(client, ASSETS)["data"]["assetNodes"]
    return [node["assetKey"]["path"] for node in nodes if node["groupName"] == name]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, httpx.Client]]:
    here = town(tmp_path_factory.mktemp("ui"), [WASTE, HOUSING])
    with pages(here, here.home.parent / "ui.log") as client:
        yield here, client


def test_a_department_is_run_as_a_whole_and_nothing_else(ui: tuple[Town, httpx.Client]) -> None:
    """By "Materialize all" on its group's page: its datasets and the index are published, others are not touched."""
    here, client = ui
    keys = group(client, "environment")
    assert {key[-1] for key in keys} == {WASTE}
    assert materialize(client, keys) == "SUCCESS"
    assert versions(here) == {WASTE: "1.0.0"}
    assert verify(str(here.home / "catalogue"), "").exit_code == 0


def test_a_deliverys_day_is_run_from_the_archive(ui: tuple[Town, httpx.Client]) -> None:
    """With the tag in the launchpad; the source has gone away, and the run of the night would fail."""
    here, client = ui
    schema = here.root / "schemas" / f"{HOUSING}.yaml"
    good = schema.read_text("utf-8")
    schema.write_text(good.replace("title: {ja: ", "title: {ja: 　", 1), "utf-8")
    keys = [["delivery", HOUSING], ["table", HOUSING], ["release", HOUSING], ["catalogue", HOUSING]]
    assert materialize(client, keys) == "SUCCESS"
    before = versions(here)
    schema.write_text(good, "utf-8")
    here.delivery(HOUSING).unlink()
    assert materialize(client, keys) == "FAILURE"
    today = datetime.now(TOKYO).date().isoformat()
    assert materialize(client, keys, **{DELIVERED: today}) == "SUCCESS"
    assert versions(here)[HOUSING] != before[HOUSING]
    assert verify(str(here.home / "catalogue"), "").exit_code == 0


def test_a_day_that_is_none_fails_with_its_remedy(ui: tuple[Town, httpx.Client]) -> None:
    """And changes nothing."""
    here, client = ui
    before = versions(here)
    assert materialize(client, group(client, "environment"), **{DELIVERED: "yesterday"}) == "FAILURE"
    assert versions(here) == before
