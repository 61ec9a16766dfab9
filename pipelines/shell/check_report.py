"""The report of a check in a terminal: the verdict, what to mend in that order, what the public will see change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Styled

from pipelines.checking.report import Difference, Report, Severity, Verdict
from pipelines.checking.report import Group as Found
from pipelines.errors import ExitCode
from pipelines.findings import Language, Text
from pipelines.words import listed

EXIT_CODES: Final[dict[Verdict, int]] = {
    "ready": ExitCode.WELL,
    "mend": ExitCode.FINDINGS,
    "unreadable": ExitCode.UNUSABLE,
}
_COLOURS: Final[dict[Severity, str]] = {
    "fatal": "bold white on red",
    "critical": "bold red",
    "major": "yellow",
    "high": "yellow",
    "medium": "cyan",
    "minor": "blue",
    "low": "dim",
}
_VERDICTS: Final[dict[Verdict, tuple[str, str]]] = {
    "ready": ("green", "✔"),
    "mend": ("yellow", "✎"),
    "unreadable": ("red", "✖"),
}
_SHOWN_PLACES: Final = 6
_SHOWN_SAMPLES: Final = 3
_SHOWN_CHANGES: Final = 8
_BAR: Final = 20
_LONGEST: Final = 40
_WORDS: Final = {
    "where": Text("場所", "where"),
    "found": Text("見つかったもの", "found"),
    "expected": Text("あるべき形", "expected"),
    "remedy": Text("直し方", "remedy"),
    "score": Text("機械可読性", "machine readability"),
    "dataset": Text("データセット", "dataset"),
    "must": Text("提出前に必ず直すもの", "Mend before handing it in"),
    "better": Text("より使いやすいデータにするために", "To make better data of it"),
    "left": Text("機械では判断できないため、人が確かめるもの", "Left to a person, as no machine can judge it"),
    "more": Text("ほか", "and"),
    "places": Text("範囲", "more ranges"),
    "number": Text("（文字列ではなく数値として）", "(as a number, not as text)"),
    "whole": Text("ファイル全体", "the whole file"),
    "public": Text("公開されると変わるところ（{since} から）", "What the public will see change (since {since})"),
}


def show(console: Console, report: Report, language: Language) -> None:
    """Print a report."""
    console.print(_head(report, language), highlight=False, soft_wrap=False)
    numbered = list(enumerate(report.groups, 1))
    for key, wanted in (("must", True), ("better", False)):
        mine = [(number, found) for number, found in numbered if found.blocking is wanted]
        if mine:
            console.rule(f"[bold]{_word(key, language)}[/]", align="left", style="dim")
        for number, found in mine:
            console.print(_card(number, found, language), highlight=False, soft_wrap=False)
    if report.difference:
        console.print(_difference(report.difference, language), highlight=False, soft_wrap=False)
    _show_left(console, report, language)


def _word(key: str, language: Language) -> str:
    return _WORDS[key].said(language)


def _head(report: Report, language: Language) -> Panel:
    colour, mark = _VERDICTS[report.verdict]
    lines: list[RenderableType] = [
        Styled.from_markup(f"[bold]{escape(report.file)}[/]  [dim]{report.kind} · {_size(report.size)}[/]")
    ]
    if told := _dataset_line(report, language):
        lines.append(told)
    if report.score is not None:
        full = round(report.score * _BAR / 100)
        bar = f"[{colour}]{'━' * full}[/][dim]{'━' * (_BAR - full)}[/]"
        lines.append(Styled.from_markup(f"{_word('score', language)} {bar} [bold]{report.score}[/]/100"))
    lines.append(Styled(report.summary.said(language)))
    if report.groups:
        lines.append(_totals(report, language))
    title = f"[bold {colour}]{mark} {report.headline.said(language)}[/]"
    return Panel(Group(*lines), title=title, title_align="left", border_style=colour, expand=False, padding=(0, 2))


def _totals(report: Report, language: Language) -> Styled:
    parts = [f"[{_COLOURS[severity]}] {weight.said(language)} [/]{count}" for weight, severity, count in report.weights]
    return Styled.from_markup("  ".join(parts))


def _dataset_line(report: Report, language: Language) -> Styled | None:
    known = report.recognised
    if known is None:
        return Styled(f"{_word('dataset', language)} {report.dataset}") if report.dataset else None
    sure = (
        Text("と見られます", "it looks like")
        if report.dataset
        else Text("かもしれません（--dataset で指定できます）", "it may be (name it by --dataset)")
    )
    name = f"[bold]{escape(known.title.said(language))}[/] [dim]({known.dataset})[/]"
    line = f"{name} {sure.ja}" if language == "ja" else f"{sure.en} {name}"
    why = escape(known.why.said(language))
    return Styled.from_markup(f"{line} [dim]{known.confidence:.0%} — {why}[/]")


def _size(size: int) -> str:
    unit, shown = next((u, n) for u, n in (("MB", size >> 20), ("KB", size >> 10), ("B", size)) if n or u == "B")
    return f"{shown:,} {unit}"


def _card(number: int, found: Found, language: Language) -> RenderableType:
    word = found.weight.said(language)
    rule = f" [dim]{found.rule}[/]" if found.rule else ""
    colour, name = _COLOURS[found.severity], escape(found.title.said(language))
    line = f"[dim]{number:>2}.[/] [{colour}] {word} [/] [bold]{name}[/]{rule} [dim]{found.code}[/]"
    title = Styled.from_markup(line)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(_word("where", language), _places(found, language))
    grid.add_row(_word("found", language), _found(found, language))
    grid.add_row(_word("expected", language), escape(found.expected.said(language)))
    grid.add_row(_word("remedy", language), escape(found.remedy.said(language)))
    return Group(title, Padding(grid, (0, 0, 1, 5)))


def _places(found: Found, language: Language) -> str:
    shown: dict[str, list[str]] = {}
    for place in found.places[:_SHOWN_PLACES]:
        shown.setdefault(place.sheet, []).append(place.range)
    parts = [
        " ▸ ".join(part for part in (escape(sheet), listed(filter(None, ranges), language)) if part)
        for sheet, ranges in shown.items()
    ]
    text = listed(filter(None, parts), language) or _word("whole", language)
    more = len(found.places) - _SHOWN_PLACES
    return f"{text} [dim]{_word('more', language)} {more:,} {_word('places', language)}[/]" if more > 0 else text


def _found(found: Found, language: Language) -> str:
    """The count, and the first samples that differ, each with what to write instead."""
    lines = [escape(found.found.said(language))]
    shown = list(dict.fromkeys((sample.found, sample.proposal) for sample in found.samples if sample.proposal))
    lines += [_better(text, better, language) for text, better in shown[:_SHOWN_SAMPLES]]
    return "\n".join(lines)


def _better(text: str, better: str, language: Language) -> str:
    """What to write instead; a number that was stored as text looks the same."""
    same = f" [dim]{_word('number', language)}[/]" if text == better else ""
    return f"[dim]{escape(_line(text))}[/] → [green]{escape(better)}[/]{same}"


def _line(text: str) -> str:
    line = text.replace("\n", "⏎")
    return f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line


def _difference(difference: Difference, language: Language) -> RenderableType:
    words = Text(
        "{rows} 行（追加 {added} 行・削除 {removed} 行・値の変更 {changed} か所、うち大きな変化 {jumps}）",
        "{rows} rows ({added} added, {removed} removed, {changed} values changed, {jumps} of them by much)",
    )
    facts = {name: f"{getattr(difference, name):,}" for name in ("rows", "added", "removed", "changed", "jumps")}
    title = _WORDS["public"].fill(language, {"since": difference.since})
    table = Table(box=box.SIMPLE, show_header=False, padding=(0, 1), pad_edge=False)
    for change in difference.samples[:_SHOWN_CHANGES]:
        mark = {"added": "[green]＋[/]", "removed": "[red]－[/]", "changed": "[yellow]±[/]"}[change.change]
        arrow = " → ".join(escape(text) for text in (change.old, change.new) if text)
        jump = "[bold red]![/]" if change.jump else ""
        table.add_row(mark, escape(change.key), escape(change.field.said(language)), arrow, jump)
    return Panel(
        Group(words.fill(language, facts), table), title=title, title_align="left", border_style="dim", expand=False
    )


def _show_left(console: Console, report: Report, language: Language) -> None:
    """The rules that a person has to look at; those that speak of another kind of file are not worth a line."""
    lines = list(_left(report, language))
    if lines:
        console.rule(f"[dim]{_word('left', language)}[/]", align="left", style="dim")
        console.print("\n".join(lines), highlight=False)


def _left(report: Report, language: Language) -> Iterator[str]:
    for rule in report.not_judged:
        if "当てはまりません" not in rule.why.ja:
            yield f"[dim]{rule.rule}  {escape(rule.title.said(language))} — {escape(rule.why.said(language))}[/]"
