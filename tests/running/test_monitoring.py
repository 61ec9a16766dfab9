"""Dagster's own monitor with our launcher: a run that died is seen to be dead, one that hangs is ended."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.runs.schema import RunsTable
from dagster._daemon.monitoring.run_monitoring import monitor_started_run

from pipelines.processes import RunProcess, process_of
from pipelines.running.launcher import ProcessLauncher


@dg.job
def nothing() -> None:
    """A job to have runs of."""


@pytest.fixture
def instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    del dagster_home
    with dg.DagsterInstance.get() as opened:
        yield opened


@pytest.fixture
def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run under way since ten minutes."""
    made = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
    began(instance, made, 600)
    return made


def began(instance: dg.DagsterInstance, run: dg.DagsterRun, seconds: float) -> None:
    with instance.run_storage.connect() as connection:
        when = {"start_time": time.time() - seconds}
        connection.execute(RunsTable.update().where(RunsTable.c.run_id == run.run_id).values(**when))


@pytest.fixture
def process(run: dg.DagsterRun, dagster_home: Path) -> Iterator[RunProcess]:
    made = process_of(dagster_home, run.run_id)
    made.start(["sleep", "600"])
    while not made.file.read_text():  # it writes its number itself
        time.sleep(0.05)
    yield made
    made.end(seconds=1)


def look(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    """One look of the monitor; the run after it."""
    record = instance.get_run_record_by_id(run.run_id)
    assert record is not None
    monitor_started_run(instance, None, record, logging.getLogger("monitor"))
    after = instance.get_run_by_id(run.run_id)
    assert after is not None
    return after


def test_the_shipped_settings_name_the_launcher(instance: dg.DagsterInstance) -> None:
    """And four hours at most, one run at a time, one more try."""
    assert isinstance(instance.run_launcher, ProcessLauncher)
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_max_runtime_seconds == 4 * 3600
    assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
    assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)


def test_a_run_whose_process_lives_is_left_alone(
    instance: dg.DagsterInstance, run: dg.DagsterRun, process: RunProcess
) -> None:
    """Also by a daemon that did not start it."""
    assert look(instance, run).status == dg.DagsterRunStatus.STARTED
    assert process.is_alive


def test_a_run_whose_process_died_is_tried_once_more(
    instance: dg.DagsterInstance, run: dg.DagsterRun, process: RunProcess
) -> None:
    """It has failed, and not for a step of its own."""
    os.kill(int(process.file.read_text()), signal.SIGKILL)
    while process.is_alive:
        time.sleep(0.05)
    after = look(instance, run)
    assert after.status == dg.DagsterRunStatus.FAILURE
    assert after.tags["dagster/will_retry"] == "true"


def test_a_run_that_hangs_is_ended(instance: dg.DagsterInstance, run: dg.DagsterRun, process: RunProcess) -> None:
    """Its process, too: the next night must not find it at work."""
    began(instance, run, 4 * 3600 + 1)
    assert look(instance, run).status == dg.DagsterRunStatus.FAILURE
    assert not process.is_alive


def test_bad_data_are_no_reason_to_try_again(instance: dg.DagsterInstance) -> None:
    """A dataset that is held back fails its run, which is not repeated."""

    @dg.op
    def check() -> None:
        raise dg.Failure("held back")

    @dg.job(executor_def=dg.in_process_executor)
    def bad() -> None:
        check()

    result = bad.execute_in_process(instance=instance, raise_on_error=False)
    after = instance.get_run_by_id(result.run_id)
    assert after is not None
    assert after.status == dg.DagsterRunStatus.FAILURE
    assert after.tags.get("dagster/will_retry", "false") == "false"
