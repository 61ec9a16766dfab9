"""What a night's results come to for people: per dataset at most one problem, which stays the same while it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.findings import Finding
from pipelines.night import Night, Result
from pipelines.pipeline import Pipeline
from pipelines.store.store import digest_of

_TOLD = {"held", "failed"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A dataset that needs a hand. `digest` is the same on every night that the same thing is wrong."""

    dataset: str
    department: str
    version: str
    findings: Sequence[Finding]

    @property
    def digest(self) -> str:
        """The hash of what is wrong and where; what an unreachable host answers differs from night to night."""
        return digest_of(sorted({(f.code, *_where(f)) for f in self.findings}))

    @property
    def is_for_department(self) -> bool:
        """Whether the department mends it; else the operator does."""
        return any(finding.rule.task == "department" for finding in self.findings)


def problems_of(night: Night, pipeline: Pipeline) -> Mapping[str, Problem]:
    """The problems of a night by dataset. One that waits has none of its own: it waits for one that has.

    Of one without descriptors nobody knows the department; that its catalogue is wrong is the watcher's to tell.
    """
    known = (result for result in night.results if result.name in pipeline.repository.datasets)
    return {result.name: _problem(result, pipeline) for result in known if result.outcome in _TOLD}


def _problem(result: Result, pipeline: Pipeline) -> Problem:
    department = pipeline.repository[result.name].schema.department
    return Problem(result.name, department, result.ref.version if result.ref else "", _errors(result.findings))


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _where(finding: Finding) -> tuple[str, str, str, str]:
    place = finding.place
    return (place.file, place.sheet, place.cell, place.field)
