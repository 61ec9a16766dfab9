"""What a verification came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.errors import ExitCode
from pipelines.findings import Finding, Language, Place


@dataclass
class Report:
    """Everything that was looked at and found. `is_rolled_back` is None where no head was remembered."""

    target: str
    head: str = ""
    since: str = ""
    datasets: int = 0
    releases: int = 0
    files: int = 0
    bytes: int = 0
    taken_down: int = 0
    is_rolled_back: bool | None = None
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, file: str, found: str = "", name: str = "", **facts: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, Place(dataset=name, file=file), found, facts))

    @property
    def exit_code(self) -> int:
        """0 when nothing is wrong, else 1."""
        return ExitCode.FINDINGS if self.findings else ExitCode.WELL

    def as_dict(self) -> dict[str, object]:
        """JSON form. `signature` stays `none` until releases are signed."""
        return {
            "format": "1",
            "target": self.target,
            "well": not self.findings,
            "head": self.head,
            "since": self.since,
            "rolled_back": self.is_rolled_back,
            "signature": "none",
            "datasets": self.datasets,
            "releases": self.releases,
            "files": self.files,
            "bytes": self.bytes,
            "taken_down": self.taken_down,
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def lines(self, language: Language) -> Sequence[str]:
        """For people: what was looked at, each finding, and what could not be told."""
        words, back = _WORDS[language], _BACK[language]
        told = words["unknown"] if self.is_rolled_back is None else back[self.is_rolled_back]
        end = words["wrong"].format(count=len(self.findings)) if self.findings else words["well"]
        findings = (finding.text(language) for finding in self.findings)
        gone = [words["gone"].format(**vars(self))] if self.taken_down else []
        return [words["looked"].format(**vars(self)), *gone, *findings, told, f"HEAD {self.head}", end]


_WORDS = {
    "ja": {
        "looked": "{datasets}データセット、{releases}版、{files}ファイル、{bytes:,}バイトを調べました。",
        "gone": "取り下げの記録どおり、{taken_down}ファイルはありません。",
        "unknown": "カタログ全体が古い状態に戻されていないかは、--since がないため分かりません。",
        "well": "すべて一致しました。",
        "wrong": "{count}件の問題があります。",
    },
    "en": {
        "looked": "Looked at {datasets} datasets, {releases} releases, {files} files, {bytes:,} bytes.",
        "gone": "{taken_down} files are gone, as the history says: they were taken down.",
        "unknown": "Whether the whole catalogue was rolled back can't be told without --since.",
        "well": "Everything agrees.",
        "wrong": "{count} things are wrong.",
    },
}
_BACK = {
    "ja": ("--since の時点から後戻りしていません。", "--since の時点から後戻りしています。"),
    "en": ("It goes on from the head given by --since.", "It does not go on from the head given by --since."),
}
