"""A release → its resources in CKAN. Pure: the ids follow from the dataset's, the files' from their content.

table         the DataStore table, at an address of its own that xloader leaves alone
csv, parquet, datapackage
              stable addresses: each leads to an immutable file
immutable files, each at an id made of its name and hash; they stay for a time of grace
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.catalogue.ckan.columns import columns_of
from pipelines.catalogue.ckan.mapping import licence_of
from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import MEDIA_TYPES, Json
from pipelines.store.store import digest_of

SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
LINK = "datapusher"  # a url_type that neither xloader nor DataPusher loads, and that CKAN treats as a link
ROLES = ("table", "csv", "parquet", "datapackage")
_PLACE = (
    "http://opendata.invalid/pending"  # replaced by CKAN itself, or by the address of a file, before anyone sees it
)


@dataclass(frozen=True, slots=True)
class File:
    """An immutable file: its resource's id, the name under which it is downloaded, size and hash of its bytes."""

    role: str
    id: str
    filename: str
    bytes: int
    sha256: str


def resource_id(want: Wanted, role: str) -> str:
    """The id of a resource: made once of city, dataset and role, whatever happened to it in CKAN meanwhile."""
    return str(uuid.uuid5(uuid.UUID(str(want.manifest.build.description["id"])), role))


def file_of(want: Wanted, role: str, filename: str, size: int, sha256: str) -> File:
    """The immutable file of a role."""
    return File(role, resource_id(want, f"{filename}/{sha256}"), filename, size, sha256)


def data_files(want: Wanted) -> list[File]:
    """CSV and Parquet of a release as immutable files."""
    name = want.manifest.name
    facts = {role: want.manifest.files[f"{name}.{role}"] for role in ("csv", "parquet")}
    return [
        file_of(want, role, f"{name}.{role}", int(str(found["bytes"])), str(found["sha256"]))
        for role, found in facts.items()
    ]


def descriptor(document: Json, want: Wanted, addresses: Mapping[str, str]) -> Json:
    """A release's data package whose resources are at addresses of CKAN. `addresses`: role → URL."""
    name = want.manifest.name
    resources = document["resources"]
    assert isinstance(resources, list)
    kept = [
        {**found, "path": addresses[role]}
        for role in ("csv", "parquet")
        for found in resources
        if str(found["path"]).rpartition("/")[2] == f"{name}.{role}"
    ]
    return {**document, "resources": kept}


def descriptor_file(want: Wanted, document: bytes) -> File:
    """The data package as an immutable file."""
    sha256 = hashlib.sha256(document).hexdigest()
    return file_of(want, "datapackage", "datapackage.json", len(document), sha256)


def stable(want: Wanted, file: File, address: str) -> Json:
    """The resource at a stable address, leading to an immutable file."""
    return {**_common(want, file, file.role), "url": address, "url_type": LINK, "opendata_file": file.id}


def immutable(want: Wanted, file: File) -> Json:
    """The resource of an immutable file. CKAN makes its address."""
    ja, en = f"{_NAMES[file.role][0]}（固定の版）", f"{_NAMES[file.role][1]} (fixed edition)"
    words = (
        "この内容のまま変わらないファイル。新しい版が出ても一定期間残ります。\n\n"
        "A file whose content never changes; it stays for a time after the next release."
    )
    common = _common(want, file, file.role)
    del common["opendata_release"]  # the next release may have the same file
    common["format"] = f"{_FORMATS[file.role]} (archive)"  # no format that xloader would load into the DataStore
    return {
        **common,
        "id": file.id,
        "name": f"{ja} / {en}",
        "description": words,
        "url_type": "upload",
        "opendata_role": file.role,
    }


def table(want: Wanted) -> Json:
    """The resource of the DataStore table; `opendata_*` say which rows and columns it should have."""
    ja, en = _NAMES["table"]
    columns = columns_of(want)
    return {
        "id": resource_id(want, "table"),
        "name": f"{ja} / {en}",
        "description": _WORDS["table"],
        "format": "API",  # no format that xloader knows: it would make views beside ours when it is through
        "mimetype": "text/csv",
        "license": licence_of(want.manifest.build.description)["path"],
        "url_type": "datastore",
        "opendata_release": want.ref.version,
        "opendata_rows": want.manifest.build.rows,
        "opendata_columns": digest_of([columns.fields, columns.key]),
    }


def _common(want: Wanted, file: File, role: str) -> Json:
    ja, en = _NAMES[role]
    suffix = file.filename.rpartition(".")[2]
    return {
        "id": resource_id(want, role),
        "name": f"{ja} / {en}",
        "description": _WORDS[role],
        "format": _FORMATS[role],
        "mimetype": MEDIA_TYPES[suffix],
        "license": licence_of(want.manifest.build.description)["path"],
        "size": file.bytes,
        "hash": file.sha256,
        "hash_algorithm": SHA256,
        "opendata_release": want.ref.version,
    }


def stable_ids(want: Wanted) -> Iterator[str]:
    """The ids of the resources that stay for ever."""
    return (resource_id(want, role) for role in ROLES)


_FORMATS = {"csv": "CSV", "parquet": "Parquet", "datapackage": "JSON"}
_NAMES = {
    "table": ("表とAPI", "Table and API"),
    "csv": ("CSVファイル", "CSV file"),
    "parquet": ("Parquetファイル", "Parquet file"),
    "datapackage": ("データパッケージ（項目の定義）", "Data package with the dictionary"),
}
_WORDS = {
    "table": (
        "項目の型と説明の付いた表。画面で見て、APIで検索できます。\n\n"
        "The typed table with its dictionary: preview it here, query it by the API."
    ),
    "csv": "UTF-8、1行目は項目名。\n\nUTF-8; the first row has the names of the fields.",
    "parquet": "型を持つ列指向のファイル。\n\nA columnar file with types.",
    "datapackage": (
        "Frictionless Data Package：項目の定義、対象期間、ライセンス、各ファイルのハッシュ。\n\n"
        "Frictionless Data Package: dictionary, coverage, licence, and the hash of each file."
    ),
}
