"""Where things are; from the environment, with defaults that work in a fresh clone."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """`OPENDATA_ROOT`: the folder with schemas/ and sources/. `OPENDATA_HOME`: where store and catalogue live."""

    model_config = SettingsConfigDict(env_prefix="OPENDATA_", extra="ignore")

    root: Path = REPOSITORY
    home: Path = REPOSITORY / "dagster_home"

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.home / "store"

    @property
    def catalogue(self) -> Path:
        """The folder of the static catalogue."""
        return self.home / "catalogue"
