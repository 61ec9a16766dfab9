"""What is published, found as a reader finds it: by walking the folder of a catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Published:
    """One descriptor in a catalogue, at its stable address or in the folder of a release."""

    name: str
    descriptor: Path

    @property
    def package(self) -> dict[str, Any]:
        """The descriptor's content."""
        return json.loads(self.descriptor.read_bytes())

    @property
    def table(self) -> dict[str, Any]:
        """The resource that holds the data."""
        return next(r for r in self.package["resources"] if r["path"].endswith(f"{self.name}.csv"))

    @property
    def fields(self) -> list[str]:
        """The names of the columns."""
        return [field["name"] for field in self.table["schema"]["fields"]]

    @property
    def csv(self) -> Path:
        """The path of the data as CSV, as the descriptor names it."""
        return self.descriptor.parent / self.table["path"]

    @property
    def parquet(self) -> Path:
        """The path of the data as Parquet, as the descriptor names it."""
        return self.csv.with_suffix(".parquet")

    def path(self, resource: dict[str, Any]) -> Path:
        """The file of a resource."""
        return self.descriptor.parent / resource["path"]

    def __str__(self) -> str:
        return f"{self.name}/{'/'.join(self.descriptor.parts[self.descriptor.parts.index(self.name) + 1 :])}"


def published(catalogue: Path) -> list[Published]:
    """Every descriptor of a catalogue: those at stable addresses, then those of every release."""
    stable = [Published(path.parent.name, path) for path in sorted(catalogue.glob("*/datapackage.json"))]
    releases = sorted(catalogue.glob("*/releases/*/datapackage.json"))
    return [*stable, *(Published(path.parents[2].name, path) for path in releases)]


def current(catalogue: Path) -> list[Published]:
    """The descriptors at stable addresses."""
    return [package for package in published(catalogue) if package.descriptor.parent.name == package.name]
