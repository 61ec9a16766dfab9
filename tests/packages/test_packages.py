"""Every published package is what the standards say, and its CSV and its Parquet are the same table."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import Package
from jsonschema import Draft7Validator

from pipelines.night import Night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY
from tests.packages.released import Published, current, published
from tests.packages.synthetic import NAMES, SOURCE, as_csv, hard_rows, synthetic_town

Whole = tuple[Pipeline, Night]
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SNIPPETS = ("read_with_pandas", "read_with_duckdb", "read_with_polars")


@pytest.fixture(scope="session")
def catalogue(city: Whole) -> Path:
    """The catalogue of the whole city."""
    return city[0].catalogues[0].root


@pytest.fixture(scope="session")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of a synthetic dataset that has every hard value."""
    town = synthetic_town(tmp_path_factory.mktemp("hard"), as_csv(hard_rows()))
    town.night()
    return town.home / "catalogue"


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of the synthetic dataset after a second release, with changes of every type of value."""
    town = synthetic_town(tmp_path_factory.mktemp("second"), as_csv(hard_rows()))
    town.night()
    turned = [[code, *row] for [code, *_], [_, *row] in zip(hard_rows()[1:], hard_rows()[:-1], strict=True)]
    (town.root / "sources/deliveries/synthetic.csv").write_text(as_csv(turned), encoding="utf-8", newline="")
    town.night()
    return town.home / "catalogue"


def faults(packages: Sequence[Published], fault: Callable[[Published], object]) -> dict[str, object]:
    """What is wrong with each package; nothing for those that are well."""
    return {str(package): found for package in packages if (found := fault(package))}


# The standards


def frictionless_errors(package: Published) -> object:
    report = Package(str(package.descriptor)).validate()
    return None if report.valid else report.flatten(["type", "message"])


@cache
def official_profile() -> Draft7Validator:
    """The official profile of Data Package v2, as the standard's own library dplib-py carries it."""
    return Draft7Validator(json.loads((files("dplib") / "profiles" / "2.0" / "datapackage.json").read_text("utf-8")))


def profile_errors(package: Published) -> object:
    return [error.message for error in official_profile().iter_errors(package.package)]


def test_frictionless_finds_every_package_valid(catalogue: Path) -> None:
    """frictionless validates every descriptor, at the stable address and in the release, with all its files."""
    assert faults(published(catalogue), frictionless_errors) == {}


def test_the_parquet_carries_the_dictionary(catalogue: Path) -> None:
    """Titles, units and descriptions of every field stand in the file's metadata, as in its package."""

    def fault(package: Published) -> object:
        words = json.loads(pq.read_metadata(package.parquet).metadata[b"table_schema"])
        return None if words == package.table["schema"] else words

    assert faults(current(catalogue), fault) == {}


def test_every_dataset_of_the_city_has_both_descriptors(city: Whole, catalogue: Path) -> None:
    """Each dataset has a descriptor at its stable address and one in the folder of its release."""
    found = [package.name for package in published(catalogue)]
    assert sorted(found) == sorted([*city[0].repository.datasets] * 2)


