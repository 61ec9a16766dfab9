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
from pipelines.operations.channels import Channel, Environment, channels
from pipelines.operations.late import late
from pipelines.operations.ledger import Change, Ledger, Open, State, closing, opening
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
    """Everything that one channel's readers do not know yet; one address that is dead keeps nothing from the others."""
    ledger = Ledger(home / FOLDER / channel.name)
    problems, waiting = problems_of(night, pipeline), {r.name for r in night.results if r.outcome == "waiting"}
    with ledger.turn():
        news = _news(ledger.state(), problems, waiting, pipeline, now)
        untold = ledger.deliver(news, channel, now.isoformat(timespec="seconds"))
    return Finding("telling.undelivered", Place(), ", ".join(untold), {"channel": channel.name}) if untold else None


def _news(
    state: State, problems: Mapping[str, Problem], waiting: AbstractSet[str], pipeline: Pipeline, now: datetime
) -> Iterator[tuple[Message, Change]]:
    """Each message that is due, with what it changes once it was sent. The digest counts on all before it."""
    for name in sorted(state.open.keys() - problems.keys() - waiting):
        told, change = state.open[name], closing(name)
        state = change(state)
        yield messages.mended(name, told.message, told.route, pipeline.repository), change
    for name, problem in sorted(problems.items()):
        if name not in state.open or state.open[name].problem != problem.digest:
            message, change = _failed(problem, state, pipeline.repository, now)
            state = change(state)
            yield message, change
    if (week := _week(now)) != state.week:  # also on the first night of all, so that somebody sees that it works
        digest = messages.digest(_summary(week, state, pipeline, now), pipeline.repository)
        yield digest, lambda known: replace(known, week=week)


def _failed(problem: Problem, state: State, repository: Repository, now: datetime) -> tuple[Message, Change]:
    message = messages.failure(problem, state.next_number(problem.dataset), repository)
    told = Open(problem.digest, message.id, message.department, now.isoformat(timespec="seconds"))
    return message, opening(problem.dataset, told)


def _week(now: datetime) -> str:
    year, week, _ = now.astimezone(TOKYO).isocalendar()
    return f"{year}-W{week:02d}"


def _summary(week: str, state: State, pipeline: Pipeline, now: datetime) -> Week:
    since = now - timedelta(days=7)
    made = (e for e in pipeline.store.log.entries() if e.makes_releases)
    entries = [e for e in made if datetime.fromisoformat(e.time) > since]
    published = sorted({name for entry in entries for name in entry.changed})
    first, last = (moment.astimezone(TOKYO).date() for moment in (since, now))
    since_when = {name: told.since for name, told in sorted(state.open.items())}
    overdue = list(late(pipeline.wanted(), pipeline.repository, last))
    return Week(week, first, last, published, since_when, overdue)
