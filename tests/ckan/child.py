"""What a publisher's process does. It is forked by tests/kills/zygote.py, so that it can be killed at any request."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from pipelines.catalogue import Catalogue
from pipelines.errors import CatalogueError, OpenDataError
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import Settings


def night(spec: Mapping[str, object]) -> int:
    """A whole night without Dagster; what it found wrong is written to the file `told`, if one is named."""
    os.environ.update({str(key): str(value) for key, value in dict(spec["environment"]).items()})  # type: ignore[call-overload]
    _be_quick(float(str(spec["patience"])))
    done = run_night(Pipeline.open(Settings(root=Path(str(spec["root"])), home=Path(str(spec["home"])))), "test")
    findings = [*done.plan.findings, *(finding for result in done.results for finding in result.findings)]
    if "told" in spec:
        told = [{"code": one.code, "ja": one.text("ja"), "en": one.text("en")} for one in findings]
        Path(str(spec["told"])).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return done.exit_code


def publish(spec: Mapping[str, object]) -> int:
    """Show in CKAN what the store's log had at one of its entries, as a night does once its releases are recorded.

    `entry`: the number in the log. `environment`: where CKAN is, the token, the proxy. `patience`: seconds until a
    request is given up. The exit status is a night's.
    """
    os.environ.update({str(key): str(value) for key, value in dict(spec["environment"]).items()})  # type: ignore[call-overload]
    _be_quick(float(str(spec["patience"])))
    pipeline = Pipeline.open(Settings(root=Path(str(spec["root"])), home=Path(str(spec["home"]))))
    catalogue = ckan_of(pipeline)
    entry = next(found for found in pipeline.store.log.entries() if found.number == spec["entry"])
    wanted = pipeline.wanted(entry)
    try:
        if actions := catalogue.differences(wanted):
            catalogue.publish(lambda: wanted, [action.name for action in actions])
    except CatalogueError as error:
        sys.stderr.write(f"{error.code} {error}\n")
        return OpenDataError.exit_code
    return 0


def ckan_of(pipeline: Pipeline) -> Catalogue:
    """The CKAN among a pipeline's catalogues."""
    return next(catalogue for catalogue in pipeline.catalogues if catalogue.title == "ckan")


def _be_quick(patience: float) -> None:
    """Short time-outs and pauses: what is tried again is the same, only sooner."""
    from pipelines.catalogue.ckan import client

    client.READ = client.BULK = patience
    sleep = time.sleep
    client.time.sleep = lambda seconds: sleep(min(seconds, 0.1))  # type: ignore[attr-defined]
