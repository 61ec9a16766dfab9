"""`release.json`: one release as whoever checks it from outside sees it, and the link to the one before.

    {"format": "1", "name": …, "version": …, "identity": …, "files": {path: {bytes, sha256}},
     "parent": {"version": …, "sha256": sha256 of the parent's release.json} or null, "signatures": []}

A function of the released manifests alone, whatever was taken down since: no clock, no library. So the records of a
dataset are a chain that anybody can recompute, from `catalogue.json`, which has the hash of the newest, down to the
first. `signatures` is empty until releases are signed; what will be signed is the record without it.
"""

from __future__ import annotations

import hashlib

from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json
from pipelines.store.store import document_json

RECORD_FILE = "release.json"
FORMAT = "1"


def public_record(want: Wanted) -> bytes:
    """The record of a release, made of its manifest and those before it."""
    chain = [want]
    while (before := chain[-1].before) and before.ref.manifest not in _digests:
        chain.append(before)
    for release in reversed(chain):  # the oldest first: a chain of ten years is too deep to recurse
        record = _record(release)
        _digests[release.ref.manifest] = hashlib.sha256(record).hexdigest()
    return record


def digest_of_record(want: Wanted) -> str:
    """The sha256 of the record of a release."""
    if want.ref.manifest not in _digests:
        public_record(want)
    return _digests[want.ref.manifest]


# A manifest's hash → that of its record: neither ever changes.
_digests: dict[str, str] = {}


def _record(want: Wanted) -> bytes:
    before = want.before
    document: Json = {
        "format": FORMAT,
        "name": want.manifest.name,
        "version": want.ref.version,
        "identity": want.ref.identity,
        "files": {path: dict(facts) for path, facts in sorted(want.manifest.released.items())},
        "parent": {"version": before.ref.version, "sha256": _digests[before.ref.manifest]} if before else None,
        "signatures": [],
    }
    return document_json(document)
