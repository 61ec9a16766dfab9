"""Pages and Dagster: the index comes last in a night, and at once when a person runs one dataset alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from pipelines.settings import REPOSITORY
from tests import edits
from tests.kit import Town, town

WASTE, OTHER = "waste_per_capita", "housing_seismic_retrofit"
NIGHT = """
import json
import dagster as dg
from pipelines import definitions
night = definitions.execute_night(lambda result, total: None)
with dg.DagsterInstance.get() as instance:
    (run,) = instance.get_run_records()
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    events = instance.all_logs(run.dagster_run.run_id, of_type=kind)
print(json.dumps([night.exit_code, [e.dagster_event.asset_key.path for e in events]]))
"""
ALONE = f"""
import json
import dagster as dg
from pipelines import definitions
from pipelines.pipeline import Pipeline
from pipelines.plan import make_plan
with dg.DagsterInstance.get() as instance:
    job = definitions.defs.resolve_job_def("nightly")
    keys = definitions._keys["{WASTE}"]
    done = job.execute_in_process(instance=instance, asset_selection=keys)
plan = make_plan(Pipeline.open())
print(json.dumps([done.success, plan.index_is_stale, plan.to_run]))
"""


def _run(code: str, made: Town) -> list[object]:
    places = {"OPENDATA_ROOT": str(made.root), "OPENDATA_HOME": str(made.home), "DAGSTER_HOME": str(made.home)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_the_index_is_shown_last_in_a_night_and_at_once_after_a_single_run(tmp_path: Path) -> None:
    """A whole night ends with the index; one dataset that a person materialises alone takes the index along."""
    made = town(tmp_path, [WASTE, OTHER])
    made.home.mkdir()
    shutil.copyfile(REPOSITORY / "dagster_home" / "dagster.yaml", made.home / "dagster.yaml")
    code, order = _run(NIGHT, made)
    assert code == 0
    assert order.index(["index"]) > max(order.index(["catalogue", name]) for name in (WASTE, OTHER))
    assert (made.home / "catalogue" / "index.html").is_file()
    edits.cells({"B5": 997})(made.delivery(WASTE))
    assert _run(ALONE, made) == [True, False, []]
