"""The library: what the command `opendata` does, as functions.

from pipelines import opendata
opendata.load("waste_per_capita")            # a pandas frame with the types of the contract
opendata.explain("waste_per_capita", "2020") # where its figures came from
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalogue import Catalogue, Drift
from pipelines.errors import CatalogueError
from pipelines.night import show, show_all
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import Plan, make_plan
from pipelines.settings import Settings, who
from pipelines.shell.listing import Listed, listed
from pipelines.steward import hand
from pipelines.steward.history import Deed, Release, release_of, save
from pipelines.steward.history import deeds as _deeds
from pipelines.steward.history import history as _history
from pipelines.steward.takedown import TakenDown, take_down
from pipelines.steward.trace import Row, trace
from pipelines.steward.waiting import Waiting
from pipelines.steward.waiting import waiting as _waiting
from pipelines.store import ReleaseRef

if TYPE_CHECKING:
    import pandas as pd


def plan() -> Plan:
    """What a night would do now, and why. Writes nothing."""
    return make_plan(Pipeline.open())


def drift(*names: str) -> list[tuple[str, Drift]]:
    """In what each catalogue shows something else than the log says: its title, and the difference. Writes nothing."""
    return [(catalogue.title, found) for catalogue, found in _drifted(Pipeline.open(), names)]


def mend(*names: str) -> list[tuple[str, Drift]]:
    """Bring what differs back to what was released; the differences that there were.

    Raises CatalogueError, once all others are mended, for what could not be.
    """
    pipeline = Pipeline.open()
    drifted = _drifted(pipeline, names)
    errors = []
    for catalogue, name in dict.fromkeys((catalogue, found.name) for catalogue, found in drifted):
        try:
            with pipeline.store.in_use():
                catalogue.mend(pipeline.wanted, [name])
        except CatalogueError as error:
            errors.append(error)
    if drifted:
        show(pipeline, [])  # the index, and what is made of it
    if errors:
        raise errors[0]
    return [(catalogue.title, found) for catalogue, found in drifted]


def _drifted(pipeline: Pipeline, names: Sequence[str]) -> list[tuple[Catalogue, Drift]]:
    wanted = {name: want for name, want in pipeline.wanted().items() if name in names or not names}
    for name in names:
        if name not in wanted:
            release_of(pipeline, name)
    for catalogue in pipeline.catalogues:
        catalogue.access(wanted)
    found = [(catalogue, one) for catalogue in pipeline.catalogues for one in catalogue.drift(wanted)]
    return [(catalogue, one) for catalogue, one in found if one.name in names or not names]  # of some, no index tells


def withdraw(name: str, reason: str, replacement: str = "", reason_en: str = "", by: str = "") -> None:
    """Offer a dataset no longer: a tombstone in the log, then in every catalogue. Raises UnknownName.

    Without `reason_en` readers of English see the reason as it was given.
    """
    pipeline = Pipeline.open()
    release_of(pipeline, name)
    if replacement:
        release_of(pipeline, replacement)
    pipeline.store.log.withdraw(name, by or who(), reason, replacement, reason_en)
    show_all(pipeline, [name])


def give_back(name: str, reason: str, by: str = "") -> None:
    """Offer a withdrawn dataset again, in its last release; the next night brings it up to date."""
    pipeline = Pipeline.open()
    release_of(pipeline, name)
    pipeline.store.log.give_back(name, by or who(), reason)
    show_all(pipeline, [name])


def waiting(name: str) -> Waiting:
    """What of a dataset waits for a steward's approval, value by value. Raises ApprovalRefused where nothing does."""
    return _waiting(Pipeline.open(), name)


def approve(name: str, candidate: str, reason: str, by: str = "") -> Waiting:
    """Let out what waits; the next night publishes it. Raises ApprovalRefused when something else waits by now."""
    return hand.approve(Pipeline.open(), name, candidate, by or who(), reason)


def rollback(name: str, to: str, reason: str, by: str = "") -> ReleaseRef:
    """Make a new release with the content of version `to`; the release that it makes current. Raises UnknownName."""
    return hand.roll_back(Pipeline.open(), name, to, by or who(), reason)


def takedown(name: str, version: str | None, reason: str, by: str = "") -> TakenDown:
    """Take a release, or all of a dataset, away from store, catalogues and Dagster's records for good.

    Raises UnknownName.
    """
    from pipelines.dagster_home import prepare
    from pipelines.running.wiped import wipe_dataset

    done = take_down(Settings(), name, version, by or who(), reason)
    prepare(Settings())
    wipe_dataset(name)
    return done


def explain(name: str, *key: str) -> Row:
    """Where every value of one published row came from."""
    return trace(Pipeline.open(), name, key)


def history(name: str) -> list[Release]:
    """Every release of a dataset, the newest first."""
    return _history(Pipeline.open(), name)


def deeds(name: str) -> list[Deed]:
    """What people decided about a dataset (approvals, rollbacks, withdrawals, …), the newest first."""
    return _deeds(Pipeline.open(), name)


def datasets() -> list[Listed]:
    """Every dataset, with the release that is current."""
    return listed(Pipeline.open())


def get(name: str, as_of: date | None = None, version: str | None = None, to: Path | None = None) -> Sequence[Path]:
    """Save the data package of a release into a folder: the current one, that of a version, or as of a day."""
    pipeline = Pipeline.open()
    ref = release_of(pipeline, name, as_of, version)
    return save(pipeline, ref, to or Path(f"{name}-{ref.version}"))


def load(name: str, as_of: date | None = None, version: str | None = None) -> pd.DataFrame:
    """A release as a pandas frame, typed by its contract: decimals exact, texts and codes as texts, no guessing."""
    import pandas as pd

    pipeline = Pipeline.open()
    path = pipeline.store.path(manifest(pipeline.store, release_of(pipeline, name, as_of, version)).table)
    return pd.read_parquet(path, dtype_backend="pyarrow")
