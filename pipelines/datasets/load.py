"""Pairs `schemas/` and `sources/`, typed and checked; every error names file, line, expected, found, remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from pipelines.datasets.base import NAME_PATTERN, RESERVED, Descriptor
from pipelines.datasets.city import City
from pipelines.datasets.schema import Schema
from pipelines.datasets.source import Source
from pipelines.errors import ConfigurationError, UnknownName
from pipelines.findings import Finding, Place
from pipelines.unusable import expected_of

CITY_FILE = "_city.yaml"
D = TypeVar("D", bound=Descriptor)


@dataclass(frozen=True)
class Dataset:
    """A schema and a source of one name, with the exact bytes they were read from."""

    name: str
    schema: Schema
    source: Source
    schema_bytes: bytes
    source_bytes: bytes

    @property
    def inputs(self) -> list[str]:
        """The datasets that this one is derived from; it waits while one of them is held back."""
        return sorted(self.source.inputs)

    @property
    def references(self) -> list[str]:
        """The datasets that its foreign keys refer to; it comes after them."""
        return sorted({key.reference.dataset for key in self.schema.foreignKeys} - {self.name})

    @property
    def upstream(self) -> list[str]:
        """Every dataset that comes before this one."""
        return sorted({*self.inputs, *self.references})


@dataclass(frozen=True)
class Repository:
    """Every dataset of one city, in an order in which each comes after what it needs."""

    root: Path
    city: City
    datasets: Mapping[str, Dataset]

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.datasets.values())

    def __getitem__(self, name: str) -> Dataset:
        if name not in self.datasets:
            near = ", ".join(sorted(self.datasets)[:5])
            raise UnknownName(Finding("name.dataset", Place(dataset=name), name, {"known": f"{near}, …"}))
        return self.datasets[name]

    @cached_property
    def downstream(self) -> Mapping[str, list[str]]:
        """For each dataset the ones that need it directly."""
        return {name: [d.name for d in self if name in d.upstream] for name in self.datasets}

    @property
    def deliveries(self) -> Path:
        """The folder that `path` of a source counts from."""
        return self.root / "sources"


def load_repository(root: Path) -> Repository:
    """Read every descriptor below `root`. Raises ConfigurationError at the first that can't be used."""
    city = _read(root / "schemas" / CITY_FILE, City)[0]
    names = _names(root / "schemas") | _names(root / "sources")
    datasets = {name: _dataset(root, name) for name in sorted(names)}
    for dataset in datasets.values():
        _check_references(root, dataset, datasets, city)
    return Repository(root, city, {name: datasets[name] for name in _ordered(root, datasets)})


def _names(folder: Path) -> set[str]:
    paths = [path for path in folder.glob("*.yaml") if not path.stem.startswith("_")]
    for path in paths:
        if not re.fullmatch(NAME_PATTERN, path.stem) or path.stem in RESERVED:
            form, taken = NAME_PATTERN, ", ".join(sorted(RESERVED))
            expected = {"expected_ja": f"{form}（{taken} を除く）", "expected_en": f"{form}, not {taken}"}
            raise _error("config.value", path, 0, path.stem, {"key": "(file name)", **expected})
    return {path.stem for path in paths}


def _dataset(root: Path, name: str) -> Dataset:
    schema, schema_bytes = _read(root / "schemas" / f"{name}.yaml", Schema)
    source, source_bytes = _read(root / "sources" / f"{name}.yaml", Source)
    return Dataset(name, schema, source, schema_bytes, source_bytes)


def _read(path: Path, model: type[D]) -> tuple[D, bytes]:
    if not path.is_file() and path.name == CITY_FILE:
        raise _error("config.no_city", path, 0, "", {"folder": str(path.parent.parent)})
    if not path.is_file():
        other = "sources" if path.parent.name == "schemas" else "schemas"
        raise _error("config.missing_twin", path, 0, "", {"other": f"{other}/{path.name}"})
    content = path.read_bytes()
    try:
        tree = _tree(content)
        return model.model_validate(tree), content
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _error("config.yaml", path, line, str(error.problem), {}) from error
    except ReaderError as error:
        line = content.count(b"\n", 0, error.position) + 1
        raise _error("config.yaml", path, line, str(error.reason), {}) from error
    except ValidationError as error:
        first = error.errors()[0]
        expected = expected_of(first)
        facts = {"key": ".".join(map(str, first["loc"])), "expected_ja": expected.ja, "expected_en": expected.en}
        found = "" if isinstance(first["input"], dict) else str(first["input"])
        raise _error(_code(first["type"]), path, _line(tree, first["loc"]), found, facts) from error


