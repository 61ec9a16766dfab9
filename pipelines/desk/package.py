"""A workbook as the package of parts that it is (OPC, ISO/IEC 29500-2): what is not changed stays byte for byte."""

from __future__ import annotations

import io
import posixpath
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from pipelines.desk.markup import attribute, escaped, find, in_utf8, inserted, scan, spliced
from pipelines.errors import DeliveryRefused
from pipelines.findings import Finding
from pipelines.reading.package import UNREADABLE

MOST_PARTS: Final = 20_000
MOST_BYTES: Final = 1 << 30
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_TYPES: Final = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part. `target` is the name of another part, or an address outside."""

    id: str
    kind: str
    target: str
    outside: bool


class Package:
    """The parts of a workbook, some of them replaced or added. Part names begin without a slash."""

    def __init__(self, content: bytes) -> None:
        """Open the bytes of a workbook. Raises DeliveryRefused when they are no package, or one too large."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except UNREADABLE as error:
            raise damaged(str(error)) from error
        self._infos = {info.filename.replace("\\", "/").lower(): info for info in self._zip.infolist()}
        self._changed: dict[str, bytes] = {}
        self._names: dict[str, str] = {}
        self._refuse_too_large()

    def _refuse_too_large(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_BYTES:
            raise damaged("too large")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._changed or name.lower() in self._infos

    def names(self) -> list[str]:
        """Every part, the added ones last."""
        return [*self._infos, *(name for name in self._names if name not in self._infos)]

    def read(self, name: str) -> bytes:
        """A part as it is now. Raises DeliveryRefused when it is missing or damaged."""
        if (changed := self._changed.get(name.lower())) is not None:
            return changed
        try:
            return self._zip.read(self._infos[name.lower()])
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise damaged(f"{name}: {error}") from error

    def xml(self, name: str) -> bytes:
        """A part that is XML, in UTF-8."""
        return in_utf8(self.read(name))

    def write(self, name: str, content: bytes) -> None:
        """Replace a part, or add one."""
        self._changed[name.lower()] = content
        self._names.setdefault(name.lower(), name)

    def free(self, pattern: str) -> str:
        """The first name of a pattern such as `xl/comments{}.xml` that no part has."""
        number = 1
        while pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    def saved(self) -> bytes:
        """The bytes of the package: unchanged parts as they were, in their order, with their times."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for key, info in self._infos.items():
                self._copy(key, info, target)
            for key, name in self._names.items():
                if key not in self._infos:
                    added = zipfile.ZipInfo(name)  # of 1980: the same input gives the same bytes
                    added.compress_type = zipfile.ZIP_DEFLATED
                    target.writestr(added, self._changed[key])
        return out.getvalue()

    def _copy(self, key: str, info: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
        fresh = zipfile.ZipInfo(info.filename, info.date_time)
        fresh.compress_type = zipfile.ZIP_STORED if info.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
        fresh.external_attr, fresh.create_system = info.external_attr, info.create_system
        if key in self._changed:
            target.writestr(fresh, self._changed[key])
            return
        try:
            with self._zip.open(info) as reader, target.open(fresh, "w", force_zip64=False) as writer:
                shutil.copyfileobj(reader, writer, 1 << 16)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise damaged(f"{info.filename}: {error}") from error

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part; of the package itself for the empty name."""
        name = _relations_of(part)
        return list(_relations(self.xml(name), part)) if name in self else []

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship from a part to another and return its id."""
        name = _relations_of(part)
        if name not in self:
            self.write(name, _NO_RELATIONS)
        content = self.xml(name)
        taken = {relation.id for relation in self.relations(part)}
        identifier = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        root = find(scan(content), "Relationships")
        new = inserted(
            f'<{root.prefixed("Relationship")} Id="{identifier}" Type="{kind}" Target="{escaped("/" + target)}"/>'
        )
        self.write(name, spliced(content, [root.append(content, new)]))
        return identifier

    def declare(self, part: str, kind: str) -> None:
        """State the content type of a new part."""
        content = self.xml(_TYPES)
        root = find(scan(content), "Types")
        new = f'<{root.prefixed("Override")} PartName="{escaped("/" + part)}" ContentType="{kind}"/>'
        self.write(_TYPES, spliced(content, [root.append(content, inserted(new))]))


_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


def damaged(why: str) -> DeliveryRefused:
    """The refusal of a package that can't be used."""
    return DeliveryRefused(Finding("file.damaged", found=why))


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(content: bytes, part: str) -> Iterator[Relation]:
    for element in scan(content):
        if element.name == "Relationship":
            outside = attribute(element, "TargetMode") == "External"
            target = attribute(element, "Target")
            yield Relation(
                attribute(element, "Id"),
                attribute(element, "Type"),
                target if outside else _resolved(part, target),
                outside,
            )


def _resolved(part: str, target: str) -> str:
    """The name of a part from a target that is relative to another, or begins at the root."""
    base = "/" if target.startswith("/") else f"/{posixpath.dirname(part)}"
    return posixpath.normpath(posixpath.join(base, unquote(target))).lstrip("/")


def related(relations: list[Relation], tail: str) -> Relation | None:
    """The first relationship of a kind, named by the tail of its type: `comments`, `styles`."""
    return next((each for each in relations if each.kind.rpartition("/")[2] == tail and not each.outside), None)
