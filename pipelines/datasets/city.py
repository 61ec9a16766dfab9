"""`schemas/_city.yaml`: what holds for every dataset of one municipality."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Setting
from pydantic import StringConstraints

from pipelines.datasets.base import Bilingual, Descriptor, Name, NonEmpty

Contact = Annotated[NonEmpty, StringConstraints(pattern=r"^(https?://\S+|[^\s@:/]+@[^\s@]+)$")]


class Department(Descriptor):
    """A department (所管) that keeps datasets; becomes an organisation in CKAN and a group in Dagster."""

    title: Bilingual
    contact: Contact | None = Setting(default=None, description="mail or page of whoever answers; else the city's")


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
    contact: Contact | None = Setting(default=None, description="mail or page of whoever answers for all departments")
    departments: dict[Name, Department]
    licences: dict[str, Licence]
    areas: dict[str, Bilingual] = Setting(default_factory=dict, description="names of the areas inside, by code")

    @property
    def facts(self) -> dict[str, object]:
        """What releases may be made of: all but what only pages tell, so that no release is made again for it."""
        departments = {"__all__": {"contact"}}
        return self.model_dump(mode="json", exclude={"notice": True, "contact": True, "departments": departments})

    def contact_of(self, department: str) -> str:
        """Whom to ask about the data of a department; empty where nobody is named."""
        own = self.departments[department].contact if department in self.departments else None
        return own or self.contact or ""
