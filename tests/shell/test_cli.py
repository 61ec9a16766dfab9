"""The command: exit codes, JSON, languages, pipes, and that docs/commands.md tells of all of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import typer

from pipelines.cli import app
from pipelines.errors import ExitCode
from pipelines.pipeline import manifest
from pipelines.settings import REPOSITORY
from tests.kit import Town, town
from tests.night.towns import copied, files
from tests.shell.command import COMMAND, environment, opendata

NAMES = ["waste_per_capita", "housing_seismic_retrofit"]
WASTE = NAMES[0]
PAGE = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, subprocess.CompletedProcess[str]]:
    """A town whose first night was run by the command; read it, don't change it."""
    made = town(tmp_path_factory.mktemp("cli"), NAMES)
    return made, opendata(made, "nightly", "--json")


@pytest.fixture(scope="module")
def settled(first_night: tuple[Town, subprocess.CompletedProcess[str]]) -> Town:
    return first_night[0]


@pytest.fixture
def own(settled: Town, tmp_path: Path) -> Town:
    """A copy of the town, to be broken."""
    return copied(settled, tmp_path)


# --- 0: well


def test_a_setting_that_cant_be_used(settled: Town) -> None:
    """Exit code 2, with the variable's name and no traceback; nothing was touched."""
    before = files(settled.home)
    done = opendata(settled, "nightly", OPENDATA_KEEP_RUNS_DAYS="3")
    assert done.returncode == ExitCode.UNUSABLE
    assert done.stderr.splitlines()[-1].startswith("[setting.variable] (OPENDATA_KEEP_RUNS_DAYS): ")
    assert "Traceback" not in done.stderr
    assert files(settled.home) == before


def test_a_night_ends_with_0(first_night: tuple[Town, subprocess.CompletedProcess[str]]) -> None:
    """A first night publishes every dataset and says so in JSON, with nothing else on standard output."""
    _, done = first_night
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"]) == (ExitCode.WELL, 0)
    assert {d["name"]: (d["outcome"], d["version"]) for d in told["datasets"]} == dict.fromkeys(
        NAMES, ("published", "1.0.0")
    )


def test_a_night_without_news_ends_with_0_in_the_readers_language(settled: Town) -> None:
    """Nothing changed is well, and is told in Japanese to whom reads Japanese."""
    done = opendata(settled, "--lang", "ja", "nightly")
    assert done.returncode == ExitCode.WELL
    assert "変更はありません" in done.stdout


READING = {
    "plan": ("plan",),
    "list": ("list",),
    "explain": ("explain", WASTE, "2020"),
    "history": ("history", WASTE),
}


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_ends_with_0_and_changes_nothing(settled: Town, command: str) -> None:
    """For people and for machines, and no file of store and catalogue is touched."""
    before = files(settled.home)
    people, machines = opendata(settled, *READING[command]), opendata(settled, *READING[command], "--json")
    assert (people.returncode, machines.returncode) == (ExitCode.WELL, ExitCode.WELL)
    assert people.stdout.strip()
    json.loads(machines.stdout)
    assert files(settled.home) == before


def test_a_decision_is_put_down_to_whoever_made_it(own: Town) -> None:
    """By name, or by what the command's wrapper says of its caller; history tells machines of it, too."""
    for more, by in ((("--by", "川崎花子"), {}), (("--undo",), {"OPENDATA_BY": "taro"})):
        assert opendata(own, "withdraw", WASTE, "--reason", "試験", *more, **by).returncode == ExitCode.WELL
    told = json.loads(opendata(own, "history", WASTE, "--json").stdout)
    assert [(deed["kind"], deed["author"]) for deed in told["deeds"]] == [
        ("return", "taro"),
        ("withdrawal", "川崎花子"),
    ]
    assert [release["version"] for release in told["releases"]] == ["1.0.0"]


def test_drift_of_one_dataset_tells_of_that_one_alone(settled: Town) -> None:
    """What the index says of the others is no difference of this one."""
    done = [opendata(settled, "drift", *names).returncode for names in ([], [WASTE])]
    assert done == [ExitCode.WELL, ExitCode.WELL]


