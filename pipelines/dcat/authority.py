"""Addresses of the EU Publications Office's authority tables, and of IANA's media types."""

from __future__ import annotations

from pipelines.words import EU_FREQUENCIES

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
LANGUAGES = {"ja": f"{_AUTHORITY}language/JPN", "en": f"{_AUTHORITY}language/ENG"}
FREQUENCIES = {name: f"{_AUTHORITY}frequency/{code}" for name, code in EU_FREQUENCIES.items()}
LICENCES = {
    "CC-BY-4.0": f"{_AUTHORITY}licence/CC_BY_4_0",
    "CC0-1.0": f"{_AUTHORITY}licence/CC0",
}
LOCAL_AUTHORITY = "http://purl.org/adms/publishertype/LocalAuthority"
_MEDIA = "http://www.iana.org/assignments/media-types/"


def file_type(path: str) -> str:
    """The file type of a path by the authority's table."""
    return f"{_AUTHORITY}file-type/{path.rpartition('.')[2].upper()}"


MEDIA_TYPES = {
    "csv": f"{_MEDIA}text/csv",
    "json": f"{_MEDIA}application/json",
    "parquet": f"{_MEDIA}application/vnd.apache.parquet",
    "xlsx": f"{_MEDIA}application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": f"{_MEDIA}application/zip",
}
