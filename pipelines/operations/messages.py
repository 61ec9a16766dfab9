"""Messages in both languages, written so that a steward can forward them to the department as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.datasets import Repository
from pipelines.days import day_of
from pipelines.findings import Finding, Language, Text
from pipelines.operations.late import Late
from pipelines.operations.problems import Problem
from pipelines.store.store import digest_of
from pipelines.words import counted

Kind = Literal["failure", "mended", "digest", "alarm", "calm"]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` is the same when it is sent again; `about` is the id of the message that it answers."""

    id: str
    kind: Kind
    department: str
    dataset: str
    subject: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """What the days up to a digest came to: what was published, what still needs a hand since when, what is late.

    `name` is the week in which it is sent, so that there is one digest in each.
    """

    name: str
    first: date
    last: date
    published: Sequence[str]
    open: Mapping[str, str]
    late: Sequence[Late] = ()


def failure(problem: Problem, number: int, repository: Repository) -> Message:
    """A dataset is held back, or its run failed. `number` counts its failures, so that each has an id of its own."""
    title = repository[problem.dataset].schema.title
    subject = f"【公開保留】{title.ja} / Held back: {title.en}"
    text = _both(lambda language: _failure(problem, repository, language))
    route = problem.department if problem.is_for_department else ""
    return Message(
        _id("failure", problem.dataset, problem.digest, number), "failure", route, problem.dataset, subject, text
    )


def mended(dataset: str, about: str, route: str, repository: Repository) -> Message:
    """What was told of is mended."""
    known = dataset in repository.datasets
    title = repository[dataset].schema.title if known else Text(dataset, dataset)
    subject = f"【解消】{title.ja} / Mended: {title.en}"
    text = (
        f"「{title.ja}」（{dataset}）の問題は解消しました。ご対応ありがとうございました。\n\n"
        f"What was wrong with “{title.en}” ({dataset}) is mended. Thank you."
    )
    return Message(_id("mended", dataset, about), "mended", route, dataset, subject, text, about)


def digest(week: Week, repository: Repository) -> Message:
    """The week in a few lines."""
    ja, en = (_days(week, language) for language in ("ja", "en"))
    subject = f"【週報】オープンデータ公開 {ja} / Open data, {en}"
    text = _both(lambda language: _digest(week, repository, language))
    return Message(_id("digest", week.name), "digest", "", "", subject, text)


def alarm(finding: Finding, number: int) -> Message:
    """Something about the nights themselves needs the operator. `number` counts the alarms of one code."""
    title = finding.rule.title
    facts = finding.facts
    subject = f"【警報】{title.fill('ja', facts)} / Alarm: {title.fill('en', facts)}"
    text = _both(finding.text)
    return Message(_id("alarm", finding.code, number), "alarm", "", "", subject, text)


def calm(code: str, about: str) -> Message:
    """An alarm is over."""
    text = f"警報（{code}）は解消しました。\n\nThe alarm ({code}) is over."
    return Message(_id("calm", code, about), "calm", "", "", f"【解消】{code} / Over: {code}", text, about)


def _id(*parts: object) -> str:
    return digest_of(list(parts))[:16]


def _both(write: Callable[[Language], str]) -> str:
    return f"{write('ja')}\n\n{write('en')}"


def _failure(problem: Problem, repository: Repository, language: Language) -> str:
    schema = repository[problem.dataset].schema
    department = repository.city.departments[problem.department].title.said(language)
    count = sum(finding.count for finding in problem.findings)
    facts = {
        "to": _TO.fill(language, {"department": department}) if problem.is_for_department else _OPERATOR.said(language),
        "title": schema.title.said(language),
        "name": problem.dataset,
        "count": f"{count:,}",
        "things": f"{counted(count, 'thing')} {'needs' if count == 1 else 'need'} a look",
        "version": problem.version,
    }
    lines = [_HEAD.fill(language, facts), (_KEPT if problem.version else _NONE).fill(language, facts), ""]
    lines += [f"{n}. {finding.text(language)}" for n, finding in enumerate(problem.findings[:SHOWN], 1)]
    if (more := len(problem.findings) - SHOWN) > 0:
        lines.append(_MORE.fill(language, {"more": str(more)}))
    return "\n".join([*lines, "", (_MEND if problem.is_for_department else _OPERATE).fill(language, facts)])


def _digest(week: Week, repository: Repository, language: Language) -> str:
    names = {dataset.name: dataset.schema.title.said(language) for dataset in repository}
    published = [f"- {names.get(name, name)} ({name})" for name in week.published]
    waiting = [f"- {names.get(name, name)} ({name}) {day_of(since)}–" for name, since in week.open.items()]
    overdue = [_OVERDUE.fill(language, {"title": names[one.name], **_dates(one)}) for one in week.late]
    none = [_NOTHING.said(language)]
    heads = [_PUBLISHED.fill(language, {"days": _days(week, language)}), _OPEN.said(language), _LATE.said(language)]
    lines = [heads[0], *(published or none), "", heads[1], *(waiting or none), "", heads[2], *(overdue or none)]
    return "\n".join(lines)


def _dates(one: Late) -> dict[str, str]:
    return {"name": one.name, "covered": one.covered, "due": one.due.isoformat()}


def _days(week: Week, language: Language) -> str:
    first, last = week.first, week.last
    if language == "ja":
        return f"{first.month}月{first.day}日～{last.month}月{last.day}日"
    return f"{first} to {last}"


_HEAD = Text(
    "{to}\n\n「{title}」（{name}）は、次の {count} 件の確認が必要なため、公開を保留しています。",
    "{to}\n\n“{title}” ({name}) is held back: {things}.",
)
_TO = Text("{department} 御中", "To: {department}")
_OPERATOR = Text("運用担当者 各位", "To: the operator")
_KEPT = Text(
    "公開中の版（{version}）はそのまま公開されています。", "What is public now (version {version}) stays as it is."
)
_NONE = Text("このデータセットはまだ公開されていません。", "This dataset has not been published yet.")
_MORE = Text("ほか {more} 種類の指摘があります。", "And {more} more kinds of findings.")
_MEND = Text(
    "直したファイルを同じ場所に置いてください。次の夜間処理で自動的に検査し、公開します。手元での検査: opendata check",
    "Put the mended file in the same place: the next night checks and publishes it. Check it yourself: opendata check",
)
_OPERATE = Text(
    "運用担当者の対応が必要です。各指摘の「対応」をご覧ください。",
    "The operator has to act; the remedy of each finding says how.",
)
_PUBLISHED = Text("{days}に公開したデータセット", "Published, {days}")
_OPEN = Text("対応待ち", "Still in need of a hand")
_LATE = Text("次の期間のデータの期限を過ぎたデータセット", "Overdue: the data of the next period have not come")
_OVERDUE = Text(
    "- {title} ({name}) {covered}まで掲載、期限 {due}", "- {title} ({name}) covers up to {covered}, due {due}"
)
_NOTHING = Text("なし", "none")
