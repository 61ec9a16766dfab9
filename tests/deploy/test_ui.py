"""What a night with every kind of failure leaves behind, and what the read-only UI shows of it and lets nobody do."""

from __future__ import annotations

import http.server
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import httpx
import pytest
from dagster._core.test_utils import create_run_for_test

from pipelines.webserver import REFUSAL
from tests.deploy.graphql import ask, mutations
from tests.deploy.secrets import PLANTED, children, found_in, texts_of, variants
from tests.deploy.ui import free_port, web_server
from tests.kit import Town, town
from tests.shell.command import COMMAND, environment

SOUND, REFUSED, QUOTED = "waste_per_capita", "railway_congestion", "housing_seismic_retrofit"
POSTGRES = "postgresql://dagster:{postgres}@127.0.0.1:{port}/dagster"


class _Refuses(http.server.BaseHTTPRequestHandler):
    """Wants other credentials, whatever it is asked."""

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.path} {self.headers}")  # type: ignore[attr-defined]
        self.send_response(401)
        self.end_headers()

    do_GET = do_HEAD = do_POST = _refuse  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def refusing() -> Iterator[tuple[str, list[str]]]:
    """Host and port of a server that refuses everything, and what it was asked."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Refuses)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def planted(host: str) -> dict[str, str]:
    """Every secret that the environment can hold, each at something that refuses it or is not there."""
    return {
        "CKAN_URL": f"http://proxy:{PLANTED['front']}@127.0.0.1:{free_port()}",
        "CKAN_API_TOKEN": PLANTED["ckan"],
        "OPENDATA_WEBHOOK_URL": f"http://{host}/hook/{PLANTED['webhook']}",
        "OPENDATA_MAIL_TO": "operator@city.example",
        "OPENDATA_SMTP_URL": f"smtp://mailer:{PLANTED['smtp']}@127.0.0.1:{free_port()}",
        "DELIVERIES_TOKEN": PLANTED["token"],
        "no_proxy": "*",
    }


def bad_town(folder: Path, host: str) -> Town:
    """One sound dataset, one whose source wants a token, and one with a user and a password in its address."""
    made = town(folder, [SOUND, REFUSED, QUOTED])
    _fetched(made, REFUSED, f"http://{host}/x.csv?key={PLANTED['query']}", "token_variable: DELIVERIES_TOKEN")
    _fetched(made, QUOTED, f"http://steward:{PLANTED['address']}@{host}/y.xlsx")
    return made


def _fetched(made: Town, name: str, address: str, *more: str) -> None:
    """Let a dataset come from an address."""
    source = made.root / "sources" / f"{name}.yaml"
    lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith(("url:", "path:"))]
    source.write_text("\n".join([*lines, f"url: {address}", *more, ""]), "utf-8")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Mapping[str, str], dict[str, bytes]]]:
    """A town after its bad night: the environment, and everything that was printed or stood in a process list."""
    folder = tmp_path_factory.mktemp("bad")
    with refusing() as (host, asked):
        made = bad_town(folder, host)
        given = {**environment(made, **planted(host)), "DAGSTER_HOME": str(made.home)}
        said: dict[str, bytes] = {}
        for name, arguments in {"nightly": [], "health": ["--json"]}.items():
            said |= _run(name, arguments, made, given)
        assert all(any(PLANTED[name] in request for request in asked) for name in ("webhook", "token", "query"))
        assert any("Authorization: Basic" in request for request in asked)
        nowhere = {**given, "OPENDATA_DAGSTER_POSTGRES": POSTGRES.format(port=free_port(), **PLANTED)}
        said |= {f"no records: {name}": text for name, text in _run("nightly", [], made, nowhere).items()}
        yield made, given, said


def _run(name: str, arguments: list[str], made: Town, given: Mapping[str, str]) -> dict[str, bytes]:
    """One command: what it printed, and the command lines of it and its children while it ran."""
    log, lines = made.home.parent / f"{name}.log", set[bytes]()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, name, *arguments], cwd=made.root, env=given, stdout=output, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            lines |= children(process.pid)
            time.sleep(0.05)
    assert process.returncode in {1, 4}, log.read_text()
    return {name: log.read_bytes(), f"{name}: command lines": b"\n".join(lines)}


def test_the_night_failed_in_every_way(night: tuple[Town, Mapping[str, str], dict[str, bytes]]) -> None:
    """Else nothing that follows would mean anything: source, CKAN, webhook and mail refused or did not answer."""
    made, _, said = night
    assert b"records.unreachable" in said["no records: nightly"]
    assert said["nightly"].count(b"[source.unreachable]") == 2
    assert b"catalogue.unreachable" in said["nightly"]
    assert said["health"].count(b'"telling.undelivered"') == 2
    assert (made.home / "catalogue" / SOUND / f"{SOUND}.csv").is_file()


def test_no_secret_is_left_anywhere(
    night: tuple[Town, Mapping[str, str], dict[str, bytes]], web: tuple[httpx.Client, str]
) -> None:
    """Byte by byte, also in Base64 and as an address quotes it, inside archives, tables and compressed records:
    store, log, catalogue, Dagster's databases and logs, what was printed, command lines, answers of the UI."""
    made, _, said = night
    client, run = web
    answers = _answers(client, run)
    places = [*said.items(), *texts_of(made.home), *((f"UI: {name}", text) for name, text in answers.items())]
    parts = {name.partition("!")[2] for name, _ in places}
    assert {"event_logs", "runs", "snapshots unpacked", "rows", "metadata", "xl/workbook.xml"} <= parts
    assert any(b"source.unreachable" in text for name, text in places if name.endswith("!event_logs"))
    assert b"source.unreachable" in answers["events"]
    assert [(name, found) for name, text in places if (found := found_in(text))] == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """Each form of a secret, in a plain file, a table, an archive and a compressed record of SQLite."""
    from tests.deploy.secrets import hide

    for number, form in enumerate(variants(PLANTED["webhook"])):
        hide(form, tmp_path / str(number))
        found = {name.partition("!")[0] for name, text in texts_of(tmp_path / str(number)) if found_in(text)}
        assert found == {"plain.txt", "table.parquet", "archive.zip", "packed.gz", "records.db"}


