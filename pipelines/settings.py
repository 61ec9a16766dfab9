"""Where things are; from the environment, with defaults that work in a fresh clone."""

from __future__ import annotations

import os
import re
from getpass import getuser
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import ConfigurationError
from pipelines.findings import Finding, Place
from pipelines.unusable import Unusable, expected_of

WHO = "OPENDATA_BY"  # deploy/opendata says there who called, since the command then runs as its own user
REPOSITORY = Path(__file__).resolve().parent.parent


def who() -> str:
    """The person to whom a decision is put down who gave no name."""
    return os.environ.get(WHO) or getuser()


class FromEnvironment(BaseSettings):
    """Settings that are variables of the environment. Raises ConfigurationError for one that can't be used."""

    def __init__(self, **values: object) -> None:
        try:
            super().__init__(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            # Pydantic's own error has the values in it, and a secret may be one of them.
            raise ConfigurationError(self._finding(error.errors(include_url=False)[0])) from None

    @classmethod
    def _finding(cls, detail: ErrorDetails) -> Finding:
        """Which variable it is, and its value unless that is secret; of several together, what they should be."""
        if not detail["loc"]:
            names = detail["msg"].removeprefix("Value error, ")
            return Finding("setting.together", Place(field=names), facts={"expected": names})
        name = str(detail["loc"][0])
        variable = name if name.isupper() else f"{cls.model_config.get('env_prefix', '')}{name}".upper()
        found = "…" if cls._is_secret(name) else str(detail["input"])
        expected = expected_of(detail)
        facts = {"expected_ja": expected.ja, "expected_en": expected.en}
        return Finding("setting.variable", Place(field=variable), found, facts)

    @classmethod
    def _is_secret(cls, name: str) -> bool:
        fields = [field for key, field in cls.model_fields.items() if name in {key, field.validation_alias}]
        return any("SecretStr" in str(field.annotation) for field in fields)


class Settings(FromEnvironment):
    """Where things are.

    `OPENDATA_ROOT`: the folder with schemas/ and sources/. `OPENDATA_HOME`: where store and catalogue live.
    `OPENDATA_BASE_URL`: the public address of the catalogue, with a slash at its end; where it is not set, what is
    published has relative links only.
    `OPENDATA_DESK_URL`, `OPENDATA_CATALOGUE_URL`: where stewards reach the desk and the catalogue's pages from the
    Dagster UI. The defaults are where they are served on this machine; the second follows `OPENDATA_BASE_URL`.
    `CKAN_URL`, `CKAN_API_TOKEN`: the CKAN to publish to as well, and the token of an editor there. Both or neither.
    `OPENDATA_BACKUP`: where `opendata backup` keeps backups; a folder on another disk.
    `CKAN_REQUESTS_PER_SECOND`: the most requests that it is sent.
    `OPENDATA_KEEP_RUNS_DAYS`: how long Dagster's records of a run are kept.
    """

    model_config = SettingsConfigDict(env_prefix="OPENDATA_", extra="ignore", populate_by_name=True)

    root: Path = REPOSITORY
    home: Path = REPOSITORY / "dagster_home"
    ckan_url: str | None = Field(default=None, validation_alias="CKAN_URL")
    ckan_api_token: SecretStr | None = Field(default=None, validation_alias="CKAN_API_TOKEN")
    ckan_requests_per_second: float = Field(default=20, gt=0, validation_alias="CKAN_REQUESTS_PER_SECOND")
    keep_runs_days: int = Field(default=90, ge=8)
    backup: Path | None = None
    base_url: str = Field(default="", pattern=r"^(https?://\S+/)?$")
    desk_url: str = Field(default="http://127.0.0.1:8600/", pattern=r"^https?://[^\s()<>]+/$")
    catalogue_url: str = Field(default="", pattern=r"^(https?://[^\s()<>]+/)?$")

    @field_validator("ckan_api_token")
    @classmethod
    def _can_be_sent(cls, token: SecretStr | None) -> SecretStr | None:
        """What sends a header that it can't send quotes it in its error."""
        if token and not re.fullmatch("[!-~]+", token.get_secret_value()):
            raise Unusable(
                "空白・改行・制御文字のないASCII", "ASCII without blanks, ends of lines and control characters"
            )
        return token

    @model_validator(mode="after")
    def _ckan_whole(self) -> Self:
        """A night that has only one of the two would publish nowhere, and nobody would know."""
        if bool(self.ckan_url) != bool(self.ckan_api_token):
            raise ValueError("CKAN_URL, CKAN_API_TOKEN")
        return self

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.home / "store"

    @property
    def catalogue_pages(self) -> str:
        """The address of the catalogue's pages, as stewards reach them."""
        return self.catalogue_url or self.base_url or "http://127.0.0.1:8080/"

    @property
    def catalogue(self) -> Path:
        """The folder of the static catalogue."""
        return self.home / "catalogue"
