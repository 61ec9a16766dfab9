"""The examples of the environment have every variable that the program reads, and no other."""

from __future__ import annotations

import re
import traceback

import pytest
from pydantic_settings import BaseSettings

from pipelines.desk.settings import DeskSettings
from pipelines.errors import ConfigurationError
from pipelines.settings import REPOSITORY, Settings

LITERAL = re.compile(r"[\"']((?:OPENDATA|CKAN|DAGSTER)_[A-Z_]*[A-Z])[\"']")
# What is for developers, or passed from one process of ours to the next.
NOT_CONFIGURED = {
    "DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS",
    "OPENDATA_BY",
    "OPENDATA_DEPARTMENT_SERVER",
    "OPENDATA_DESK_DEBUG",
    "OPENDATA_LANG_OPTION",
}


def literals() -> set[str]:
    """Every name that stands in the program."""
    texts = [path.read_text("utf-8") for path in (REPOSITORY / "pipelines").rglob("*.py")]
    return {name for text in texts for name in LITERAL.findall(text)}


def fields(settings: type[BaseSettings]) -> set[str]:
    """The variable of each field."""
    prefix = settings.model_config.get("env_prefix", "")
    named = settings.model_fields.items()
    return {str(field.validation_alias or f"{prefix}{name.upper()}") for name, field in named}


def examples(name: str) -> set[str]:
    text = (REPOSITORY / "deploy" / name).read_text(encoding="utf-8")
    return set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))


def test_the_examples_have_every_variable_and_no_other() -> None:
    """No setting that nobody can find, none that does nothing."""
    read = literals() | fields(Settings)
    assert examples("opendata.env.example") == read - fields(DeskSettings) - NOT_CONFIGURED
    assert examples("desk/desk.env.example") == fields(DeskSettings)


def test_what_is_not_configured_is_still_there() -> None:
    """No exception that has outlived its reason."""
    assert literals() >= NOT_CONFIGURED


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OPENDATA_KEEP_RUNS_DAYS", "3"), ("CKAN_REQUESTS_PER_SECOND", "many"), ("OPENDATA_BASE_URL", "data.example")],
)
def test_a_variable_that_cant_be_used_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """With its value, as an error of the configuration."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        Settings()
    assert (caught.value.code, caught.value.finding.place.field) == ("setting.variable", variable)
    assert caught.value.finding.found == value


@pytest.mark.parametrize("alone", ["CKAN_URL", "CKAN_API_TOKEN"])
def test_half_of_a_ckan_is_refused(monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    """Such a night would publish to the folder only, and nobody would know; the token is not told."""
    for name in ("CKAN_URL", "CKAN_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(alone, "half-of-it")
    with pytest.raises(ConfigurationError) as caught:
        Settings()
    assert caught.value.code == "setting.together"
    assert "half-of-it" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "token", [" planted-91c4", "planted-91c4\n", "planted 91c4", "planted-91c4\x07", "planted-９１c4"]
)
def test_a_token_that_no_header_can_carry_is_named_and_not_told(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """What sends it would quote it: nothing is asked of CKAN, and no word of the error has it."""
    monkeypatch.setenv("CKAN_URL", "https://ckan.example")
    monkeypatch.setenv("CKAN_API_TOKEN", token)
    with pytest.raises(ConfigurationError) as caught:
        Settings()
    finding = caught.value.finding
    assert (finding.code, finding.place.field) == ("setting.variable", "CKAN_API_TOKEN")
    assert "planted" not in "".join(traceback.format_exception(caught.value)) + str(finding.as_dict())
    monkeypatch.setenv("CKAN_API_TOKEN", "planted-91c4")
    assert Settings().ckan_api_token is not None
