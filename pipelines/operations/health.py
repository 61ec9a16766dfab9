"""Is everything as it should be? One finding per problem, for systemd, a monitoring system and the operator.

It looks and writes nothing, and it needs no Dagster: whoever watches the nights must not depend on them. What would
stop a night (a slip in a descriptor, a disk that can't be read) is a finding, beside all that is seen without it.
"""

from __future__ import annotations

import logging
import os
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
from pipelines.operations.late import late
from pipelines.pipeline import Pipeline
from pipelines.processes import any_alive
from pipelines.settings import Settings

logger = logging.getLogger(__name__)

BACKUP_HOURS = 50  # a backup a day, and one that may fail
NIGHT_HOURS = 26  # a night a day, and two hours in which it may still be running
FREE_SHARE, FREE_BYTES = 0.1, 2 << 30
_BROKEN = ("store.", "catalogue.")


_UNUSABLE = "config."
# What only a look at descriptors, store and catalogues tells, by the beginnings of codes.
_INSIDE = ("bug", _UNUSABLE, *_BROKEN, "takedown.", "health.catalogue", "health.departed", "health.late")
_SHOWN = ("catalogue.", "health.catalogue")  # what only a look at catalogues tells


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
    sign, kept = last_beat(settings.home), _last_backup(settings.backup)
    disk, inside = _disk(settings.home), _inside(settings, now)
    findings = [
        *_night(sign, now),
        *disk.findings,
        *_backup(settings.backup, kept, now),
        *inside.findings,
    ]
    well = datetime.fromisoformat(sign.last_well).timestamp() if sign and sign.last_well else 0.0
    figures = {
        "last_night_well_timestamp_seconds": well,
        "last_backup_timestamp_seconds": datetime.fromisoformat(kept).timestamp() if kept else 0.0,
        **disk.figures,
        **inside.figures,
        "datasets_held": float(sum((sign.outcomes if sign else {}).get(o, 0) for o in ("held", "waiting", "failed"))),
        "problems": float(len(findings)),
    }
    return Health(findings, figures, (*disk.unseen, *inside.unseen))


def _inside(settings: Settings, now: datetime) -> Health:
    """What descriptors, store and catalogues say of themselves. What ends the look is a finding."""
    shown: list[Finding] = []
    findings: list[Finding] = []
    figures: dict[str, float] = {}
    try:
        pipeline = Pipeline.open(settings)
        figures["datasets"] = float(len(pipeline.repository.datasets))
        findings.extend(_data(pipeline, now))
        unseen = _look_at_catalogues(settings, pipeline, shown)
    except Exception as error:  # noqa: BLE001  whatever it is would stop a night as well
        return Health([*shown, *findings, _stopped(error)], figures, _INSIDE)  # what was found before stays
    return Health([*shown, *findings], figures, unseen)


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


def _disk(home: Path) -> Health:
    """Whether the disk of the home has room. One may be mounted at the home itself; where it is not made yet, above."""
    try:
        usage = shutil.disk_usage(next(place for place in (home, *home.absolute().parents) if place.exists()))
    except OSError as error:
        return Health([_stopped(error)], {}, ("health.disk",))
    facts = {"least": f"{FREE_BYTES >> 30} GiB"}
    full = Finding("health.disk", Place(), f"{usage.free / 2**30:.1f} GiB", facts)
    is_full = usage.free < min(FREE_BYTES, FREE_SHARE * usage.total)
    return Health([full] if is_full else [], {"disk_free_bytes": float(usage.free)})


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


def _look_at_catalogues(settings: Settings, pipeline: Pipeline, found: list[Finding]) -> tuple[str, ...]:
    """Find what is not as the log says, and answer what was not looked for: all, if a run was at work meanwhile.

    They are behind the log until its end. A run that was killed is at work no longer: its lock went with it.
    """
    dagster = Path(os.environ.get("DAGSTER_HOME") or settings.home)
    if any_alive(dagster):
        return _SHOWN
    wanted = pipeline.wanted()  # not before: a run may have ended meanwhile
    for catalogue in pipeline.catalogues:
        found.extend(_catalogue(catalogue, wanted))
    if any_alive(dagster):
        found.clear()
        return _SHOWN
    return ()


def _data(pipeline: Pipeline, now: datetime) -> Iterator[Finding]:
    """Published data that are late, or that no night brings up to date."""
    wanted = pipeline.wanted()
    for name, want in wanted.items():
        if name not in pipeline.repository.datasets and not want.withdrawn:
            yield Finding("health.departed", Place(dataset=name), want.ref.version, {"name": name})
    for one in late(wanted, pipeline.repository, now.astimezone(TOKYO).date()):
        yield Finding("health.late", Place(dataset=one.name), one.covered, {"due": one.due.isoformat()})


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
