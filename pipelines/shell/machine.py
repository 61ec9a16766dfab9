"""The same things as JSON, for machines. Codes and numbers; texts only beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from pipelines.catalogue import Drift
from pipelines.night import Night, Result
from pipelines.operations.health import Health
from pipelines.plan import Plan
from pipelines.steward.history import Deed, Release
from pipelines.steward.trace import Row


def night(done: Night) -> str:
    """A night: its exit code, the catalogues that could not be looked at, and every dataset."""
    findings = [finding.as_dict() for finding in done.plan.findings]
    datasets = [_result(r) for r in done.results]
    return _text({"exit_code": done.exit_code, "plan": done.plan.digest, "findings": findings, "datasets": datasets})


def _result(result: Result) -> dict[str, object]:
    difference = result.manifest.difference if result.manifest else None
    return {
        "name": result.name,
        "outcome": result.outcome,
        "version": result.ref.version if result.ref else None,
        "rows": result.manifest.build.count if result.manifest else None,
        "difference": asdict(difference) if difference else None,
        "findings": [finding.as_dict() for finding in result.findings],
    }


def plan(frozen: Plan) -> str:
    """A plan: its digest, the catalogues that could not be looked at, and every dataset."""
    findings = [finding.as_dict() for finding in frozen.findings]
    items = [
        {"name": i.name, "state": i.state, "why": i.why, "key": i.key, "candidate": i.candidate or None}
        for i in [*frozen, *frozen.departed]
    ]
    return _text({"plan": frozen.digest, "head": frozen.head, "findings": findings, "datasets": items})


def drift(found: Sequence[tuple[str, Drift]]) -> str:
    """In what catalogues differ from the log."""
    return _text([{"catalogue": title, **asdict(one)} for title, one in found])


def row(traced: Row) -> str:
    """A published row and where each value came from."""
    return _text(asdict(traced))


def history(releases: Sequence[Release], deeds: Sequence[Deed]) -> str:
    """The releases of a dataset, and what people decided about it; the newest first."""
    return _text({"releases": [asdict(one) for one in releases], "deeds": [asdict(one) for one in deeds]})


def health(found: Health) -> str:
    """The problems that there are, and the figures that a monitoring system plots."""
    findings = [finding.as_dict() for finding in found.findings]
    return _text({"exit_code": found.exit_code, "figures": found.figures, "findings": findings})


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
