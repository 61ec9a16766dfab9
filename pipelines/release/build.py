"""A checked typed table → the files of a release, before it has a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.contract.table_schema import table_schema
from pipelines.contract.typed import Typed
from pipelines.datasets import City, Dataset, Repository
from pipelines.datasets.base import Bilingual
from pipelines.durable import sha256_of
from pipelines.reading.read import Part
from pipelines.release.descriptor import Json, describe, own_words
from pipelines.sqltext import identifier
from pipelines.store.store import Store, digest_of


@dataclass(frozen=True, slots=True)
class Build:
    """What a table came to. Its identity is made of three hashes, none of encoded bytes that a library chooses.

    `rows` of the canonical CSV (its form is fixed by docs/formats.md, byte for byte), `contract` of the
    schema, `description` of the descriptor without version, sizes and hashes.
    """

    rows: str
    contract: str
    description_digest: str
    count: int
    description: Json
    table_schema: Json
    files: dict[str, dict[str, object]]
    deliveries: list[dict[str, str]]
    warnings: list[dict[str, object]]
    checks: list[dict[str, object]]

    @property
    def identity(self) -> str:
        """The identity of a release of this table."""
        return digest_of([self.rows, self.contract, self.description_digest])

    @property
    def delivered(self) -> set[str]:
        """The hashes of the deliveries that it was read from."""
        return {delivery["sha256"] for delivery in self.deliveries}

    def as_dict(self) -> Json:
        """JSON form, as kept in the store."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checked:
    """A table that may be published, and where it came from."""

    typed: Typed
    parts: Sequence[Part]
    corrections: Sequence[Json]
    warnings: Sequence[Json]
    checks: Sequence[Json]


def build(
    connection: duckdb.DuckDBPyConnection,
    checked: Checked,
    dataset: Dataset,
    repository: Repository,
    store: Store,
    workshop: Path,
) -> Build:
    """Write the files of a release into the store and describe them."""
    table = checked.typed.relation
    paths = {
        f"{dataset.name}.csv": checked.typed.csv,
        f"{dataset.name}.parquet": checked.typed.table,
        "provenance.parquet": checked.typed.places,
        "provenance.json": _origin(checked, dataset, workshop),
    }
    files = {name: _stored(path, store) for name, path in paths.items()}
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    description = describe(dataset, repository, coverage(connection, table, dataset, repository.city), count)
    return Build(
        rows=str(files[f"{dataset.name}.csv"]["sha256"]),
        # An announcement is of the description, guards are of the way there: neither changes what holds of the rows.
        contract=digest_of(dataset.schema.model_dump(mode="json", exclude={"announce", "guards"})),
        description_digest=digest_of(own_words(description, dataset)),
        count=count,
        description=description,
        table_schema=table_schema(dataset.schema),
        files=files,
        deliveries=sorted({p.sha256: {"sha256": p.sha256, "file": p.file} for p in checked.parts}.values(), key=str),
        warnings=list(checked.warnings),
        checks=list(checked.checks),
    )


def _stored(path: Path, store: Store) -> dict[str, object]:
    size = path.stat().st_size
    return {"sha256": store.put_file(path, sha256_of(path)), "bytes": size}


def _origin(checked: Checked, dataset: Dataset, workshop: Path) -> Path:
    from pipelines.store.store import canonical_json

    path = workshop / "provenance.json"
    columns = {name: c.model_dump(mode="json", exclude_defaults=True) for name, c in dataset.source.columns.items()}
    document = {
        "dataset": dataset.name,
        "parts": [part.as_dict() for part in checked.parts],
        "reading": columns,
        "missing": list(dataset.source.missing),
        "corrections": list(checked.corrections),
        "inputs": list(dataset.source.inputs),
        "sql": dataset.source.sql,
    }
    path.write_bytes(canonical_json(document | _text_form(dataset)))
    return path


def _text_form(dataset: Dataset) -> dict[str, object]:
    """How a text file is read again; nothing is said of what is usual, or told by the bytes themselves."""
    form = {"encoding": dataset.source.encoding, "delimiter": dataset.source.delimiter}
    unusual = {name: value for name, value in form.items() if value not in {"utf-8", "cp932", ","}}
    return {"text": unusual} if unusual else {}


def coverage(connection: duckdb.DuckDBPyConnection, table: str, dataset: Dataset, city: City) -> dict[str, object]:
    """The time and space that the rows cover, computed from them."""
    found: dict[str, object] = {"spatial": _spatial(connection, table, dataset, city)}
    if (field := dataset.schema.period_field) is None:
        return found
    name = identifier(field.name)
    first, last = connection.execute(f"SELECT min({name})::VARCHAR, max({name})::VARCHAR FROM {table}").fetchone() or (
        None,
        None,
    )
    kind = "fiscal_year" if field.name.endswith("fiscal_year") else field.type
    return {**found, "temporal": {"start": first, "end": last, "kind": kind}} if first else found


def _spatial(connection: duckdb.DuckDBPyConnection, table: str, dataset: Dataset, city: City) -> list[Json]:
    codes = [city.area_code]
    if dataset.schema.area:
        area = identifier(dataset.schema.area)
        query = f"SELECT DISTINCT {area} FROM {table} WHERE {area} IS NOT NULL ORDER BY 1"
        codes = [row[0] for row in connection.execute(query).fetchall()]
    names = {code: city.areas.get(code, Bilingual(ja=code, en=code)) for code in codes}
    return [{"code": code, "name@ja": name.ja, "name@en": name.en} for code, name in names.items()]