@pytest.fixture(scope="module")
def web(night: tuple[Town, Mapping[str, str], dict[str, bytes]]) -> Iterator[tuple[httpx.Client, str]]:
    """The read-only UI on the bad night's home, and the id of its run."""
    made, given, said = night
    log = made.home.parent / "web.log"
    with web_server(given, log) as client:
        runs = ask(client, "{ runsOrError { ... on Runs { results { runId } } } }")["data"]["runsOrError"]["results"]
        said["web: printed"] = log.read_bytes()
        yield client, runs[0]["runId"]


def _answers(client: httpx.Client, run: str) -> dict[str, bytes]:
    """What the pages of the UI ask for: the run's events and captured logs, its configuration, assets, the instance."""
    events = """query Q($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events { __typename
      ... on MessageEvent { message } ... on ErrorEvent { error { message stack causes { message stack } } }
      ... on LogsCapturedEvent { fileKey stepKeys }
      ... on ExecutionStepFailureEvent { failureMetadata { metadataEntries { label description
        ... on TextMetadataEntry { text } } } } } } } }"""
    page = """query Q($run: ID!) { runOrError(runId: $run) { ... on Run { runConfigYaml tags { key value } } } }"""
    info = "{ instance { info } }"
    assets = """{ assetNodes { id description metadataEntries { label ... on TextMetadataEntry { text }
      ... on MarkdownMetadataEntry { mdStr } ... on JsonMetadataEntry { jsonString } } assetMaterializations {
      metadataEntries { label ... on TextMetadataEntry { text } ... on JsonMetadataEntry { jsonString } } } } }"""
    asked = {
        "events": (events, {"run": run}),
        "run": (page, {"run": run}),
        "instance": (info, {}),
        "assets": (assets, {}),
    }
    answers = {name: client.post("/graphql", json={"query": q, "variables": v}) for name, (q, v) in asked.items()}
    assert all("errors" not in answer.json() for answer in answers.values()), {k: a.text for k, a in answers.items()}
    return {name: answer.content for name, answer in answers.items()} | {
        "download": client.get(f"/download_debug/{run}").content
    }


def test_the_read_only_ui_refuses_every_mutation(
    night: tuple[Town, Mapping[str, str], dict[str, bytes]],
    web: tuple[httpx.Client, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked as a person's browser would, with arguments that fit: nothing is done, and Dagster's records stay."""
    made, _, _ = night
    client, _ = web
    monkeypatch.setenv("DAGSTER_HOME", str(made.home))
    with dg.DagsterInstance.get() as instance:
        running = create_run_for_test(instance, job_name="nightly", status=dg.DagsterRunStatus.STARTED).run_id
        before = _state(instance)
        where = {"repositoryLocationName": "opendata", "repositoryName": "__repository__"}
        names = {"scheduleName": "every_night", "pipelineName": "nightly", "jobName": "nightly"}
        known = {**where, **names, "runId": running, "runIds": [running]}
        answers = dict(mutations(client, known))
        assert _state(instance) == before
    assert len(answers) > 30
    for answer in answers.values():
        assert answer.get("data") is None
        assert [error["message"] for error in answer["errors"]] == [REFUSAL]


def _state(instance: dg.DagsterInstance) -> object:
    """Everything that a mutation could have changed."""
    runs = sorted((run.run_id, run.status.value) for run in instance.get_runs())
    events = {run: len(instance.all_logs(run)) for run, _ in runs}
    assets = sorted(str(key) for key in instance.all_asset_keys())
    schedules = sorted(str(state) for state in instance.all_instigator_state())
    return runs, events, assets, schedules
