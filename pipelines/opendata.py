"""The library: what the command `opendata` does, as functions.

from pipelines import opendata
opendata.load("waste_per_capita")            # a pandas frame with the types of the contract
opendata.explain("waste_per_capita", "2020") # where its figures came from
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalogue import Drift
from pipelines.night import show_all
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import Plan, make_plan
from pipelines.shell.listing import Listed, listed
from pipelines.steward.history import Release, release_of, save
from pipelines.steward.history import history as _history
from pipelines.steward.trace import Row, trace

if TYPE_CHECKING:
    import pandas as pd


def plan() -> Plan:
    """What a night would do now, and why. Writes nothing."""
    return make_plan(Pipeline.open())


def drift(*names: str) -> list[tuple[str, Drift]]:
    """In what each catalogue shows something else than the log says: its title, and the difference. Writes nothing."""
    pipeline = Pipeline.open()
    wanted = {name: want for name, want in pipeline.wanted().items() if name in names or not names}
    for name in names:
        if name not in wanted:
            release_of(pipeline, name)
    return [(catalogue.title, found) for catalogue in pipeline.catalogues for found in catalogue.drift(wanted)]


def withdraw(name: str, reason: str, replacement: str = "") -> None:
    """Offer a dataset no longer: a tombstone in the log, then in every catalogue. Raises UnknownName."""
    pipeline = Pipeline.open()
    release_of(pipeline, name)
    if replacement:
        release_of(pipeline, replacement)
    pipeline.store.log.withdraw(name, getuser(), reason, replacement)
    show_all(pipeline, [name])


def give_back(name: str, reason: str) -> None:
    """Offer a withdrawn dataset again, in its last release; the next night brings it up to date."""
    pipeline = Pipeline.open()
    release_of(pipeline, name)
    pipeline.store.log.give_back(name, getuser(), reason)
    show_all(pipeline, [name])


def explain(name: str, *key: str) -> Row:
    """Where every value of one published row came from."""
    return trace(Pipeline.open(), name, key)


def history(name: str) -> list[Release]:
    """Every release of a dataset, the newest first."""
    return _history(Pipeline.open(), name)


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
