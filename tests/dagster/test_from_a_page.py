"""What a person starts from a page of the Dagster UI: the same implicit job, from the shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pipelines.settings import REPOSITORY
from pipelines.verify import verify
from tests.kit import town


def test_a_department_is_run_as_a_whole_and_nothing_else(tmp_path: Path) -> None:
    """As by "Materialize all" on its group's page: its datasets and the index are published, others are not touched."""
    small = town(tmp_path, ["waste_per_capita", "housing_seismic_retrofit"])
    small.home.mkdir()
    shutil.copyfile(REPOSITORY / "dagster_home" / "dagster.yaml", small.home / "dagster.yaml")
    ours = {"OPENDATA_ROOT": str(small.root), "OPENDATA_HOME": str(small.home), "DAGSTER_HOME": str(small.home)}
    program = [str(Path(sys.executable).with_name("dagster")), "asset", "materialize", "--select", "group:environment"]
    done = subprocess.run(
        [*program, "-m", "pipelines.definitions"],
        env={**os.environ, **ours},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert set(small.open().store.log.head().current) == {"waste_per_capita"}
    assert verify(str(small.home / "catalogue"), "").exit_code == 0
