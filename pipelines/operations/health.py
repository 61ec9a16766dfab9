"""Is everything as it should be? One finding per problem, for systemd, a monitoring system and the operator.

It looks and writes nothing, and it needs no Dagster: whoever watches the nights must not depend on them. What would
stop a night (a slip in a descriptor, a disk that can't be read) is a finding, beside all that is seen without it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.backup import Vault
from pipelines.catalogue import Catalogue, Wanted
from pipelines.days import TOKYO
from pipelines.errors import CatalogueError, ExitCode, OpenDataError, StoreError
from pipelines.findings import Finding, Place
from pipelines.night import fault
from pipelines.operations.heartbeat import Heartbeat, last_beat
from pipelines.pipeline import Pipeline
from pipelines.release.freshness import due
from pipelines.settings import Settings

logger = logging.getLogger(__name__)

BACKUP_HOURS = 50  # a backup a day, and one that may fail
NIGHT_HOURS = 26  # a night a day, and two hours in which it may still be running
FREE_SHARE, FREE_BYTES = 0.1, 2 << 30
_BROKEN = ("store.", "catalogue.")


_UNUSABLE = "config."
# What only a look at descriptors, store and catalogues tells, by the beginnings of codes.
_INSIDE = ("bug", _UNUSABLE, *_BROKEN, "takedown.", "health.catalogue", "health.departed", "health.late")


@dataclass(frozen=True, slots=True)
class Health:
    """What was found, and what a monitoring system plots. `unseen`: codes, by their beginnings, not looked for."""

    findings: list[Finding]
    figures: dict[str, float]
    unseen: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """4 when store or catalogue can't be used, 2 when descriptors can't, 1 for any other problem, else 0."""
        codes = [finding.code for finding in self.findings]
        if any(code.startswith(_BROKEN) for code in codes):
            return ExitCode.BROKEN
        if any(code.startswith(_UNUSABLE) for code in codes):
            return ExitCode.UNUSABLE
        return ExitCode.FINDINGS if codes else ExitCode.WELL


def health(settings: Settings, now: datetime) -> Health:
    """Look at the last night, the disk and the backup, and then at what may stop the look: all that is inside."""
    sign, kept, usage = last_beat(settings.home), _last_backup(settings.backup), shutil.disk_usage(settings.home.parent)
    inside = _inside(settings, now)
    findings = [
        *_night(sign, now),
        *_disk(usage.free, usage.total),
        *_backup(settings.backup, kept, now),
        *inside.findings,
    ]
    well = datetime.fromisoformat(sign.last_well).timestamp() if sign and sign.last_well else 0.0
    figures = {
        "last_night_well_timestamp_seconds": well,
        "last_backup_timestamp_seconds": datetime.fromisoformat(kept).timestamp() if kept else 0.0,
        "disk_free_bytes": float(usage.free),
        **inside.figures,
        "datasets_held": float(sum((sign.outcomes if sign else {}).get(o, 0) for o in ("held", "waiting", "failed"))),
        "problems": float(len(findings)),
    }
    return Health(findings, figures, inside.unseen)


def _inside(settings: Settings, now: datetime) -> Health:
    """What descriptors, store and catalogues say of themselves. What ends the look is a finding."""
    findings: list[Finding] = []
    figures: dict[str, float] = {}
    try:
        pipeline = Pipeline.open(settings)
        figures["datasets"] = float(len(pipeline.repository.datasets))
        findings.extend(_storage(pipeline, now))  # what was found before the look ended stays
    except Exception as error:  # noqa: BLE001  whatever it is would stop a night as well
        return Health([*findings, _stopped(error)], figures, _INSIDE)
    return Health(findings, figures)


def _stopped(error: Exception) -> Finding:
    """What ended the look: ours by its code, of a disk the file, anything else as a bug."""
    if isinstance(error, OpenDataError):
        return error.finding
    if isinstance(error, OSError):
        return Finding("store.unreadable", Place(file=str(error.filename or "")), error.strerror or str(error))
    logger.error("health", exc_info=error)
    return fault("", error)


def _night(sign: Heartbeat | None, now: datetime) -> Iterator[Finding]:
    """No night ended well for too long, or one could not tell people."""
    last = sign.last_well if sign else ""
    if not last or now - datetime.fromisoformat(last) > timedelta(hours=NIGHT_HOURS):
        yield Finding("health.night", Place(), last or "—", {"hours": str(NIGHT_HOURS)})
    yield from (Finding.from_dict(untold) for untold in (sign.untold if sign else []))


def _disk(free: int, total: int) -> Iterator[Finding]:
    if free < min(FREE_BYTES, FREE_SHARE * total):
        yield Finding("health.disk", Place(), f"{free / 2**30:.1f} GiB", {"least": f"{FREE_BYTES >> 30} GiB"})


def _last_backup(place: Path | None) -> str:
    """When the newest whole backup was made; empty when there is none, or its place can't be read."""
    if place is None:
        return ""
    try:
        vault = Vault(place)
        return vault.time(vault.numbers()[-1])
    except (OSError, IndexError, KeyError, StoreError):
        return ""


def _backup(place: Path | None, last: str, now: datetime) -> Iterator[Finding]:
    """Where backups are asked for, none was made for too long."""
    if place and (not last or now - datetime.fromisoformat(last) > timedelta(hours=BACKUP_HOURS)):
        yield Finding("health.backup", Place(file=str(place)), last or "—", {"hours": str(BACKUP_HOURS)})


def _storage(pipeline: Pipeline, now: datetime) -> Iterator[Finding]:
    """Catalogues that are not as the log says, and data that are late. Raises what ends the look."""
    wanted = pipeline.wanted()
    for catalogue in pipeline.catalogues:
        yield from _catalogue(catalogue, wanted)
    for name, want in wanted.items():
        if name not in pipeline.repository.datasets:
            if not want.withdrawn:
                yield Finding("health.departed", Place(dataset=name), want.ref.version, {"name": name})
            continue
        frequency = pipeline.repository[name].schema.update_frequency
        temporal = want.manifest.build.description.get("temporalCoverage")
        if not isinstance(temporal, dict):
            continue
        day = due(temporal, frequency)
        if day and now.astimezone(TOKYO).date() > day:
            yield Finding("health.late", Place(dataset=name), str(temporal["end"]), {"due": day.isoformat()})


def _catalogue(catalogue: Catalogue, wanted: Mapping[str, Wanted]) -> Iterator[Finding]:
    """What it shows, then what we may do there: with a token that is no good the first may look well."""
    for action in catalogue.differences(wanted):
        facts = {"catalogue": catalogue.title, "reason": action.reason}
        yield Finding("health.catalogue", Place(dataset=action.name), action.reason, facts)
    try:
        catalogue.access(wanted)
    except CatalogueError as error:
        yield error.finding


def metrics(found: Health) -> str:
    """The figures in the OpenMetrics text format 1.0."""
    lines = []
    for name, figure in found.figures.items():
        lines += [f"# TYPE opendata_{name} gauge", f"opendata_{name} {figure:.17g}"]
    counts: dict[str, int] = {}
    for finding in found.findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
    lines.append("# TYPE opendata_findings gauge")
    lines += [f'opendata_findings{{code="{code}"}} {count}' for code, count in sorted(counts.items())]
    return "\n".join([*lines, "# EOF", ""])
