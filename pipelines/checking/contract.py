"""What the night would do with a file: its findings as groups, and the difference to the last release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.checking.grouping import MOST_RANGES, MOST_SAMPLES, found_line
from pipelines.checking.proposals import figure, moment
from pipelines.checking.report import Changed, Difference, Group, Range, Sample
from pipelines.checking.sheet import at
from pipelines.datasets import Dataset
from pipelines.findings import Finding, Text
from pipelines.pipeline import Pipeline, manifest
from pipelines.reading.grid import column_of
from pipelines.reading.read import Delivered
from pipelines.release.difference import compare
from pipelines.sqltext import identifier, literal
from pipelines.work import Rehearsed, rehearse

_FIRST_CELL: Final = re.compile(r"([A-Z]+)([0-9]+)")
_PROPOSE: Final = {"cell.number": figure, "cell.integer": figure, "cell.unit": figure} | dict.fromkeys(
    ("cell.year", "cell.yearmonth", "cell.date"), moment
)
_SHOWN_CHANGES: Final = 50
_JUMP: Final = 0.5  # a value that changed by more than half of what it was


@dataclass(frozen=True, slots=True)
class Asked:
    """What a dataset's contract says of a file."""

    groups: Sequence[Group]
    difference: Difference | None


def ask(pipeline: Pipeline, dataset: Dataset, path: Path, file: str, sha256: str) -> Asked:
    """Rehearse the night with a file. Nothing is recorded."""
    with rehearse(pipeline, dataset, Delivered(path, file, sha256)) as rehearsed:
        # A value that can't be read is empty in the rehearsal; the public would never see it vanish.
        is_read = not any("cell." in {f.code[:5], f.facts.get("code", "")[:5]} for f in rehearsed.findings)
        return Asked(groups_of(rehearsed.findings), _difference(pipeline, dataset, rehearsed) if is_read else None)


@dataclass
class _Same:
    """Findings of one code about one field."""

    first: Finding
    count: int = 0
    places: list[Range] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def take(self, finding: Finding) -> None:
        self.count += finding.count
        place = finding.place
        address = place.cell or (f"{place.line}:{place.line}" if place.line else "")
        if finding.code == "many":
            return
        self.places.append(Range(place.sheet, address))
        self.samples += _samples(finding, address)


def groups_of(findings: Sequence[Finding]) -> list[Group]:
    """The findings of a night, those of one code about one field together."""
    same: dict[tuple[str, ...], _Same] = {}
    for finding in findings:
        code = str(finding.facts.get("code", "")) if finding.code == "many" else finding.code
        rest = "" if finding.code == "many" else finding.facts.get("rule", "")
        key = (code, finding.place.field, rest)
        known = next((k for k in same if k[:2] == key[:2]), key) if finding.code == "many" else key
        same.setdefault(known, _Same(finding)).take(finding)
    return [_group(each) for each in same.values()]


def _group(same: _Same) -> Group:
    finding = same.first
    rule = finding.rule
    texts = [Text(text.fill("ja", finding.facts), text.fill("en", finding.facts)) for text in _texts(finding)]
    samples = same.samples[:MOST_SAMPLES]
    return Group(
        code=finding.code,
        rule="",
        level="file" if finding.code.startswith(("file.", "source.")) else "contract",
        severity="fatal" if finding.severity == "error" else "medium",
        blocking=finding.severity == "error",
        whose=rule.task,
        title=texts[0],
        found=found_line([sample.found for sample in samples] or [finding.found], same.count),
        expected=texts[1],
        remedy=texts[2],
        places=tuple(same.places[:MOST_RANGES]),
        count=same.count,
        samples=tuple(samples),
    )


def _texts(finding: Finding) -> tuple[Text, Text, Text]:
    return finding.rule.title, finding.rule.expected, finding.rule.remedy


def _samples(finding: Finding, address: str) -> Iterator[Sample]:
    """The cells of a finding, one below the other, with what to write instead where the grammar can tell."""
    propose = _PROPOSE.get(finding.code, lambda _: "")
    first = _FIRST_CELL.match(address)
    values = list(finding.samples) or [finding.found]
    for number, text in enumerate(values):
        cell = at(int(first[2]) - 1 + number, column_of(first[1])) if first and len(values) > 1 else address
        yield Sample(finding.place.sheet, cell, text, propose(text))


def _difference(pipeline: Pipeline, dataset: Dataset, rehearsed: Rehearsed) -> Difference | None:
    """What the public would see change; None for a first release, and where there is no table."""
    ref = pipeline.store.log.head().current.get(dataset.name)
    if ref is None or rehearsed.typed is None:
        return None
    changes = rehearsed.workshop / "changes.csv"
    before = pipeline.store.path(manifest(pipeline.store, ref).table)
    found = compare(rehearsed.connection, before, rehearsed.typed.table, dataset.schema.primaryKey, changes)
    (rows,) = rehearsed.connection.execute(f"SELECT count(*) FROM {rehearsed.typed.relation}").fetchone() or (0,)
    jumps, samples = _changes(rehearsed, dataset, changes) if changes.is_file() else (0, [])
    return Difference(ref.version, rows, found.added, found.changed, found.removed, jumps, tuple(samples))


def _changes(rehearsed: Rehearsed, dataset: Dataset, path: Path) -> tuple[int, list[Changed]]:
    """How many values jumped, and the first changes, jumps before all others."""
    key = " || ', ' || ".join(f"coalesce({identifier(name)}, '')" for name in dataset.schema.primaryKey)
    values = "TRY_CAST(old AS DOUBLE) AS o, TRY_CAST(new AS DOUBLE) AS n"
    jump = f"change = 'changed' AND coalesce(abs(n - o) > {_JUMP} * abs(o), false)"
    table = (
        f"(SELECT *, {jump} AS jump FROM (SELECT *, {values} FROM read_csv({literal(str(path))}, all_varchar=true)))"
    )
    (jumps,) = rehearsed.connection.execute(f"SELECT count(*) FROM {table} WHERE jump").fetchone() or (0,)
    rows = rehearsed.connection.execute(
        f"SELECT change, {key}, field, coalesce(old, ''), coalesce(new, ''), jump FROM {table} "
        f"ORDER BY NOT jump, change = 'added', 2, 3 LIMIT {_SHOWN_CHANGES}"
    ).fetchall()
    titles = {f.name: Text(f.title.ja, f.title.en) for f in dataset.schema.fields}
    return jumps, [Changed(row[0], row[1], titles[row[2]], row[3], row[4], bool(row[5])) for row in rows]
