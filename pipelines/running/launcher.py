"""How the daemon starts a run: as a process that outlives the daemon, and of which it is known whether it lives.

Dagster's own launcher starts runs inside the code server: they die with the daemon, and nobody can tell that they did,
so a dead night would be "started" for ever and no other would get its turn.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClass, ConfigurableClassData, serialize_value

from pipelines.processes import RunProcess, process_of


class ProcessLauncher(RunLauncher[dg.DagsterInstance], ConfigurableClass):
    """Each run is a process of its own on this machine."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """How `dagster.yaml` names this class."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> Mapping[str, object]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, object]) -> ProcessLauncher:
        """As Dagster makes it."""
        return cls(inst_data=inst_data, **config_value)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Start the run's process."""
        origin, run = context.job_code_origin, context.dagster_run
        assert origin is not None, "a run that the daemon launches comes from a code location"
        arguments = ExecuteRunArgs(origin, run.run_id, self._instance.get_ref(), set_exit_code_on_failure=True)
        python = origin.repository_origin.executable_path or sys.executable
        _process(run.run_id).start([python, "-m", "dagster", "api", "execute_run", serialize_value(arguments)])

    def terminate(self, run_id: str) -> bool:
        """End the run's process; by force when it does not end by itself. False when it is gone already."""
        if (run := self._instance.get_run_by_id(run_id)) and not run.is_finished:
            self._instance.report_run_canceling(run)
        return _process(run_id).end()

    @property
    def supports_check_run_worker_health(self) -> bool:
        """It is known whether a run lives."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process lives."""
        if _process(run.run_id).is_alive:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")


def _process(run_id: str) -> RunProcess:
    return process_of(Path(os.environ["DAGSTER_HOME"]), run_id)