def test_the_command_frictionless_validate_passes(catalogue: Path) -> None:
    """The command that outsiders run finds a package valid, from any folder."""
    command = [Path(sys.executable).with_name("frictionless"), "validate", catalogue / "kpi_progress/datapackage.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=catalogue.parent)
    assert done.returncode == 0, done.stdout


def test_every_package_has_the_official_profile(catalogue: Path) -> None:
    """Every descriptor names the profile of Data Package v2 and meets its JSON Schema."""
    assert {package.package["$schema"] for package in published(catalogue)} == {PROFILE}
    assert faults(published(catalogue), profile_errors) == {}


def test_the_official_profile_refuses_what_it_should(catalogue: Path) -> None:
    """The profile used here is not an empty one: it refuses a resource without path and a type it doesn't know."""
    package = current(catalogue)[0].package
    del package["resources"][0]["path"]
    package["resources"][1]["type"] = "file"
    assert len(list(official_profile().iter_errors(package))) == 2


def test_a_second_release_is_valid_with_its_changes(second: Path) -> None:
    """A package that has changes.csv passes frictionless and the profile, whatever types its values have."""
    assert [len(package.package["resources"]) for package in published(second)] == [5, 4, 5]
    assert faults(published(second), frictionless_errors) == {}
    assert faults(published(second), profile_errors) == {}


def test_the_hard_values_are_valid(hard: Path) -> None:
    """frictionless reads every hard value with the types of the descriptor."""
    assert faults(published(hard), frictionless_errors) == {}


# The descriptor tells the truth


def wrong_facts(package: Published) -> object:
    resources = package.package["resources"]
    told = [(r["path"], r["bytes"], r["hash"]) for r in resources]
    content = [package.path(r).read_bytes() for r in resources]
    true = [
        (r["path"], len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
        for r, data in zip(resources, content, strict=True)
    ]
    return None if told == true else (told, true)


def test_bytes_and_hashes_are_those_of_the_files(catalogue: Path) -> None:
    """Every resource has the length and sha256 that its descriptor states."""
    assert faults(published(catalogue), wrong_facts) == {}


def test_rows_are_those_of_the_table(catalogue: Path) -> None:
    """`rows` in the descriptor is the number of rows."""
    packages = current(catalogue)
    assert {p.name: p.package["rows"] for p in packages} == {
        p.name: pq.read_table(p.parquet).num_rows for p in packages
    }


def test_names_are_unique(catalogue: Path) -> None:
    """No two packages share a name or an id, and no two resources of one package a name."""
    packages = [package.package for package in current(catalogue)]
    for key in ("name", "id"):
        assert len({package[key] for package in packages}) == len(packages)
    assert all(len({r["name"] for r in p["resources"]}) == len(p["resources"]) for p in packages)


def test_the_stable_descriptor_names_the_files_of_one_release(catalogue: Path) -> None:
    """At the stable address every path leads into the folder of the version that the descriptor has."""
    for package in current(catalogue):
        folders = {Path(r["path"]).parent.as_posix() for r in package.package["resources"]}
        assert folders == {f"releases/{package.package['version']}"}


def test_titles_are_in_both_languages(catalogue: Path) -> None:
    """Package, contributors and every field have their title in Japanese and in English."""
    for package in current(catalogue):
        whole = package.package
        for titled in (whole, *whole["contributors"], *package.table["schema"]["fields"]):
            assert titled["title"] == titled["title@ja"]
            assert titled["title@en"]


def test_no_clock_and_no_machine_in_a_release(catalogue: Path) -> None:
    """No descriptor or provenance has a time of making or a path of this machine."""
    clock = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
    for path in catalogue.glob("*/releases/*/*.json"):
        text = path.read_text("utf-8")
        assert not clock.search(text)
        assert str(catalogue.parent) not in text
        assert str(REPOSITORY) not in text
        assert "created" not in json.loads(text)


def names_in(part: object) -> set[str]:
    """Every name of a property in a JSON document, or in the properties of a JSON Schema."""
    if isinstance(part, dict):
        return set(part) | {name for inner in part.values() for name in names_in(inner)}
    return {name for inner in part for name in names_in(inner)} if isinstance(part, list) else set()


def test_what_is_beyond_the_standard_is_documented(catalogue: Path) -> None:
    """docs/formats.md tells of every property of a package, resource, schema or field that the profile doesn't have."""
    told = set(re.findall(r"`([^`]+)`", (REPOSITORY / "docs" / "formats.md").read_text("utf-8")))
    for package in published(catalogue):
        whole = package.package
        parts = [whole, *whole["resources"], package.table["schema"], *package.table["schema"]["fields"]]
        own = {name for part in parts for name in part} - names_in(official_profile().schema)
        assert own <= told


# The form of the CSV


def texts_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def records_of(path: Path) -> list[str]:
    """The records of a CSV whose texts hold no line break."""
    return path.read_bytes().decode("utf-8").split("\r\n")


def test_a_csv_is_utf8_without_mark_and_ends_records_as_rfc_4180_says(catalogue: Path) -> None:
    """Every CSV is UTF-8 without a byte order mark, and every record, the last too, ends with CR LF."""
    for package in current(catalogue):
        content = package.csv.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\r\n")
        assert len(records_of(package.csv)) == len(texts_of(package.csv)) + 1


def canonical(record: str, strings: Sequence[bool]) -> str:
    """The one way to write a record: texts quoted, and numbers, times and missing values not."""
    cells = zip(next(csv.reader([record])), strings, strict=True)
    return ",".join('"{}"'.format(cell.replace('"', '""')) if string and cell else cell for cell, string in cells)


def written_otherwise(package: Published) -> object:
    strings = [field["type"] == "string" for field in package.table["schema"]["fields"]]
    return [record for record in records_of(package.csv)[:-1] if record != canonical(record, strings)]


def test_texts_are_quoted_and_nothing_else(catalogue: Path) -> None:
    """In every CSV a text is quoted, and numbers, times and missing values are not."""
    assert faults(current(catalogue), written_otherwise) == {}


def unsorted(package: Published) -> object:
    names = ", ".join(f'"{name}"' for name in package.table["schema"]["primaryKey"])
    query = f"SELECT list(k) = list(k ORDER BY k) FROM (SELECT ({names}) AS k FROM '{package.parquet}')"
    return duckdb.sql(query).fetchall() != [(True,)]


def test_rows_are_in_primary_key_order(catalogue: Path) -> None:
    """Every table is sorted by its primary key."""
    assert faults(current(catalogue), unsorted) == {}


# Anyone can open it


def opened_by_pandas(path: Path) -> tuple[list[str], int]:
    frame = pd.read_csv(path)
    return list(frame.columns), len(frame)


def opened_by_duckdb(path: Path) -> tuple[list[str], int]:
    relation = duckdb.read_csv(str(path))
    return relation.columns, len(relation.fetchall())


def opened_by_polars(path: Path) -> tuple[list[str], int]:
    frame = pl.read_csv(path)
    return frame.columns, frame.height


OPENERS = (opened_by_pandas, opened_by_duckdb, opened_by_polars)


@pytest.mark.parametrize("opened", OPENERS)
def test_a_csv_opens_without_options(catalogue: Path, hard: Path, opened: Callable[[Path], object]) -> None:
    """Every CSV opens without an option, with the columns of its descriptor and all its rows."""

    def other(package: Published) -> object:
        found, expected = opened(package.csv), (package.fields, package.package["rows"])
        return None if found == expected else (found, expected)

    assert faults([*current(catalogue), *current(hard)], other) == {}


# The types of datapackage.json make the CSV the same table as the Parquet


def snippet(name: str) -> ModuleType:
    """A snippet as it is shipped."""
    spec = spec_from_file_location(name, REPOSITORY / "docs" / "snippets" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_by(name: str, descriptor: Path) -> pa.Table:
    """What a snippet reads, as an Arrow table with plain string columns."""
    frame = snippet(name).read(str(descriptor.parents[1]), descriptor.parent.name)
    if name == "read_with_polars":
        return plain(frame.to_arrow())
    return plain(
        pa.Table.from_pandas(frame, preserve_index=False) if isinstance(frame, pd.DataFrame) else frame.to_arrow_table()
    )


def plain(table: pa.Table) -> pa.Table:
    """The same table in the one Arrow type that Parquet's type has."""
    kinds = {pa.large_string(): pa.string(), pa.string_view(): pa.string()}
    fields = [pa.field(f.name, kinds.get(f.type, f.type)) for f in table.schema]
    return table.cast(pa.schema(fields)).replace_schema_metadata(None)


def differs_from_parquet(name: str, package: Published) -> object:
    read, released = read_by(name, package.descriptor), plain(pq.read_table(package.parquet))
    return None if read.equals(released) else (read.schema, released.schema)


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_csv_with_the_types_of_its_descriptor_is_the_parquet(catalogue: Path, name: str) -> None:
    """Read by the shipped snippet, every CSV of the city equals its Parquet, in types and in every value."""
    assert faults(published(catalogue), lambda package: differs_from_parquet(name, package)) == {}


@pytest.mark.parametrize("name", SNIPPETS)
def test_hard_values_come_through_the_csv(hard: Path, name: str) -> None:
    """The same holds for leading zeros, `NA`, line breaks, quotes, 18 digits, fractions of a second, and blanks."""
    assert faults(published(hard), lambda package: differs_from_parquet(name, package)) == {}


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_a_few_lines(name: str) -> None:
    """What is shipped for each tool fits on a screen."""
    assert len((REPOSITORY / "docs" / "snippets" / f"{name}.py").read_text("utf-8").splitlines()) <= 50


def expected_texts() -> dict[str, list[str | None]]:
    """The texts of the hard rows by code, nothing for a blank."""
    return {row[0]: [text or None for text in row] for row in hard_rows()}


def test_the_parquet_has_the_delivered_texts(hard: Path) -> None:
    """Texts and codes are published character by character, and blanks as nothing."""
    table = pq.read_table(current(hard)[0].parquet, columns=["code", "text"]).to_pylist()
    expected = expected_texts()
    assert {row["code"]: row["text"] for row in table} == {code: row[1] for code, row in expected.items()}


def test_the_parquet_has_the_delivered_decimals(hard: Path) -> None:
    """Decimals of 18 digits are exact."""
    table = pq.read_table(current(hard)[0].parquet, columns=["code", "amount"]).to_pylist()
    place = NAMES.index("amount")
    expected = {code: row[place] and Decimal(row[place]) for code, row in expected_texts().items()}
    assert {row["code"]: row["amount"] for row in table} == expected


def test_the_parquet_has_the_delivered_times(hard: Path) -> None:
    """A moment keeps its fraction of a second, and a day, month and year are what was delivered."""
    columns = ["code", "moment", "day", "month", "year", "whole"]
    table = pq.read_table(current(hard)[0].parquet, columns=columns).to_pylist()

    def shown(value: object) -> str | None:
        return value.isoformat() if hasattr(value, "isoformat") else None if value is None else str(value)

    found = {row["code"]: [shown(row[name]) for name in columns] for row in table}
    expected = {code: [row[NAMES.index(name)] for name in columns] for code, row in expected_texts().items()}
    expected = {code: [text and text.replace(".25", ".250000") for text in row] for code, row in expected.items()}
    assert found == expected


# changes.csv


def test_changes_have_values_in_the_form_of_the_csv(second: Path) -> None:
    """Old and new values in changes.csv are the texts that the two CSV files have."""
    versions = sorted((second / "synthetic/releases").iterdir())
    old, new = (_by_code(texts_of(folder / "synthetic.csv")) for folder in versions)
    header, *changes = texts_of(versions[1] / "changes.csv")
    assert header == ["change", "code", "field", "old", "new"]
    changed = [[code, field, was, now] for change, code, field, was, now in changes if change == "changed"]
    expected = [
        [code, field, old[code][field], new[code][field]]
        for code in sorted(old.keys() & new.keys())
        for field in sorted(NAMES[1:])
        if old[code][field] != new[code][field]
    ]
    assert changed == expected


def _by_code(rows: list[list[str]]) -> dict[str, dict[str, str]]:
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


@pytest.mark.parametrize(
    ("declared", "becomes"),
    [
        ("text, type: string", "text, type: integer"),
        ("code, type: string", "code, type: integer"),
        ("whole, type: integer", "whole, type: number, decimals: 1"),
        ("year, type: year", "year, type: string"),
    ],
)
def test_a_field_that_changes_its_type_makes_a_major_release(tmp_path: Path, declared: str, becomes: str) -> None:
    """A release after a change of type has its difference, even where old values don't fit the new type."""
    town = synthetic_town(tmp_path, as_csv([["A1", "NA", "", "1", "", "2020", "", "", ""]]))
    town.night()
    schema = town.root / "schemas" / "synthetic.yaml"
    schema.write_text(schema.read_text("utf-8").replace(declared, becomes), encoding="utf-8")
    delivery = as_csv([["1", "7", "", "1", "", "2020", "", "", ""]])
    (town.root / "sources/deliveries/synthetic.csv").write_text(delivery, encoding="utf-8")
    night = town.night()
    assert [(r.outcome, r.ref and r.ref.version) for r in night.results] == [("published", "2.0.0")]
    assert faults(published(town.home / "catalogue"), frictionless_errors) == {}


# An empty text is no value


def test_a_pattern_that_finds_an_empty_text_finds_no_value(tmp_path: Path) -> None:
    """Where the bracketed part of a pattern is empty, nothing is published, so CSV and Parquet agree."""
    source = SOURCE.replace("text: text", "text: {headers: [text], pattern: '^(.*?)x?$', optional: true}")
    town = synthetic_town(tmp_path, as_csv([["1", "x", *[""] * 7], ["2", "yx", *[""] * 7]]), source=source)
    town.night()
    package = current(town.home / "catalogue")[0]
    assert pq.read_table(package.parquet)["text"].to_pylist() == [None, "y"]


def test_a_derived_empty_text_is_no_value(tmp_path: Path) -> None:
    """SQL that yields an empty text publishes nothing, so CSV and Parquet agree."""
    town = synthetic_town(tmp_path, as_csv([["1", "a", *[""] * 7]]))
    schema = (town.root / "schemas" / "synthetic.yaml").read_text("utf-8")
    (town.root / "schemas" / "derived.yaml").write_text(schema, encoding="utf-8")
    columns = "SELECT * EXCLUDE (ref) REPLACE ('' AS text), [ref] AS refs FROM synthetic"
    source = f"kind: derived\ninputs: [synthetic]\nsql: {columns}\n"
    (town.root / "sources" / "derived.yaml").write_text(source, encoding="utf-8")
    town.night()
    package = current(town.home / "catalogue")[0]
    assert (package.name, pq.read_table(package.parquet)["text"].to_pylist()) == ("derived", [None])
