"""The committed list: files by sha256, with what the checker finds in them by code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.checking.report import Report

HERE = Path(__file__).parent
EXPECTED = HERE / "expected.json"
REASONS = HERE / "reasons.md"


@dataclass(frozen=True)
class Told:
    """What a check of one file came to; `findings` has the number of places by code."""

    name: str
    verdict: str
    score: int | None
    findings: Mapping[str, int]


def told(name: str, report: Report) -> Told:
    counts: dict[str, int] = {}
    for group in report.groups:
        counts[group.code] = counts.get(group.code, 0) + group.count
    return Told(name, report.verdict, report.score, dict(sorted(counts.items())))


def expected() -> dict[str, Told]:
    return {sha256: Told(**data) for sha256, data in json.loads(EXPECTED.read_text("utf-8")).items()}


def keep(found: Mapping[str, Told], reason: str) -> None:
    """Write down what is found now, and why."""
    by_name = dict(sorted(found.items(), key=lambda item: (item[1].name, item[0])))
    content = json.dumps({key: asdict(value) for key, value in by_name.items()}, ensure_ascii=False, indent=1)
    EXPECTED.write_text(content + "\n", "utf-8")
    with REASONS.open("a", encoding="utf-8") as file:
        file.write(f"- {reason}\n")


def files(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Every file below some folders with its hash, each hash once."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "MANIFEST.tsv"):
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if sha256 not in seen:
                seen.add(sha256)
                yield sha256, path


def changes(before: Told | None, after: Told) -> list[str]:
    """What is not as it was, a line each."""
    if before is None:
        return ["not in the list"]
    lines = [f"verdict {before.verdict} → {after.verdict}"] if before.verdict != after.verdict else []
    for code in sorted(before.findings.keys() | after.findings.keys()):
        was, now = before.findings.get(code, 0), after.findings.get(code, 0)
        if was != now:
            lines.append(f"{code}: {was:,} → {now:,} places")
    if before.score != after.score:
        lines.append(f"score {before.score} → {after.score}")
    return lines
