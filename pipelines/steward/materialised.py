"""What a materialisation shows. Everything comes from the run's own result and artefacts, so old pages stay true."""

from collections.abc import Mapping
from typing import cast, get_args

import dagster as dg

from pipelines.charts.chart import period_of
from pipelines.findings import Language, Text
from pipelines.intake import arrival_of
from pipelines.night import Result
from pipelines.pipeline import Pipeline
from pipelines.release.record import Manifest
from pipelines.steward import checked, pages
from pipelines.steward.glance import counts, glances
from pipelines.steward.goal import goal_of
from pipelines.steward.lineage import Columns, origins_of
from pipelines.steward.links import Links, Spot
from pipelines.steward.rows import Shelf
from pipelines.words import STATES

Values = Mapping[str, dg.MetadataValue]

_VERSION = "版 / version"
_DELIVERY = "提出ファイル / delivery"


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


def metadata(pipeline: Pipeline, links: Links, result: Result, stage: str) -> Values:
    """What a materialisation of one asset shows."""
    if stage == "delivery":
        return _delivery(pipeline, links, result)
    shown = result.manifest
    assert shown is not None
    if shown.is_taken:  # nothing of its files may be shown again
        return _verdict(result, shown)
    own: Values = {}
    if stage == "table":
        own = _columns(pipeline, shown)
    elif stage == "release":
        own = {**_pages(pipeline, links, shown), **_same_columns(pipeline, shown)}
    return {**_verdict(result, shown), **own, **_addresses(pipeline, links, shown)}


def _delivery(pipeline: Pipeline, links: Links, result: Result) -> Values:
    assert result.delivery is not None
    sha256, file = result.delivery.sha256, result.delivery.file
    came = arrival_of(pipeline.store, result.name, sha256)
    return {
        "ファイル名 / file": dg.MetadataValue.text(file),
        "受領日 / received": dg.MetadataValue.text(came.day.isoformat() if came else "—"),
        "SHA-256": dg.MetadataValue.text(sha256),
        _DELIVERY: dg.MetadataValue.url(links.cell(Spot(sha256, file, "", ""))),
        "確認結果 / check result": dg.MetadataValue.url(links.report(sha256, file, result.name)),
        "判定 / verdict": _both(STATES[result.outcome]),
        **checked.metadata(links, result, result.findings),
    }


def _verdict(result: Result, shown: Manifest) -> Values:
    """What the run came to, in a line each."""
    passed, of = sum(bool(check["passed"]) for check in result.checks), len(result.checks)
    outcome = STATES[result.outcome]
    checks = Text(f"検査 {passed}/{of} 合格", f"{passed} of {of} checks passed")
    period = [period_of(shown.build.description, language) for language in get_args(Language)]
    return {
        "判定 / verdict": _both(Text(f"{outcome.ja}、{checks.ja}", f"{outcome.en}, {checks.en}")),
        _VERSION: dg.MetadataValue.text(shown.version),
        "dagster/row_count": dg.MetadataValue.int(shown.build.count),
        "期間 / period": _both(Text(*period)),
        "変更 / changes": _both(Text(counts(shown, "ja"), counts(shown, "en"))),
    }


def _both(text: Text) -> dg.MetadataValue:
    return dg.MetadataValue.text(f"{text.ja} / {text.en}" if text.ja else "—")


def _pages(pipeline: Pipeline, links: Links, shown: Manifest) -> Values:
    """The whole release on one page, in each language."""
    pages = glances(Shelf(pipeline.store, links), shown, goal_of(pipeline, shown.name))
    return {
        "この版（グラフ・変更・行）": dg.MetadataValue.md(pages["ja"]),
        "this release (chart, changes, rows)": dg.MetadataValue.md(pages["en"]),
    }


def _columns(pipeline: Pipeline, shown: Manifest) -> Values:
    """The columns of the table, and what each was read from: a header, or columns of other releases."""
    origins = origins_of(pipeline, shown)
    names = [column.name for column in pages.column_schema(shown.build.table_schema).columns]
    is_derived = any(table != shown.name for found in origins.values() for table, _ in found)
    lineage = pages.column_lineage(
        {name: origins.get(name, ()) for name in names}, "release" if is_derived else "delivery"
    )
    return {**_schema(shown, origins), "dagster/column_lineage": dg.MetadataValue.column_lineage(lineage)}


def _same_columns(pipeline: Pipeline, shown: Manifest) -> Values:
    schema = pages.column_schema(shown.build.table_schema)
    same = pages.same_columns(shown.name, [column.name for column in schema.columns])
    return {
        **_schema(shown, origins_of(pipeline, shown)),
        "dagster/column_lineage": dg.MetadataValue.column_lineage(pages.column_lineage(same, "table")),
    }


def _schema(shown: Manifest, origins: Columns) -> Values:
    schema = pages.column_schema(shown.build.table_schema, pages.origins_told(shown.name, origins))
    return {"dagster/column_schema": dg.MetadataValue.table_schema(schema)}


def _addresses(pipeline: Pipeline, links: Links, shown: Manifest) -> Values:
    """Delivery, check report, package and catalogue pages."""
    found = dict(_origin(pipeline, links, shown))
    found["データパッケージ / package"] = links.package(shown.name, shown.version)
    found["カタログ / catalogue page"] = links.page(shown.name)
    found["CKAN"] = links.ckan_page(shown.name)
    return {label: dg.MetadataValue.url(address) for label, address in found.items() if address}


def _origin(pipeline: Pipeline, links: Links, shown: Manifest) -> dict[str, str]:
    """The sheet that the release was read from; a derived one has none."""
    parts = cast("list[Mapping[str, object]]", pipeline.store.read_json(shown.file("provenance.json"))["parts"])
    if not parts:
        return {}
    sha256, file, sheet = (str(parts[0][key]) for key in ("sha256", "file", "sheet"))
    return {
        _DELIVERY: links.cell(Spot(sha256, file, sheet, "")),
        "確認結果 / check result": links.report(sha256, file, shown.name),
    }
