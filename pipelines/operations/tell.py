"""After a night: tell whoever has to know what is new since they were last told, by every channel that is set up."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.datasets import Repository
from pipelines.days import TOKYO
from pipelines.findings import Finding, Place
from pipelines.night import Night
from pipelines.operations import messages
from pipelines.operations.channels import Channel, Environment, Undelivered, channels
from pipelines.operations.ledger import Ledger, Open, State
from pipelines.operations.messages import Message, Week
from pipelines.operations.problems import Problem, problems_of
from pipelines.pipeline import Pipeline

FOLDER = "told"


def tell(
    pipeline: Pipeline, home: Path, night: Night, now: datetime, environment: Environment = os.environ
) -> list[Finding]:
    """Send what is new. Returns what could not be sent, and does not raise for it: the next night tries again."""
    return [untold for channel in channels(environment) if (untold := _tell(channel, pipeline, home, night, now))]


def _tell(channel: Channel, pipeline: Pipeline, home: Path, night: Night, now: datetime) -> Finding | None:
    """Everything that one channel's readers do not know yet. The first that can't be sent ends it for this night."""
    ledger = Ledger(home / FOLDER / channel.name)
    problems, waiting = problems_of(night, pipeline), {r.name for r in night.results if r.outcome == "waiting"}
    try:
        with ledger.turn():
            news = _news(ledger.state(), problems, waiting, pipeline, now)
            ledger.deliver(news, channel, now.isoformat(timespec="seconds"))
    except Undelivered as fault:
        return Finding("telling.undelivered", Place(), str(fault), {"channel": channel.name})
    return None


def _news(
    state: State, problems: Mapping[str, Problem], waiting: AbstractSet[str], pipeline: Pipeline, now: datetime
) -> Iterator[tuple[Message, State]]:
    """Each message that is due, with the state that holds once it was sent."""
    for name in sorted(state.open.keys() - problems.keys() - waiting):
        told, state = state.open[name], state.closed(name)
        yield messages.mended(name, told.message, told.route, pipeline.repository), state
    for name, problem in sorted(problems.items()):
        if name not in state.open or state.open[name].problem != problem.digest:
            message, state = _failed(problem, state, pipeline.repository, now)
            yield message, state
    if (week := _week(now)) != state.week:  # also on the first night of all, so that somebody sees that it works
        state = replace(state, week=week)
        yield messages.digest(_summary(week, state, pipeline, now), pipeline.repository), state


def _failed(problem: Problem, state: State, repository: Repository, now: datetime) -> tuple[Message, State]:
    message = messages.failure(problem, state.next_number(problem.dataset), repository)
    told = Open(problem.digest, message.id, message.department, now.isoformat(timespec="seconds"))
    return message, state.opened(problem.dataset, told)


def _week(now: datetime) -> str:
    year, week, _ = now.astimezone(TOKYO).isocalendar()
    return f"{year}-W{week:02d}"


def _summary(week: str, state: State, pipeline: Pipeline, now: datetime) -> Week:
    since = now - timedelta(days=7)
    made = (e for e in pipeline.store.log.entries() if e.makes_releases)
    entries = [e for e in made if datetime.fromisoformat(e.time) > since]
    published = sorted({name for entry in entries for name in entry.changed})
    return Week(week, published, {name: told.since for name, told in sorted(state.open.items())})
