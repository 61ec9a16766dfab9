"""The chain of everything that was ever published, and a head that was remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.verify.place import LARGEST_DOCUMENT, Place, Unreadable, document
from pipelines.verify.report import Report

HISTORY = "changes.jsonl"
LARGEST = 16 * LARGEST_DOCUMENT


def taken_down(place: Place) -> frozenset[str]:
    """The paths of files that the history says were taken down. Whether it is a chain is checked apart."""
    try:
        lines = document(place, HISTORY, LARGEST).splitlines()
        found = [json.loads(line) for line in lines if b'"takedown"' in line]
        return frozenset(str(path) for one in found if one["change"] == "takedown" for path in one["files"])
    except (Unreadable, ValueError, KeyError, TypeError):
        return frozenset()


@dataclass(frozen=True, slots=True)
class Chain:
    """The hashes of a dataset's records by version, the newest first; whole unless a fault ended it that was told."""

    records: Mapping[str, str]
    is_whole: bool = True


def check_history(place: Place, report: Report, chains: Mapping[str, Chain], since: str) -> None:
    """Check that the lines are a chain, that they name the releases that the catalogue has, and find the head in it."""
    try:
        content = document(place, HISTORY, LARGEST)
    except Unreadable as error:
        report.found("verify.unreadable", HISTORY, str(error))
        content = b""
    lines = content.splitlines()
    digests = [hashlib.sha256(line).hexdigest() for line in lines]
    told = _told(report, lines, digests)
    report.head = f"{told[-1]['number']}:{digests[len(told) - 1]}" if told else ""
    _compare(report, told, chains)
    if since:
        heads = {f"{one['number']}:{sha256}" for one, sha256 in zip(told, digests, strict=False)}
        report.is_rolled_back = since not in {*heads, "0:"}
        if report.is_rolled_back:
            report.found("verify.rolled_back", HISTORY, report.head, since=since)


def _told(report: Report, lines: Sequence[bytes], digests: Sequence[str]) -> list[dict[str, object]]:
    """The lines as far as they are a chain."""
    told: list[dict[str, object]] = []
    for at, line in enumerate(lines):
        try:
            one = json.loads(line)
            if isinstance(one, dict) and one["parent"] == (digests[at - 1] if at else ""):
                told.append({"number": one["number"], **one})
                continue
        except (ValueError, KeyError):
            pass
        report.found("verify.history", f"{HISTORY}:{at + 1}")
        break
    return told


def _compare(report: Report, told: Sequence[Mapping[str, object]], chains: Mapping[str, Chain]) -> None:
    """Every release that was told of is in the catalogue, and the newest of each dataset is the one shown."""
    told = [one for one in told if one.get("change") != "takedown"]
    newest = {str(one["name"]): one for one in told}
    for one in told:
        _compare_one(report, one, chains.get(str(one.get("name"))), is_newest=one is newest[str(one["name"])])
    for name, chain in chains.items():
        for version in chain.records.keys() - {str(one.get("version")) for one in told if one.get("name") == name}:
            report.found("verify.untold", f"{name}/releases/{version}/release.json", "", name, version=version)


def _compare_one(report: Report, one: Mapping[str, object], chain: Chain | None, *, is_newest: bool) -> None:
    """A release that was told of must be a link of its dataset's chain: what is none was never hashed."""
    name, version, sha256 = (str(one.get(key)) for key in ("name", "version", "sha256"))
    if chain is None:
        report.found("verify.missing_release", f"{name}/releases/{version}/release.json", "", name, version=version)
        return
    shown = next(iter(chain.records), version)
    if is_newest and shown != version:
        report.found("verify.outdated", "catalogue.json", shown, name, version=version)
        return
    found = chain.records.get(version, "" if chain.is_whole else sha256)
    if found != sha256:
        report.found("verify.record", str(one.get("record")), found, name, version=version, expected=sha256)
