"""What Dagster's pages say of a dataset before any run: descriptions, checks, columns and where they come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import dagster as dg

from pipelines.contract.table_schema import Json, table_schema
from pipelines.datasets import Dataset, Repository
from pipelines.findings import Finding, Text
from pipelines.steward.lineage import Columns

STAGES = ("delivery", "table", "release", "catalogue")

_STAGE_TEXTS = {
    "delivery": Text(
        "所管課から届いたファイル（内容のハッシュ値で保管）",
        "The file as the department handed it in, archived by its hash",
    ),
    "table": Text(
        "データ定義（スキーマ）の型で読み取り、検査した表", "The table, read with the types of the contract and checked"
    ),
    "release": Text("版のついたデータパッケージ（変更されない）", "The versioned data package, which never changes"),
    "catalogue": Text("公開中のカタログ", "What the catalogue shows"),
}

MOST_ORIGINS = 6  # of one column, in a line
_DAGSTER_TYPES = {"number": "decimal", "integer": "bigint", "string": "text"}


@dataclass(frozen=True)
class PageCheck:
    """One asset check of a table, and which findings belong to it."""

    name: str
    blocking: bool
    title: Text
    covers: Callable[[Finding], bool]


GUARDS = "guard."


def _is_contract(finding: Finding) -> bool:
    return finding.code.startswith(("constraint.", "key.", "rule."))


def _is_reading(finding: Finding) -> bool:
    return not finding.code.startswith(("constraint.", "key.", "rule.", GUARDS))


CHECKS = (
    PageCheck(
        "readable",
        True,
        Text(
            "提出ファイルが定義どおりで、すべてのセルを読み取れる",
            "The delivery is as declared and every cell can be read",
        ),
        lambda f: f.severity == "error" and _is_reading(f),
    ),
    PageCheck(
        "contract",
        True,
        Text(
            "データ定義の制約をすべて満たす（満たさない間は公開しない）",
            "Every constraint of the contract holds; nothing goes out until it does",
        ),
        lambda f: f.severity == "error" and _is_contract(f),
    ),
    PageCheck(
        "unsurprising",
        True,
        Text(
            "前回の版との差が大きすぎない（大きい場合は、公開の前に承認を待つ。所管課の誤りとは限らない）",
            "It does not differ too much from the last release; else a steward says first whether it goes out",
        ),
        lambda f: f.code.startswith(GUARDS),
    ),
    PageCheck(
        "plausible",
        False,
        Text(
            "値が妥当な範囲にある（注意のみ、公開は続ける）",
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
        f"{schema.title.ja} / {schema.title.en}\n\n{schema.description.ja}\n\n{schema.description.en}\n\n"
        f"所管 {department.ja} / {department.en}\n\n{notes}"
    )


def stage_description(dataset: Dataset, repository: Repository, stage: str) -> str:
    """The description of one asset of a dataset; lists show its beginning, as it is written."""
    text = _STAGE_TEXTS[stage]
    return f"{description(dataset, repository)}\n\n*{text.ja}* — {text.en}"


def kinds(dataset: Dataset, stage: str) -> set[str]:
    """The badges of an asset."""
    suffix = "sql" if dataset.source.kind == "derived" else dataset.source.whereabouts.rpartition(".")[2]
    return {"delivery": {suffix}, "table": {"duckdb"}, "release": {"parquet", "csv"}, "catalogue": {"file"}}[stage]


def tags(dataset: Dataset) -> dict[str, str]:
    """Tags by which assets are found: frequency, and each SDG goal."""
    goals = {target.partition(".")[0] for target in dataset.schema.sdgs}
    return {"frequency": dataset.schema.update_frequency, **{f"sdg/{goal}": "" for goal in sorted(goals)}}


def definition_metadata(dataset: Dataset, stage: str) -> dict[str, object]:
    """What is known before any run: columns, and which column comes from which."""
    if stage == "delivery":
        return {"path": dataset.source.whereabouts}
    found: dict[str, object] = {"dagster/column_schema": column_schema(table_schema(dataset.schema))}
    if stage == "release":
        found["dagster/column_lineage"] = column_lineage(same_columns(dataset.name, dataset.schema.names), "table")
    elif stage == "table" and dataset.source.kind != "derived":
        headers = _from_headers(dataset)
        told = origins_told(dataset.name, headers)
        found["dagster/column_schema"] = column_schema(table_schema(dataset.schema), told)
        found["dagster/column_lineage"] = column_lineage(headers, "delivery")
    return found


def column_schema(document: Json, origins: Mapping[str, str] | None = None) -> dg.TableSchema:
    """The columns of a Table Schema, with titles, units and constraints; and where each comes from.

    The UI that a city runs shows no `dagster/column_lineage` (Dagster+ does), but it shows descriptions of columns.
    """
    key = cast("list[str]", document["primaryKey"])
    fields = cast("list[Json]", document["fields"])
    return dg.TableSchema([_column(field, key, (origins or {}).get(str(field["name"]), "")) for field in fields])


def origins_told(name: str, origins: Columns) -> dict[str, str]:
    """Of each column, for people: the headers of the delivery, or columns of other datasets."""
    return {column: f" ← {_told(name, found)}" for column, found in origins.items() if found}


def _told(name: str, found: Sequence[tuple[str, str]]) -> str:
    texts = [f"「{column}」" if table == name else f"{table}.{column}" for table, column in found]
    return ", ".join([*texts[:MOST_ORIGINS], *(["…"] if len(texts) > MOST_ORIGINS else [])])


def _column(field: Json, key: Sequence[str], origin: str) -> dg.TableColumn:
    name, kind = str(field["name"]), str(field["type"])
    rules = cast("Json", field.get("constraints") or {})
    unit = f" [{field['unit']}]" if "unit" in field else ""
    return dg.TableColumn(
        name,
        _DAGSTER_TYPES.get(kind, kind),
        description=f"{field['title@ja']} / {field['title@en']}{unit}{origin}",
        constraints=dg.TableColumnConstraints(
            nullable=not (rules.get("required") or name in key),
            unique=bool(rules.get("unique")),
            other=[f"{rule}: {value}" for rule, value in rules.items() if rule not in {"required", "unique"}],
        ),
    )


def same_columns(name: str, columns: Sequence[str]) -> Columns:
    """Every column from that of the same name."""
    return {column: [(name, column)] for column in columns}


def column_lineage(origins: Columns, stage: str) -> dg.TableColumnLineage:
    """Published column ← columns of assets of the stage before."""
    deps = {
        name: [dg.TableColumnDep(dg.AssetKey([stage, table]), column) for table, column in found]
        for name, found in origins.items()
    }
    return dg.TableColumnLineage(deps)


def _from_headers(dataset: Dataset) -> Columns:
    """The headers that the department has used for each published column."""
    columns = {n: c for n, c in dataset.source.columns.items() if n in dataset.schema.names and c.headers}
    return {name: [(dataset.name, header) for header in column.headers] for name, column in columns.items()}
