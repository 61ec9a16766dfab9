"""How the desk is set up; from the environment, with defaults for one person on one machine."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from pipelines.settings import FromEnvironment

MEGABYTE = 1 << 20


class DeskSettings(FromEnvironment):
    """Every setting is `OPENDATA_DESK_…`; the store is that of `OPENDATA_HOME`."""

    model_config = SettingsConfigDict(env_prefix="OPENDATA_DESK_", extra="ignore")

    hosts: str = Field(default="", description="Names by which a proxy is asked for the desk, joined by commas.")
    cells: bool | None = Field(default=None, description="Whether archived deliveries are shown; only without a proxy.")
    megabytes: int = Field(default=50, ge=1, le=500, description="The largest file that is taken.")
    seconds: int = Field(default=120, ge=5, description="How long one check may take.")
    memory_megabytes: int = Field(default=3072, ge=512, description="The address space that one check may take.")
    minutes: int = Field(default=15, ge=1, description="How long a result is kept, in memory.")
    checks: int = Field(default=2, ge=1, description="How many files are checked at the same time.")
    waiting: int = Field(
        default=6, ge=1, description="How many files are in memory at the same time, waiting included."
    )
    results_megabytes: int = Field(default=300, ge=50, description="How much all kept results may take.")

    @property
    def host_names(self) -> list[str]:
        """The names in a `Host` header that are answered: those of loopback, and the proxy's."""
        names = [name.strip() for name in self.hosts.split(",")]
        return ["127.0.0.1", "localhost", "[::1]", *filter(None, names)]

    @property
    def shows_cells(self) -> bool:
        """Whether archived deliveries are shown: to whoever sits at this machine, unless it is said otherwise."""
        return not self.hosts if self.cells is None else self.cells

    @property
    def most_bytes(self) -> int:
        """The size of the largest file that is taken."""
        return self.megabytes * MEGABYTE