@lru_cache(maxsize=4096)
def _tree(content: bytes) -> object:
    """The YAML tree with its line numbers. Parsing is slow, and one process asks for the same files again and again."""
    return YAML(typ="rt", pure=True).load(content)


def _code(kind: str) -> str:
    return {"extra_forbidden": "config.unknown_key", "missing": "config.missing_key"}.get(kind, "config.value")


def _error(code: str, path: Path, line: int, found: str, facts: dict[str, str]) -> ConfigurationError:
    place = Place(file=f"{path.parent.name}/{path.name}", line=line)
    return ConfigurationError(Finding(code, place, found, facts))


def _line(tree: object, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `location` that the file has; 1 when it has none."""
    line = 1
    for part in location:
        marks = getattr(getattr(tree, "lc", None), "data", None) or {}
        if part not in marks:
            return line
        line = marks[part][0] + 1
        tree = tree[part]  # type: ignore[index]
    return line


def _check_references(root: Path, dataset: Dataset, datasets: Mapping[str, Dataset], city: City) -> None:
    """What one file can't know: other datasets, departments, licences, and the twin's field names."""
    schema, source = dataset.schema, dataset.source
    _known(root, dataset, "schemas", "department", [schema.department], city.departments)
    _known(root, dataset, "schemas", "licence", [schema.licence], city.licences)
    _known(root, dataset, "schemas", "foreignKeys", [k.reference.dataset for k in schema.foreignKeys], datasets)
    _known(root, dataset, "sources", "inputs", source.inputs, datasets)
    for key in schema.foreignKeys:
        _known(
            root, dataset, "schemas", "foreignKeys", key.reference.fields, datasets[key.reference.dataset].schema.names
        )
    if source.kind == "derived":
        return
    supplied = _supplied(source)
    for part, names in _mentioned(source).items():
        where = part if part in source.model_fields_set else "tables"
        _known(root, dataset, "sources", where, sorted(names), supplied)
    _known(root, dataset, "sources", "columns", sorted(supplied - _helpers(source)), schema.names)
    if source.sql is None:
        _known(root, dataset, "schemas", "fields", schema.names, supplied)


def _supplied(source: Source) -> set[str]:
    """The names of everything that reading a delivery yields."""
    unpivots = [layout.unpivot for layout in source.layouts if layout.unpivot]
    unpivoted = {name for u in unpivots for name in (u.into, u.value) if name}
    alone = {name for layout in source.layouts for name in (*layout.constants, *layout.cells)}
    headings = {layout.section.into for layout in source.layouts if layout.section}
    return set(source.columns) | unpivoted | alone | headings


def _mentioned(source: Source) -> dict[str, set[str]]:
    """The fields that other parts of a source work on; a slip there would let a total through, say."""
    return {
        "skip": {skip.field for layout in source.layouts for skip in layout.skip},
        "section": {layout.section.field for layout in source.layouts if layout.section},
        "fill_down": {name for layout in source.layouts for name in layout.fill_down},
        "corrections": {name for c in source.corrections for name in (*c.where, c.field)},
    }


def _helpers(source: Source) -> set[str]:
    """Names that may stand in a source without being published: what its SQL or its skips work on."""
    if source.sql is not None:
        return _supplied(source)
    return {skip.field for layout in source.layouts for skip in layout.skip}


def _known(
    root: Path,
    dataset: Dataset,
    folder: str,
    key: str,
    names: list[str],
    known: Mapping[str, object] | set[str] | list[str],
) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        path = root / folder / f"{dataset.name}.yaml"
        facts = {"key": key, "known": ", ".join(sorted(known)[:12])}
        raise _error("config.unknown_name", path, _line_of(path, key), ", ".join(unknown), facts)


def _line_of(path: Path, key: str) -> int:
    return _line(_tree(path.read_bytes()), (key,))


def _ordered(root: Path, datasets: Mapping[str, Dataset]) -> list[str]:
    try:
        return list(TopologicalSorter({name: d.upstream for name, d in datasets.items()}).static_order())
    except CycleError as error:
        circle = error.args[1]
        path, line = _mention(root, datasets[circle[1]], circle[0])
        raise _error("config.circle", path, line, " → ".join(circle), {}) from error


def _mention(root: Path, dataset: Dataset, other: str) -> tuple[Path, int]:
    """The file and line in which a dataset says that it needs another."""
    folder, key = ("sources", "inputs") if other in dataset.inputs else ("schemas", "foreignKeys")
    path = root / folder / f"{dataset.name}.yaml"
    return path, _line_of(path, key)
