"""Where things are; from the environment, with defaults that work in a fresh clone."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
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
