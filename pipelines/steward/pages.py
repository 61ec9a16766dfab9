"""What Dagster's pages show of a dataset. Everything comes from descriptors and results, so old pages stay true."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import dagster as dg

from pipelines.datasets import Dataset, Field, Repository
from pipelines.findings import Finding, Text
from pipelines.night import Result
from pipelines.release.record import Manifest

STAGES = ("delivery", "table", "release", "catalogue")

_STAGE_TEXTS = {
    "delivery": Text(
        "所管から届いたファイル（内容のハッシュで保管）",
        "The file as the department handed it in, archived by its hash",
    ),
    "table": Text(
        "契約（スキーマ）の型で読み、検査した表", "The table, read with the types of the contract and checked"
    ),
    "release": Text("版のついたデータパッケージ（変更されない）", "The versioned data package, which never changes"),
    "catalogue": Text("公開中のカタログ", "What the catalogue shows"),
}

_DAGSTER_TYPES = {"number": "decimal", "integer": "bigint", "string": "text"}


@dataclass(frozen=True)
class PageCheck:
    """One asset check of a table, and which findings belong to it."""

    name: str
    blocking: bool
    title: Text
    covers: Callable[[Finding], bool]


def _is_reading(finding: Finding) -> bool:
    return not finding.code.startswith(("constraint.", "key.", "rule."))


CHECKS = (
    PageCheck(
        "readable",
        True,
        Text(
            "提出ファイルの宣言どおりに、すべてのセルが読める", "The delivery is as declared and every cell can be read"
        ),
        lambda f: f.severity == "error" and _is_reading(f),
    ),
    PageCheck(
        "contract",
        True,
        Text(
            "契約の制約をすべて満たす（満たさない間は公開しない）",
            "Every constraint of the contract holds; nothing goes out until it does",
        ),
        lambda f: f.severity == "error" and not _is_reading(f),
    ),
    PageCheck(
        "plausible",
        False,
        Text(
            "値がもっともらしい範囲にある（注意のみ、公開は続ける）",
            "Values are plausible; shown, and goes out all the same",
        ),
        lambda f: f.severity == "warn",
    ),
)


def description(dataset: Dataset, repository: Repository) -> str:
    """A dataset in both languages, as Markdown."""
    schema = dataset.schema
    department = repository.city.departments[schema.department].title
    notes = "\n".join(f"- {note.ja}\n- {note.en}" for note in schema.notes)
    return (
        f"### {schema.title.ja} / {schema.title.en}\n\n{schema.description.ja}\n\n{schema.description.en}\n\n"
        f"所管 {department.ja} / {department.en}\n\n{notes}"
    )


def stage_description(dataset: Dataset, repository: Repository, stage: str) -> str:
    """The description of one asset of a dataset."""
    text = _STAGE_TEXTS[stage]
    return f"**{text.ja}** — {text.en}\n\n{description(dataset, repository)}"


def kinds(dataset: Dataset, stage: str) -> set[str]:
    """The badges of an asset."""
    suffix = (
        "sql"
        if dataset.source.kind == "derived"
        else (dataset.source.path or dataset.source.url or "").rpartition(".")[2]
    )
    return {"delivery": {suffix}, "table": {"duckdb"}, "release": {"parquet", "csv"}, "catalogue": {"file"}}[stage]


def tags(dataset: Dataset) -> dict[str, str]:
    """Tags by which assets are found: frequency, and each SDG goal."""
    goals = {target.partition(".")[0] for target in dataset.schema.sdgs}
    return {"frequency": dataset.schema.update_frequency, **{f"sdg/{goal}": "" for goal in sorted(goals)}}


def definition_metadata(dataset: Dataset, stage: str) -> dict[str, object]:
    """What is known before any run: columns, and which column comes from which."""
    if stage == "delivery":
        return {"path": dataset.source.path or dataset.source.url or ""}
    found: dict[str, object] = {"dagster/column_schema": column_schema(dataset)}
    if stage == "release":
        found["dagster/column_lineage"] = _lineage(dataset, "table", dataset.schema.names)
    elif stage == "table" and dataset.source.kind != "derived":
        found["dagster/column_lineage"] = _from_headers(dataset)
    return found


def column_schema(dataset: Dataset) -> dg.TableSchema:
    """The contract's columns, with titles, units and constraints."""
    return dg.TableSchema([_column(field, dataset) for field in dataset.schema.fields])