def test_get_saves_a_package_and_names_its_files(settled: Town, tmp_path: Path) -> None:
    """The paths printed are the files of the package; without --to they are in a folder of name and version here."""
    done = opendata(settled, "get", WASTE, "--json", cwd=tmp_path)
    paths = [tmp_path / path for path in json.loads(done.stdout)]
    assert done.returncode == ExitCode.WELL
    assert {path.parent for path in paths} == {tmp_path / f"{WASTE}-1.0.0"}
    assert sorted((tmp_path / f"{WASTE}-1.0.0").iterdir()) == sorted(paths)
    shown = settled.home / "catalogue" / WASTE / f"{WASTE}.csv"
    assert (tmp_path / f"{WASTE}-1.0.0" / f"{WASTE}.csv").read_bytes() == shown.read_bytes()


# --- 1: held back


def test_a_night_that_held_something_back_ends_with_1(own: Town) -> None:
    """The rest went out; the message names file and remedy."""
    own.delivery(WASTE).write_bytes(b"<!DOCTYPE html><html></html>")
    done = opendata(own, "nightly")
    assert done.returncode == ExitCode.FINDINGS
    assert "[file.html]" in done.stdout
    assert "Remedy" in done.stdout


# --- 2: configuration

NEEDING = {
    **READING,
    "nightly": ("nightly",),
    "get": ("get", WASTE),
    "new": ("new", "?", "--name", "x2", "--department", "environment"),
}


@pytest.mark.parametrize("command", NEEDING)
def test_bad_yaml_ends_with_2_and_nothing_is_touched(own: Town, command: str) -> None:
    """Every command that needs the descriptors names file and line, and writes nothing."""
    path = own.root / "schemas" / f"{WASTE}.yaml"
    path.write_text("title: {ja: ごみ\n", encoding="utf-8")
    before = files(own.root.parent)
    done = opendata(own, *(_delivery(own) if part == "?" else part for part in NEEDING[command]))
    assert done.returncode == ExitCode.UNUSABLE
    assert f"[config.yaml] schemas/{WASTE}.yaml:" in done.stderr
    assert files(own.root.parent) == before


def _delivery(where: Town) -> str:
    return str(next((where.root / "sources" / "deliveries").rglob("*.xlsx")))


def test_a_night_with_bad_yaml_makes_no_home(tmp_path: Path) -> None:
    """Where nothing was published yet, nothing is there afterwards."""
    made = town(tmp_path, [WASTE])
    (made.root / "sources" / f"{WASTE}.yaml").write_text("kind: spreadsheet\n", encoding="utf-8")
    assert opendata(made, "nightly").returncode == ExitCode.UNUSABLE
    assert not made.home.exists()


