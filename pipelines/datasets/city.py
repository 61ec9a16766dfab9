"""`schemas/_city.yaml`: what holds for every dataset of one municipality."""

from __future__ import annotations

from pydantic import Field as Setting

from pipelines.datasets.base import Bilingual, Descriptor, Name, NonEmpty


class Department(Descriptor):
    """A department (所管) that keeps datasets; becomes an organisation in CKAN and a group in Dagster."""

    title: Bilingual


class Licence(Descriptor):
    """A licence by the id used in schemas, with its title and address."""

    title: NonEmpty
    path: NonEmpty


class City(Descriptor):
    """The municipality: its names, codes, departments and licences."""

    title: Bilingual
    area_code: str = Setting(pattern=r"^\d{5}$", description="five digits of the standard area code")
    local_government_code: str = Setting(pattern=r"^\d{6}$", description="six digits with the check digit")
    homepage: NonEmpty
    notice: Bilingual | None = Setting(
        default=None, description="what readers must know of all data, on every page and in catalogue.json"
    )
    departments: dict[Name, Department]
    licences: dict[str, Licence]
    areas: dict[str, Bilingual] = Setting(default_factory=dict, description="names of the areas inside, by code")

    @property
    def facts(self) -> dict[str, object]:
        """What releases may be made of: all but what only pages tell, so that no release is made again for a notice."""
        return self.model_dump(mode="json", exclude={"notice": True})
