"""From `catalogue.json` down."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pipelines.errors import ConfigurationError
from pipelines.findings import Finding
from pipelines.findings import Place as Where
from pipelines.release.descriptor import Json
from pipelines.verify.content import check_content
from pipelines.verify.history import Chain, check_history, taken_down
from pipelines.verify.place import LARGEST_DOCUMENT, Place, Unreadable, digest, document, place_of, size
from pipelines.verify.report import Report

INDEX = "catalogue.json"
STABLE = "datapackage.current.json"
LONGEST_CHAIN = 100_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What checks have in hand: where to read, where to tell, and which files the history says were taken down."""

    place: Place
    report: Report
    gone: frozenset[str] = frozenset()


def verify(target: str, since: str = "") -> Report:
    """Verify a catalogue by the address of a folder or a server.

    Raises ConfigurationError when there is no catalogue at all.
    """
    report = Report(target, since=since)
    place = place_of(target)
    at = Verified(place, report, taken_down(place))
    records = {str(entry.get("name")): _dataset(at, entry) for entry in _entries(at)}
    check_history(at.place, report, records, since)
    return report


def _entries(at: Verified) -> list[Json]:
    """The entries of the index. Raises ConfigurationError."""
    try:
        index = json.loads(document(at.place, INDEX))
        entries = index["datasets"]
        if index["format"] == "1" and all(isinstance(entry, dict) for entry in entries):
            return cast("list[Json]", entries)
        found = f"format {index['format']}"
    except (Unreadable, ValueError, KeyError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
    raise ConfigurationError(Finding("verify.no_catalogue", Where(file=INDEX), found))


def _dataset(at: Verified, entry: Json) -> Chain:
    """Check one dataset, every record of its chain."""
    name, version = str(entry.get("name")), str(entry.get("version"))
    at.report.datasets += 1
    facts = _mapping(entry.get("record"))
    chain: dict[str, str] = {}
    sha256: str | None = str(facts.get("sha256", ""))
    while sha256 and version not in chain and len(chain) < LONGEST_CHAIN:
        if (record := _record(at, name, version, sha256)) is None:
            return Chain(chain, is_whole=False)
        chain[version] = sha256
        parent = _mapping(record.get("parent"))
        version, sha256 = str(parent.get("version", "")), str(parent.get("sha256", ""))
    if "withdrawn" not in entry:
        _current(at, entry)
    return Chain(chain)


def _record(at: Verified, name: str, version: str, sha256: str) -> Json | None:
    """Check a release by the hash of its record; None where the chain ends here because of a fault."""
    folder = f"{name}/releases/{version}"
    path = f"{folder}/release.json"
    try:
        content = document(at.place, path, LARGEST_DOCUMENT)
    except Unreadable as error:
        at.report.found("verify.missing_release", path, str(error), name, version=version)
        return None
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        at.report.found("verify.record", path, found, name, version=version, expected=sha256)
        return None
    record = _mapping(json.loads(content))
    if (record.get("name"), record.get("version")) != (name, version):
        at.report.found("verify.swapped", path, f"{record.get('name')} {record.get('version')}", name, version=version)
    at.report.releases += 1
    for file, facts in _mapping(record.get("files")).items():
        _file(at, name, f"{folder}/{file}", _mapping(facts))
    return record


def _file(at: Verified, name: str, path: str, facts: Mapping[str, object]) -> None:
    """Check one file by its hash; one that was taken down must not be there."""
    try:
        sha256, count = digest(at.place, path, size(facts))
    except Unreadable as error:
        if path in at.gone:
            at.report.taken_down += 1
        else:
            at.report.found("verify.unreadable", path, str(error), name)
        return
    if path in at.gone:
        at.report.taken_down += 1
        if sha256 == facts.get("sha256"):
            at.report.found("verify.not_gone", path, sha256, name)
        return
    at.report.files += 1
    at.report.bytes += count
    if sha256 != facts.get("sha256"):
        at.report.found("verify.hash", path, sha256, name, expected=str(facts.get("sha256")))


def _current(at: Verified, entry: Json) -> None:
    """What only the current release has: other forms, a stable address, and content that is read again."""
    name, version = str(entry.get("name")), str(entry.get("version"))
    files = _mapping(entry.get("files"))
    for facts in _mapping(entry.get("forms")).values():
        _file(at, name, str(_mapping(facts).get("path")), _mapping(facts))
    _stable(at, name, _mapping(files.get(STABLE)))
    with tempfile.TemporaryDirectory() as scratch:
        check_content(at.place, at.report, name, version, files, Path(scratch))


def _stable(at: Verified, name: str, facts: Mapping[str, object]) -> None:
    path = f"{name}/datapackage.json"
    try:
        sha256, _ = digest(at.place, path, LARGEST_DOCUMENT)
    except Unreadable as error:
        at.report.found("verify.unreadable", path, str(error), name)
        return
    if sha256 != facts.get("sha256"):
        at.report.found("verify.stable", path, sha256, name, expected=str(facts.get("sha256")))


def _mapping(found: object) -> dict[str, object]:
    return found if isinstance(found, dict) else {}