def test_an_error_is_json_for_whom_asked_for_json(own: Town) -> None:
    """Machines get the finding with its code, people its text on standard error."""
    (own.root / "schemas" / f"{WASTE}.yaml").unlink()
    done = opendata(own, "plan", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"]) == (ExitCode.UNUSABLE, ExitCode.UNUSABLE)
    assert [finding["code"] for finding in told["findings"]] == ["config.missing_twin"]
    assert told["findings"][0]["text"]["en"] in done.stderr


# --- 3: usage


@pytest.mark.parametrize(
    "line",
    [
        "",
        "publish",
        "list --all",
        "--lang fr list",
        "explain waste_per_capita",
        "get waste_per_capita --as-of yesterday",
        "new nowhere.xlsx --name x2 --department environment",
        "explain nothing_known 2020",
        "explain waste_per_capita 1800",
        "explain waste_per_capita 2020 1",
        "history nothing_known",
        "get nothing_known",
        "get waste_per_capita --version 9.9.9",
        "get waste_per_capita --as-of 1990-01-01",
        "new ? --name Waste --department environment",
        "new ? --name x2 --department nobody",
    ],
)
def test_a_slip_in_the_command_line_ends_with_3(settled: Town, line: str) -> None:
    """Unknown commands, options, names, versions, rows: told on standard error, without a traceback."""
    done = opendata(settled, *(part.replace("?", _delivery(settled)) for part in line.split()))
    assert done.returncode == ExitCode.USAGE
    assert "Traceback" not in done.stderr
    assert done.stderr.strip() or not line


def test_an_unknown_name_leads_to_those_that_there_are(settled: Town) -> None:
    """The message says how to find the right name."""
    done = opendata(settled, "history", "waste")
    assert "[name.dataset] waste" in done.stderr
    assert "opendata list" in done.stderr


# --- 4: broken


@pytest.mark.parametrize("command", [("nightly",), ("nightly", "--json")])
def test_a_home_that_cannot_be_written_ends_with_4(own: Town, tmp_path: Path, command: tuple[str, ...]) -> None:
    """A file where the store should be (root may write everywhere else): one line that names it, no traceback."""
    (tmp_path / "file").write_bytes(b"")
    done = opendata(own, *command, OPENDATA_HOME=str(tmp_path / "file"))
    assert done.returncode == ExitCode.BROKEN
    assert "[store.unwritable]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_written_ends_with_4(tmp_path: Path) -> None:
    """Every dataset fails, the night itself does not, and nothing is shown."""
    made = town(tmp_path, [WASTE])
    (made.home / "store").mkdir(parents=True)
    (made.home / "store" / "objects").write_bytes(b"")
    done = opendata(made, "nightly", "--json")
    assert done.returncode == ExitCode.BROKEN
    (told,) = json.loads(done.stdout)["datasets"]
    assert (told["outcome"], [f["code"] for f in told["findings"]]) == ("failed", ["store.unwritable"])
    assert not (made.home / "catalogue" / WASTE).exists()


def test_a_night_whose_ckan_is_silent_ends_with_4_in_its_own_record_too(own: Town) -> None:
    """What the closing of the night writes down and tells is what the command ends with."""
    before = json.loads((own.home / "last_night.json").read_text())
    done = opendata(own, "nightly", CKAN_URL="http://127.0.0.1:9/", CKAN_API_TOKEN="x")
    sign = json.loads((own.home / "last_night.json").read_text())
    assert (done.returncode, sign["exit_code"], before["exit_code"]) == (4, 4, 0)
    assert sign["last_well"] == before["last_well"]


def test_a_broken_log_ends_with_4(own: Town) -> None:
    """A damaged store is told as such, with the file."""
    (own.home / "store" / "log" / "00000002.json").write_bytes(b"{")
    done = opendata(own, "plan")
    assert done.returncode == ExitCode.BROKEN
    assert "[store.log_broken]" in done.stderr
    assert "00000002.json" in done.stderr


def test_a_lost_object_ends_with_4(own: Town, tmp_path: Path) -> None:
    """A package that the store has no longer is not given out in part."""
    pipeline = own.open()
    shown = manifest(pipeline.store, pipeline.store.log.head().current[WASTE])
    pipeline.store.path(shown.file(f"{WASTE}.csv")).unlink()
    done = opendata(own, "get", WASTE, "--to", str(tmp_path / "out"))
    assert done.returncode == ExitCode.BROKEN
    assert "[store.object_missing]" in done.stderr


# --- languages and pipes


@pytest.mark.parametrize(
    ("options", "variables", "word"),
    [
        (("--lang", "ja"), {}, "条件："),
        (("--lang", "en"), {"OPENDATA_LANG": "ja"}, "Expected"),
        ((), {"OPENDATA_LANG": "ja"}, "条件："),
        ((), {"LC_ALL": "ja_JP.UTF-8"}, "条件："),
        ((), {"LC_ALL": "de_DE.UTF-8"}, "Expected"),
    ],
)
def test_the_reader_chooses_the_language(
    settled: Town, options: tuple[str, ...], variables: Mapping[str, str], word: str
) -> None:
    """--lang, then OPENDATA_LANG, then the locale; English where it is neither."""
    assert word in opendata(settled, *options, "history", "nothing_known", **variables).stderr


@pytest.mark.parametrize("command", [("list",), ("list", "--json"), ("nightly",)])
def test_a_reader_that_leaves_stops_nothing(own: Town, command: tuple[str, ...]) -> None:
    """With nobody at the other end of the pipe, the work is done and its exit code given."""
    (own.home / "catalogue" / "catalogue.json").unlink()
    process = subprocess.Popen(
        [*COMMAND, *command], cwd=own.root, env=environment(own), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.close()
    _, told = process.communicate()
    assert (process.returncode, told) == (ExitCode.WELL, b"")
    assert (own.home / "catalogue" / "catalogue.json").exists() == (command == ("nightly",))


# --- docs/commands.md


def commands() -> Iterator[tuple[str, click.Command]]:
    yield from typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]


def section(name: str) -> str:
    """What the page says of a command."""
    found = re.search(rf"^## `opendata {name}\b.*?(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/commands.md has no section of `opendata {name}`"
    return found[0]


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    """Each has a section; each option, and each argument in capitals, stands in it."""
    text = section(name)
    for parameter in command.params:
        wanted = parameter.opts if parameter.param_type_name == "option" else [str(parameter.name).upper()]
        assert all(each in text for each in wanted if each != "--help"), (name, wanted)


def test_nothing_is_documented_that_is_not_there() -> None:
    """The sections are the commands, and every option named is one."""
    named = set(re.findall(r"^## `opendata ([a-z-]+)", PAGE, re.MULTILINE))
    assert named == {name for name, _ in commands()}
    options = {each for _, command in commands() for p in command.params for each in (*p.opts, *p.secondary_opts)}
    assert set(re.findall(r"`(--[a-z-]+)", PAGE)) <= options | {"--help", "--lang"}


def test_every_exit_code_is_documented() -> None:
    """The table has a line for each code of the program, and for no other."""
    codes = {value for name, value in vars(ExitCode).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)} == codes


@pytest.mark.parametrize("command", READING)
def test_the_shape_of_json_is_documented(settled: Town, command: str) -> None:
    """Every key that a command's JSON has stands in its section."""
    found = keys(json.loads(opendata(settled, *READING[command], "--json").stdout))
    assert {key for key in found if f"`{key}`" not in section(command)} == set()


def test_the_shape_of_a_nights_json_is_documented(own: Town) -> None:
    """The same for a night with a finding and a difference."""
    own.delivery(WASTE).write_bytes(b"")
    found = keys(json.loads(opendata(own, "nightly", "--json").stdout))
    text = section("nightly") + PAGE.partition("## JSON")[2].partition("## `")[0]
    assert {key for key in found - {"kind"} if f"`{key}`" not in text} == set()


def keys(document: object) -> set[str]:
    """Every key of a JSON document, at any depth."""
    if isinstance(document, list):
        return {key for each in document for key in keys(each)}
    if isinstance(document, dict):
        return set(document) | {key for each in document.values() for key in keys(each)}
    return set()


def test_drift_tells_and_mends(own: Town) -> None:
    """1 and what differs, nothing written; with `--mend` 0 and the same; then there is nothing left: the index, too."""
    csv = own.home / "catalogue" / WASTE / "current" / f"{WASTE}.csv"
    released = csv.read_bytes()
    spoilt = csv.resolve()
    spoilt.chmod(0o644)
    spoilt.write_bytes(b"")
    (own.home / "catalogue" / "catalogue.json").write_text("{}", encoding="utf-8")
    told = opendata(own, "drift", "--json")
    assert (told.returncode, csv.read_bytes()) == (ExitCode.FINDINGS, b"")
    mended = opendata(own, "drift", "--mend", "--json")
    assert (mended.returncode, mended.stdout, csv.read_bytes()) == (ExitCode.WELL, told.stdout, released)
    assert opendata(own, "drift", "--json").stdout.strip() == "[]"


def test_a_japanese_reader_meets_no_codes(settled: Town) -> None:
    """Departments and fields by their titles, rows and reasons in words."""
    listed = opendata(settled, "--lang", "ja", "list").stdout
    assert "環境局" in listed
    assert "environment" not in listed
    assert "行" in listed
    assert "rows" not in listed
    told = opendata(settled, "--lang", "ja", "history", WASTE).stdout
    assert "夜間処理" in told
    assert "nightly" not in told
    assert (
        "1人1日あたりのごみ排出量" in opendata(settled, "--lang", "ja", "explain", WASTE, "2020", COLUMNS="200").stdout
    )
