"""Results and plans as lines and tables that a person enjoys reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipelines.catalogue import Drift
from pipelines.days import clock_of
from pipelines.findings import Language, Text
from pipelines.held import SHORT
from pipelines.night import Night, Result
from pipelines.operations.health import Health
from pipelines.pipeline import Pipeline
from pipelines.plan import Plan
from pipelines.shell.words import COLOURS, REASONS
from pipelines.steward.history import Release
from pipelines.steward.trace import Row, Traced
from pipelines.words import REASONS as WHY
from pipelines.words import STATES, listed, rows_counted

_SHOWN = 12


def progress(console: Console, result: Result, done: int, total: int, language: Language) -> None:
    """One line as soon as a dataset is done."""
    state = _state(result.outcome, language)
    version = f" {result.ref.version}" if result.ref else ""
    rows = f" [dim]{_rows(result, language)}[/]" if result.manifest else ""
    console.print(f"[dim]{done:>3}/{total}[/] {state} {result.name}{version}{rows}", highlight=False)


def summary(console: Console, night: Night, pipeline: Pipeline, language: Language) -> None:
    """What the night came to: counts, what went out, what is held back and what to do."""
    counts: Counter[str] = Counter(result.outcome for result in night.results)
    _published(console, night, pipeline, language)
    _to_do(console, night, language)
    total = Text("{n} データセット", "{n} datasets").fill(language, {"n": str(len(night.results))})
    parts = [f"{_state(outcome, language)} {count}" for outcome, count in counts.most_common()]
    headline = _headline(counts, language, broken=bool(night.plan.findings))
    console.print(Panel(f"{total} — " + listed(parts, language), title=headline, expand=False), highlight=False)


def _headline(counts: Counter[str], language: Language, *, broken: bool = False) -> str:
    if counts["failed"] or broken:
        return Text("確認が必要です", "Something broke").said(language)
    if counts["held"] or counts["waiting"]:
        return Text(
            "一部を保留しました（公開中のデータはそのままです）", "Some held back; what was public stays as it was"
        ).said(language)
    if counts["published"] or counts["healed"]:
        return Text("すべて公開しました", "All is out").said(language)
    return Text("変更はありません", "Nothing changed").said(language)


def _published(console: Console, night: Night, pipeline: Pipeline, language: Language) -> None:
    """By department what went out; the names of the datasets where they are few."""
    fresh = [result for result in night.results if result.outcome == "published" and result.manifest]
    if not fresh:
        return
    table = Table(title=Text("公開したもの", "Published").said(language), title_justify="left")
    for heading in (("所管", "Department"), ("データセット", "Datasets"), ("行", "Rows"), ("変更", "Changes")):
        table.add_column(Text(*heading).said(language))
    for key, department in pipeline.repository.city.departments.items():
        if mine := [r for r in fresh if pipeline.repository[r.name].schema.department == key]:
            rows = sum(r.manifest.build.count for r in mine if r.manifest)
            names = (
                "\n".join(f"{r.name} {r.ref.version}" for r in mine if r.ref)
                if len(fresh) <= _SHOWN
                else str(len(mine))
            )
            table.add_row(department.title.said(language), names, f"{rows:,}", _changes(mine))
    console.print(table)


def _changes(results: Sequence[Result]) -> str:
    differences = [r.manifest.difference for r in results if r.manifest and r.manifest.difference]
    if not differences:
        return ""
    added, changed, removed = (sum(getattr(d, k) for d in differences) for k in ("added", "changed", "removed"))
    return f"+{added} ~{changed} -{removed}"


def _to_do(console: Console, night: Night, language: Language) -> None:
    _unseen(console, night.plan, language)
    for result in night.results:
        loud = result.outcome in {"held", "waiting", "failed"}
        for finding in result.findings[:_SHOWN] if loud else ():
            console.print(f"{_state(result.outcome, language)} {escape(finding.text(language))}", highlight=False)
        if loud and len(result.findings) > _SHOWN:
            console.print(f"  … +{len(result.findings) - _SHOWN}")
        warnings = [f for f in result.findings if f.severity == "warn"]
        if not loud and warnings and result.outcome == "published":
            for finding in warnings[:3]:
                console.print(
                    f"[yellow]{Text('注意', 'warning').said(language)}[/] {escape(finding.text(language))}",
                    highlight=False,
                )


def _unseen(console: Console, plan: Plan, language: Language) -> None:
    """The catalogues that could not be looked at."""
    for finding in plan.findings:
        console.print(f"{_state('failed', language)} {escape(finding.text(language))}", highlight=False)


def _state(state: str, language: Language) -> str:
    return f"[{COLOURS[state]}]{STATES[state].said(language)}[/]"


def _rows(result: Result, language: Language) -> str:
    return rows_counted(result.manifest.build.count).said(language) if result.manifest else ""


def plan(console: Console, frozen: Plan, language: Language) -> None:
    """A plan as a table: state and reason of each dataset; first the catalogues that could not be looked at."""
    _unseen(console, frozen, language)
    table = Table(title=f"plan {frozen.digest[:12]}", title_justify="left")
    for heading in (("データセット", "Dataset"), ("状態", "State"), ("理由", "Why")):
        table.add_column(Text(*heading).said(language))
    items = [*frozen, *frozen.departed]
    for item in items:
        if item.state != "unchanged":
            why = REASONS[item.why].said(language)
            named = f" ({item.candidate[:SHORT]})" if item.candidate else ""
            table.add_row(item.name, _state(item.state, language), why + named)
    counts = Counter(item.state for item in items)
    if table.row_count:
        console.print(table)
    counted = [f"{_state(state, language)} {count}" for state, count in counts.most_common()]
    console.print(listed(counted, language), highlight=False)


def row(console: Console, traced: Row, language: Language) -> None:
    """A published row with the cell that each value came from."""
    table = Table(title=f"{traced.dataset} {traced.version}  #{traced.number}", title_justify="left")
    for heading in (("項目", "Field"), ("公開値", "Published"), ("元のセルの値", "In the cell"), ("出典", "Where")):
        table.add_column(Text(*heading).said(language), overflow="fold")
    for value in traced.values:
        where = ", ".join(value.refs)
        if value.origin:
            origin = value.origin
            where = " ▸ ".join(part for part in (origin.file, origin.sheet, origin.cell) if part)
        table.add_row(
            _field(value, language),
            escape(value.value),
            escape(value.origin.text if value.origin else ""),
            escape(where),
        )
    console.print(table)
    for sha256, file in {v.origin.sha256: v.origin.file for v in traced.values if v.origin}.items():
        console.print(f"sha256:{sha256}  {escape(file)}", highlight=False)  # below, since a table would break it in two


def _field(value: Traced, language: Language) -> str:
    """A field by its title and its name."""
    title = Text(value.title_ja, value.title_en).said(language)
    return f"{escape(title)} [dim]({value.field})[/]" if title else value.field


def drift(console: Console, found: Sequence[tuple[str, Drift]], language: Language) -> None:
    """In what catalogues differ from the log; a line when in nothing."""
    if not found:
        console.print(Text("カタログは記録どおりです", "Every catalogue is as the log says").said(language))
        return
    table = Table()
    for heading in (
        ("カタログ", "Catalogue"),
        ("データセット", "Dataset"),
        ("項目", "Field"),
        ("表示", "Shown"),
        ("記録", "Wanted"),
    ):
        table.add_column(Text(*heading).said(language))
    for title, one in found:
        table.add_row(title, one.name, one.field, one.shown[:60], one.wanted[:60])
    console.print(table)


def releases(console: Console, found: Sequence[Release], language: Language) -> None:
    """The releases of a dataset, the newest first."""
    table = Table()
    for heading in (
        ("版", "Version"),
        ("日時（日本時間）", "Time (Tokyo)"),
        ("理由", "Reason"),
        ("行", "Rows"),
        ("追加", "Added"),
        ("変更", "Changed"),
        ("削除", "Removed"),
    ):
        table.add_column(Text(*heading).said(language))
    for release in found:
        d = release.difference
        counts = [str(d.added), str(d.changed), str(d.removed)] if d else ["", "", ""]
        table.add_row(
            release.version, clock_of(release.time), _why(release.reason, language), f"{release.rows:,}", *counts
        )
    console.print(table)


def _why(reason: str, language: Language) -> str:
    """The words of a person as they stand, those of the program in the reader's language."""
    return WHY[reason].said(language) if reason in WHY else reason


def to_do(console: Console, paths: Sequence[Path], language: Language) -> None:
    """What a person decides next in the files that `opendata new` proposed, line by line."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "TODO" in line and not line.startswith("#"):
                console.print(f"  {path.parent.name}/{path.name}:{number}: {escape(line.strip())}", highlight=False)
    hint = Text(
        "TODO を書き換え、ほかの行も確かめてから `opendata plan` を実行してください。残りをファイルと行で示します。",
        "Replace each TODO, look at the rest, then run `opendata plan`: it names file and line of what is still wrong.",
    )
    console.print(hint.said(language))


def health(console: Console, found: Health, language: Language) -> None:
    """A line per problem, or one that says that there is none."""
    for finding in found.findings:
        console.print(finding.text(language), markup=False, highlight=False)
    if not found.findings:
        console.print(Text("問題はありません", "All is well").said(language))
