"""Where the pages of the Dagster UI lead to: a cell on the desk, a package and a page of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pipelines.release.descriptor import package_name
from pipelines.settings import Settings

ONLY_SHEET = "-"  # in an address, where a delivery has one table without a name


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell of an archived delivery. `sheet` is empty for a text file."""

    sha256: str
    file: str
    sheet: str
    cell: str


NOWHERE = Spot("", "", "", "")


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses, each with a slash at its end: the desk, the catalogue's pages, and CKAN where there is one."""

    desk: str
    catalogue: str
    ckan: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Links:
        """The addresses of the settings."""
        ckan = f"{settings.ckan_url.rstrip('/')}/" if settings.ckan_url else ""
        return cls(settings.desk_url, settings.catalogue_pages, ckan)

    def cell(self, spot: Spot) -> str:
        """The page of a cell; of a range its first cell."""
        sheet, cell = quote(spot.sheet or ONLY_SHEET, safe=""), spot.cell.partition(":")[0]
        return f"{self.desk}cell/{spot.sha256}/{sheet}/{cell or 'A1'}"

    def report(self, sha256: str, file: str, dataset: str) -> str:
        """What `opendata check` says of an archived delivery."""
        return f"{self.desk}cell/{sha256}/?{urlencode({'dataset': dataset, 'file': file})}"

    def page(self, name: str) -> str:
        """The catalogue's page of a dataset."""
        return f"{self.catalogue}{name}/"

    def package(self, name: str, version: str) -> str:
        """The data package of one release, which never changes."""
        return f"{self.catalogue}{name}/releases/{version}/datapackage.json"

    def ckan_page(self, name: str) -> str:
        """CKAN's page of a dataset; empty where there is no CKAN."""
        return f"{self.ckan}dataset/{package_name(name)}" if self.ckan else ""
