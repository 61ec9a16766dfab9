"""What the city publishes and where it comes from: two YAML files per dataset, typed and checked at load."""

from pipelines.datasets.city import City, Department, Licence
from pipelines.datasets.load import Dataset, Repository, load_repository
from pipelines.datasets.schema import Check, Constraints, Field, ForeignKey, Schema
from pipelines.datasets.source import Column, Correction, Layout, Origin, Source

__all__ = [
    "Check",
    "City",
    "Column",
    "Constraints",
    "Correction",
    "Dataset",
    "Department",
    "Field",
    "ForeignKey",
    "Layout",
    "Licence",
    "Origin",
    "Repository",
    "Schema",
    "Source",
    "load_repository",
]