def _column(field: Field, dataset: Dataset) -> dg.TableColumn:
    constraints = field.constraints
    others = [
        f"{k}: {v}" for k, v in constraints.model_dump(exclude_defaults=True).items() if k not in {"required", "unique"}
    ]
    unit = f" [{field.unit}]" if field.unit else ""
    key = field.name in dataset.schema.primaryKey
    return dg.TableColumn(
        field.name,
        _DAGSTER_TYPES.get(field.type, field.type),
        description=f"{field.title.ja} / {field.title.en}{unit}",
        constraints=dg.TableColumnConstraints(
            nullable=not (constraints.required or key), unique=constraints.unique, other=others
        ),
    )


def _lineage(dataset: Dataset, stage: str, names: Sequence[str]) -> dg.TableColumnLineage:
    key = dg.AssetKey([stage, dataset.name])
    return dg.TableColumnLineage({name: [dg.TableColumnDep(key, name)] for name in names})


def _from_headers(dataset: Dataset) -> dg.TableColumnLineage:
    """Published column ← the headers that the department has used for it."""
    key = dg.AssetKey(["delivery", dataset.name])
    columns = {n: c for n, c in dataset.source.columns.items() if n in dataset.schema.names and c.headers}
    return dg.TableColumnLineage(
        {n: [dg.TableColumnDep(key, header) for header in c.headers] for n, c in columns.items()}
    )


def is_reached(result: Result, stage: str) -> bool:
    """Whether a run got as far as an asset."""
    if stage == "delivery":
        return result.delivery is not None
    return result.outcome not in {"held", "failed"}


def data_version(result: Result, stage: str) -> str:
    """What an asset's content is known by."""
    if stage == "delivery":
        return result.delivery.sha256 if result.delivery else ""
    return result.ref.identity if result.ref else ""


def metadata(result: Result, stage: str) -> Mapping[str, dg.MetadataValue]:
    """What a materialisation shows."""
    if stage == "delivery":
        assert result.delivery is not None
        return {
            "sha256": dg.MetadataValue.text(result.delivery.sha256),
            "file": dg.MetadataValue.text(result.delivery.file),
        }
    assert result.manifest is not None
    return _STAGE_METADATA[stage](result.manifest, result)


def _table(shown: Manifest, result: Result) -> dict[str, dg.MetadataValue]:
    passed = sum(bool(check["passed"]) for check in result.checks)
    return {
        "dagster/row_count": dg.MetadataValue.int(shown.build.count),
        "checks": dg.MetadataValue.text(f"{passed} / {len(result.checks)}"),
        "period": dg.MetadataValue.json(
            cast("dict[str, object]", shown.build.description.get("temporalCoverage") or {})
        ),
    }


def _release(shown: Manifest, result: Result) -> dict[str, dg.MetadataValue]:
    difference = shown.difference
    return {
        "version": dg.MetadataValue.text(shown.version),
        "outcome": dg.MetadataValue.text(result.outcome),
        "dagster/row_count": dg.MetadataValue.int(shown.build.count),
        **(
            {k: dg.MetadataValue.int(getattr(difference, k)) for k in ("added", "changed", "removed")}
            if difference
            else {}
        ),
    }


def _catalogue(shown: Manifest, _: Result) -> dict[str, dg.MetadataValue]:
    return {
        "version": dg.MetadataValue.text(shown.version),
        "address": dg.MetadataValue.text(f"{shown.name}/datapackage.json"),
    }


_STAGE_METADATA = {"table": _table, "release": _release, "catalogue": _catalogue}


def findings_metadata(findings: Sequence[Finding]) -> dict[str, dg.MetadataValue]:
    """Findings as a table: where, what was found, what to do."""
    if not findings:
        return {"findings": dg.MetadataValue.text("0件・合格 / 0 findings, passed")}
    records = [_record(finding) for finding in findings[:100]]
    return {"total": dg.MetadataValue.int(sum(f.count for f in findings)), "findings": dg.MetadataValue.table(records)}


def _record(finding: Finding) -> dg.TableRecord:
    place = finding.place
    return dg.TableRecord(
        {
            "code": finding.code,
            "file": place.file,
            "sheet": place.sheet,
            "cell": place.cell,
            "field": place.field,
            "found": finding.found,
            "count": finding.count,
            "ja": finding.text("ja"),
            "en": finding.text("en"),
        }
    )
