"""Loading schemas/ and sources/: whatever can't be used is named with file, line, expected, found and remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.datasets import load_repository
from pipelines.errors import ConfigurationError, ExitCode
from pipelines.findings import Finding
from pipelines.findings_registry import REGISTRY
from pipelines.settings import REPOSITORY

CITY = """\
title: {ja: 架空市, en: Imaginary City}
area_code: "14130"
local_government_code: "141305"
homepage: https://example.invalid/
departments:
  environment: {title: {ja: 環境局, en: Environment}}
licences:
  CC-BY-4.0: {title: CC BY 4.0, path: https://creativecommons.org/licenses/by/4.0/}
"""
SCHEMA = """\
title: {ja: ごみ, en: Waste}
description: {ja: 架空の数字, en: Made up}
department: environment
update_frequency: annual
licence: CC-BY-4.0
fields:
  - name: fiscal_year
    type: year
    title: {ja: 年度, en: Fiscal year}
  - name: tonnes
    type: integer
    title: {ja: 量, en: Tonnes}
    unit: t
primaryKey: [fiscal_year]
"""
SOURCE = """\
kind: workbook
path: deliveries/environment/waste.xlsx
header: {rows: [3, 4]}
columns:
  fiscal_year: 年度
  tonnes: [量, 収集量]
"""
DERIVED = """\
kind: derived
inputs: [waste]
sql: SELECT fiscal_year, tonnes, [ref] AS refs FROM waste
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one dataset that loads."""
    put(tmp_path, "schemas/_city.yaml", CITY)
    put(tmp_path, "schemas/waste.yaml", SCHEMA)
    put(tmp_path, "sources/waste.yaml", SOURCE)
    return tmp_path


def put(root: Path, name: str, text: str) -> None:
    """Write one file."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def refusal(root: Path) -> Finding:
    """Why the folder does not load: an error of exit code 2 whose text is whole in both languages."""
    with pytest.raises(ConfigurationError) as caught:
        load_repository(root)
    finding = caught.value.finding
    assert caught.value.exit_code == ExitCode.UNUSABLE
    for language, words in (("ja", ("条件", "対応")), ("en", ("Expected", "Remedy"))):
        text = finding.text(language)  # type: ignore[arg-type]
        assert finding.place.file in text
        assert all(word in text for word in words)
    return finding


def test_the_shipped_repository_loads() -> None:
    """Every pair of files in the repository is sound, and each dataset comes after what it needs."""
    repository = load_repository(REPOSITORY)
    order = list(repository.datasets)
    assert len(order) >= 45
    assert len({dataset.schema.department for dataset in repository}) >= 12
    assert all(order.index(name) < order.index(d.name) for d in repository for name in d.upstream)


def test_short_forms_of_columns_mean_the_same(root: Path) -> None:
    """`name: header` and `name: [headers]` are short for `name: {headers: […]}`."""
    columns = load_repository(root)["waste"].source.columns
    assert [columns[name].headers for name in ("fiscal_year", "tonnes")] == [["年度"], ["量", "収集量"]]


def test_keys_at_the_top_hold_for_every_table(root: Path) -> None:
    """A key of `tables` overrides that of the top, and nothing else of it."""
    put(root, "sources/waste.yaml", SOURCE + "sheet: 表\ntables: [{}, {sheet: 別表, header: {rows: [1]}}]\n")
    first, second = load_repository(root)["waste"].source.layouts
    assert (first.sheet, first.header.rows if first.header else None) == ("表", [3, 4])
    assert (second.sheet, second.header.rows if second.header else None) == ("別表", [1])


class Fault(NamedTuple):
    """One text of a file replaced by another, and what is said of it."""

    file: str
    old: str
    new: str
    code: str
    line: int
    said: str = ""
    found: str = ""
    told_of: str = ""


FAULTS = {
    "unknown key": Fault("schemas", "licence:", "license:", "config.missing_key", 1, "licence"),
    "unknown key beside": Fault(
        "schemas", "    unit: t", "    units: t", "config.unknown_key", 13, "fields.1.units", "t"
    ),
    "unknown key in a source": Fault("sources", "header:", "headers:", "config.unknown_key", 3, "headers"),
    "unknown key deep down": Fault(
        "sources",
        "tonnes: [量, 収集量]",
        "tonnes: {header: 量}",
        "config.unknown_key",
        6,
        "columns.tonnes.header",
        "量",
    ),
    "missing key": Fault("schemas", "department: environment\n", "", "config.missing_key", 1, "department"),
    "missing English": Fault(
        "schemas", "{ja: 量, en: Tonnes}", "{ja: 量}", "config.missing_key", 12, "fields.1.title.en"
    ),
    "wrong type": Fault("sources", "rows: [3, 4]", "rows: third", "config.value", 3, "header.rows", "third"),
    "unknown type": Fault("schemas", "type: integer", "type: numeric", "config.value", 11, "'integer'", "numeric"),
    "unknown frequency": Fault("schemas", "annual", "yearly", "config.value", 4, "'annual'", "yearly"),
    "decimals of no number": Fault(
        "schemas", "    unit: t", "    decimals: 1", "config.value", 10, "a field of type number states its decimals"
    ),
    "bad name": Fault("schemas", "name: tonnes", "name: Tonnes", "config.value", 10, "fields.1.name", "Tonnes"),
    "doubled name": Fault(
        "schemas", "name: tonnes", "name: fiscal_year", "config.value", 1, "two fields have one name"
    ),
    "key of no field": Fault("schemas", "[fiscal_year]", "[year]", "config.value", 1, "no field is named year"),
    "empty key": Fault("schemas", "primaryKey: [fiscal_year]", "primaryKey: []", "config.value", 14, "at least 1 item"),
    "rule without its needs": Fault(
        "schemas",
        "primaryKey:",
        "checks: [{name: no_jump, rule: max_change, field: tonnes}]\nprimaryKey:",
        "config.value",
        14,
        "the rule max_change needs per, limit",
    ),
    "check of no field": Fault(
        "schemas",
        "primaryKey:",
        "checks: [{name: no_gap, rule: complete_periods, per: year}]\nprimaryKey:",
        "config.value",
        1,
        "no field is named year",
    ),
    "pattern that DuckDB lacks": Fault(
        "schemas", "unit: t", "constraints: {pattern: a(?!b)}", "config.value", 13, "without look-around", "a(?!b)"
    ),
    "bad pattern of a constraint": Fault(
        "schemas", "unit: t", 'constraints: {pattern: "("}', "config.value", 13, "constraints.pattern", "("
    ),
    "pattern without a group": Fault(
        "sources", "fiscal_year: 年度", "fiscal_year: {headers: [年度], pattern: 年}", "config.value", 5, "has a group"
    ),
    "bad pattern": Fault("sources", "columns:", 'notes: "※("\ncolumns:', "config.value", 4, "notes", "※("),
    "bad pattern of a skip": Fault(
        "sources", "columns:", 'skip: [{field: tonnes, matching: "["}]\ncolumns:', "config.value", 4, "matching", "["
    ),
    "unknown department": Fault(
        "schemas",
        "department: environment",
        "department: enviroment",
        "config.unknown_name",
        3,
        "environment",
        "enviroment",
    ),
    "unknown licence": Fault("schemas", "CC-BY-4.0", "CC-BY", "config.unknown_name", 5, "CC-BY-4.0", "CC-BY"),
    "column of no field": Fault("sources", "tonnes:", "tons:", "config.unknown_name", 4, "tonnes", "tons"),
    "field without column": Fault(
        "sources", "  tonnes: [量, 収集量]\n", "", "config.unknown_name", 6, "fiscal_year", "tonnes", "schemas"
    ),
    "skip of no field": Fault(
        "sources",
        "columns:",
        "skip: [{field: ward, matching: 計}]\ncolumns:",
        "config.unknown_name",
        4,
        "tonnes",
        "ward",
    ),
    "fill of no field": Fault(
        "sources", "columns:", "fill_down: [ward]\ncolumns:", "config.unknown_name", 4, "tonnes", "ward"
    ),
    "correction of no field": Fault(
        "sources",
        "columns:",
        "corrections: [{where: {year: R1}, field: tons, expect: '1', set: '2', reason: x}]\ncolumns:",
        "config.unknown_name",
        4,
        "tonnes",
        "tons, year",
    ),
    "foreign key to no dataset": Fault(
        "schemas",
        "primaryKey:",
        "foreignKeys: [{fields: [fiscal_year], reference: {dataset: years, fields: [year]}}]\nprimaryKey:",
        "config.unknown_name",
        14,
        "waste",
        "years",
    ),
    "foreign key to no field": Fault(
        "schemas",
        "primaryKey:",
        "foreignKeys: [{fields: [fiscal_year], reference: {dataset: waste, fields: [year]}}]\nprimaryKey:",
        "config.unknown_name",
        14,
        "fiscal_year",
        "year",
    ),
    "no path": Fault(
        "sources", "path: deliveries/environment/waste.xlsx\n", "", "config.value", 1, "either a path or a url"
    ),
    "path and url": Fault(
        "sources", "header:", "url: https://example.invalid/\nheader:", "config.value", 1, "a path or a url"
    ),
    "no YAML": Fault("schemas", "{ja: ごみ, en: Waste}", "{ja: ごみ, en: Waste", "config.yaml", 2),
    "doubled key": Fault("schemas", "unit: t", "type: number", "config.yaml", 13, "YAML", "type"),
    "tab": Fault("schemas", "    unit: t", "\tunit: t", "config.yaml", 13),
    "left open": Fault(
        "schemas",
        "en: Tonnes",
        'en: "TODO: 量"',
        "config.value",
        12,
        "decide what `opendata new` left open",
        "TODO: 量",
    ),
    "name left open": Fault(
        "sources", "  tonnes:", "  TODO_2:", "config.value", 6, "decide what `opendata new` left open", "TODO_2"
    ),
    "unit left open": Fault(
        "schemas", "unit: t", 'unit: "TODO: トン"', "config.value", 13, "decide what `opendata new` left open"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_line_expected_found_and_remedy(root: Path, name: str) -> None:
    """One change to a sound pair of files, and exactly that is told."""
    fault = FAULTS[name]
    path = root / fault.file / "waste.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(fault.old) == 1
    put(root, f"{fault.file}/waste.yaml", text.replace(fault.old, fault.new))
    finding = refusal(root)
    assert (finding.code, finding.place.file) == (fault.code, f"{fault.told_of or fault.file}/waste.yaml")
    assert finding.place.line == fault.line, finding.text("en")
    assert fault.said in finding.text("en")
    assert fault.found in finding.found
    assert "Value error" not in finding.text("en")
    if finding.code == "config.value":  # Pydantic speaks English, a Japanese reader does not
        assert re.search("[ぁ-んァ-ヶ一-龠]", finding.facts["expected_ja"])


@pytest.mark.parametrize("twin", ["schemas", "sources"])
def test_a_missing_twin_is_named(root: Path, twin: str) -> None:
    """The file that is missing is named, and the one that has no twin."""
    (root / twin / "waste.yaml").unlink()
    other = {"schemas": "sources", "sources": "schemas"}[twin]
    finding = refusal(root)
    assert (finding.code, finding.place.file) == ("config.missing_twin", f"{twin}/waste.yaml")
    assert f"{other}/waste.yaml" in finding.text("en")


def test_a_folder_without_a_city_is_named(tmp_path: Path) -> None:
    """A wrong OPENDATA_ROOT is told as such."""
    finding = refusal(tmp_path / "nowhere")
    assert finding.code == "config.no_city"
    assert str(tmp_path / "nowhere") in finding.text("ja")


def test_an_unknown_input_is_named(root: Path) -> None:
    """A derived dataset names datasets that there are."""
    put(root, "schemas/derived.yaml", SCHEMA)
    put(root, "sources/derived.yaml", DERIVED.replace("[waste]", "[waste, plans]"))
    finding = refusal(root)
    assert (finding.code, finding.place.file, finding.place.line) == ("config.unknown_name", "sources/derived.yaml", 2)
    assert (finding.found, "waste" in finding.facts["known"]) == ("plans", True)


def test_a_circle_is_drawn(root: Path) -> None:
    """Datasets that need one another are told with the whole circle."""
    for name, other in (("first", "second"), ("second", "first")):
        put(root, f"schemas/{name}.yaml", SCHEMA)
        put(root, f"sources/{name}.yaml", DERIVED.replace("waste", other))
    finding = refusal(root)
    assert finding.code == "config.circle"
    assert re.fullmatch(r"(first → second → first|second → first → second)", finding.found)
    assert finding.place.line == 2


def test_a_dataset_that_needs_itself_is_a_circle(root: Path) -> None:
    """The smallest circle."""
    put(root, "schemas/own.yaml", SCHEMA)
    put(root, "sources/own.yaml", DERIVED.replace("waste", "own"))
    assert (refusal(root).code, refusal(root).found) == ("config.circle", "own → own")


@pytest.mark.parametrize("name", ["Waste", "waste-2020", "2020_waste"])
def test_a_name_that_can_be_no_table_is_refused(root: Path, name: str) -> None:
    """The stem of both files is a table, a package and a folder."""
    put(root, f"schemas/{name}.yaml", SCHEMA)
    put(root, f"sources/{name}.yaml", SOURCE)
    finding = refusal(root)
    assert (finding.code, finding.found) == ("config.value", name)


@pytest.mark.parametrize("content", [b"title: \x82\xa0", b"", b"- a\n- b\n", b"title: a\x00b"])
def test_a_file_that_is_no_mapping_of_text_is_refused(root: Path, content: bytes) -> None:
    """Other encodings, nothing, a list, control characters: each is told, none is a fault of the program."""
    (root / "schemas" / "waste.yaml").write_bytes(content)
    finding = refusal(root)
    assert finding.code in {"config.yaml", "config.value"}
    assert finding.place.file == "schemas/waste.yaml"


def test_every_kind_of_configuration_error_is_shown_here() -> None:
    """No code of the registry's first part is without a test in this file."""
    shown = {fault.code for fault in FAULTS.values()} | {"config.missing_twin", "config.circle", "config.no_city"}
    assert {code for code in REGISTRY if code.startswith("config.")} == shown
