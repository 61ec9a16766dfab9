"""One thing changed: exactly what follows from it gets a release, and the release says what changed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from pipelines import plan
from pipelines.night import Night
from pipelines.pipeline import Pipeline, manifest
from pipelines.release import build
from pipelines.release.difference import Difference
from pipelines.settings import REPOSITORY
from pipelines.store import Store
from tests import edits
from tests.kit import Town, deliveries, result, town
from tests.night.towns import add_derived, copied, files, outcomes, touched, versions

WASTE, FARMS, DERIVED = "waste_per_capita", "farm_households", "waste_change"
City = tuple[Pipeline, Night]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A workbook, a cp932 CSV and a derived dataset after their first night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("healthy"), [WASTE, FARMS])
    add_derived(made)
    assert set(outcomes(made.night()).values()) == {"published"}
    return made


@pytest.fixture
def own(healthy: Town, tmp_path: Path) -> Town:
    """A copy of the healthy town, to be changed."""
    return copied(healthy, tmp_path)


def fresh(night: Night) -> dict[str, str]:
    """What a night published, with versions."""
    return {r.name: r.ref.version for r in night.results if r.outcome == "published" and r.ref}


def changes(own: Town, name: str) -> list[dict[str, str]]:
    """The differences that the current release of a dataset tells of."""
    content = (own.home / "catalogue" / name / "changes.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(content)))


def rewrite(path: Path, *replacements: tuple[str, str]) -> None:
    """Replace texts that stand just once in a descriptor."""
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def schema(own: Town, name: str) -> Path:
    return own.root / "schemas" / f"{name}.yaml"


def source(own: Town, name: str) -> Path:
    return own.root / "sources" / f"{name}.yaml"


# -- figures --------------------------------------------------------------------------------------------------------


def test_one_figure_of_the_city_leads_to_two_releases(city: City, tmp_path: Path) -> None:
    """902 becomes 903 in one cell: the dataset and the one derived from it get a patch release, all others nothing."""
    own = Town(tmp_path / "city", tmp_path / "home")
    for part in ("schemas", "sources"):
        shutil.copytree(REPOSITORY / part, own.root / part)
    shutil.copytree(city[0].store.root.parent, own.home, symlinks=True)
    before = files(own.home / "catalogue")
    edits.cells({"B7": "９０３"})(own.delivery(WASTE))
    with deliveries():
        night = own.night()

    assert fresh(night) == {WASTE: "1.0.1", "kpi_progress": "1.0.1"}
    assert {outcome for name, outcome in outcomes(night).items() if name not in fresh(night)} == {"unchanged"}
    assert changes(own, WASTE) == [
        {"change": "changed", "fiscal_year": "2020", "field": "grams_per_person_day", "old": "902", "new": "903"}
    ]
    assert {tuple(row.values()) for row in changes(own, "kpi_progress")} >= {
        ("changed", "K08", "total", "2020", "value", "902.00", "903.00")
    }
    assert {row["indicator_id"] for row in changes(own, "kpi_progress")} == {"K08"}
    changed = touched(before, files(own.home / "catalogue"))
    tops = {path.split("/")[0] for path in changed}
    assert tops & {dataset.name for dataset in city[0].repository} == set(fresh(night))
    assert "catalogue.json" in tops


def test_the_release_before_stays_as_it_was(own: Town) -> None:
    """Its folder keeps every byte, mtime and inode; the stable addresses lead to the new one."""
    folder = own.home / "catalogue" / WASTE
    before = files(folder / "releases" / "1.0.0")
    edits.cells({"B7": "９０３"})(own.delivery(WASTE))
    own.night()
    assert touched(before, files(folder / "releases" / "1.0.0")) == []
    assert (folder / f"{WASTE}.csv").read_text().splitlines()[-1] == "2020,903"
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["version"] == "1.0.1"
    assert {resource["path"].split("/")[1] for resource in package["resources"]} == {"1.0.1"}


def test_rows_that_come_and_go_are_recorded(own: Town) -> None:
    """An added year and a removed one are told value by value, by their key, and counted."""
    edits.text("平成26年度,595,577\r\n令和元年度,517,532", "令和元年度,517,533\r\n令和２年度,501,520", "cp932")(
        own.delivery(FARMS)
    )
    night = own.night()
    assert fresh(night) == {FARMS: "1.0.1"}
    assert changes(own, FARMS) == [
        {"change": "added", "fiscal_year": "2020", "field": "commercial", "old": "", "new": "501"},
        {"change": "added", "fiscal_year": "2020", "field": "self_sufficient", "old": "", "new": "520"},
        {"change": "changed", "fiscal_year": "2019", "field": "self_sufficient", "old": "532", "new": "533"},
        {"change": "removed", "fiscal_year": "2014", "field": "commercial", "old": "595", "new": ""},
        {"change": "removed", "fiscal_year": "2014", "field": "self_sufficient", "old": "577", "new": ""},
    ]
    shown = result(night, FARMS).manifest
    assert shown is not None
    assert shown.difference == Difference(added=1, changed=1, removed=1)


def test_a_figure_that_comes_back_is_a_release_of_its_own(own: Town) -> None:
    """902 → 903 → 902: three releases; the first and the last have the same rows and other versions."""
    path = own.delivery(WASTE)
    good = path.read_bytes()
    edits.cells({"B7": "９０３"})(path)
    own.night()
    path.write_bytes(good)
    assert fresh(own.night()) == {WASTE: "1.0.2", DERIVED: "1.0.2"}
    assert [(row["old"], row["new"]) for row in changes(own, WASTE)] == [("903", "902")]
    releases = own.home / "catalogue" / WASTE / "releases"
    first, last = (releases / version / f"{WASTE}.csv" for version in ("1.0.0", "1.0.2"))
    assert first.read_bytes() == last.read_bytes()


def test_every_release_is_in_the_log_with_the_one_before(own: Town) -> None:
    """Two entries for two releases, each naming its parent, its time, its run and what it changed."""
    before = own.open().store.log.head()
    edits.cells({"B7": "９０３"})(own.delivery(WASTE))
    own.night()
    entries = [entry for entry in own.open().store.log.entries() if entry.number > before.number]
    assert [entry.changed for entry in entries] == [(WASTE,), (DERIVED,)]
    assert [entry.parent for entry in entries] == [before.sha256, entries[0].sha256]
    assert {(entry.run, bool(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\+00:00", entry.time))) for entry in entries} == {
        ("test", True)
    }
    store = own.open().store
    assert manifest(store, entries[-1].current[WASTE]).parent == before.current[WASTE].manifest


def test_a_derived_dataset_whose_figures_stay_gets_no_release(own: Town) -> None:
    """997 and 932 for 998 and 933: the input is released, the change between the two years is what it was.

    Every figure of a table of three changes, so its guards are off.
    """
    schema(own, WASTE).write_text(schema(own, WASTE).read_text(encoding="utf-8") + "guards: off\n", encoding="utf-8")
    edits.cells({"B5": 997, "B6": 932, "B7": 901})(own.delivery(WASTE))
    night = own.night()
    assert fresh(night) == {WASTE: "1.0.1"}
    assert outcomes(night)[DERIVED] == "unchanged"
    assert set(outcomes(own.night()).values()) == {"unchanged"}


# -- contracts ------------------------------------------------------------------------------------------------------

FIELD = """\
  - name: method
    type: string
    title: {ja: 方法, en: Method}
primaryKey:"""


def add_field(own: Town) -> None:
    rewrite(schema(own, FARMS), ("primaryKey:", FIELD))
    rewrite(source(own, FARMS), ("columns:", "constants: {method: 農林業センサス}\ncolumns:"))


def remove_field(own: Town) -> None:
    text = schema(own, FARMS).read_text(encoding="utf-8")
    schema(own, FARMS).write_text(re.sub(r"  - name: self_sufficient\n(    .*\n)+", "", text), encoding="utf-8")
    rewrite(source(own, FARMS), ("  self_sufficient: 自給的農家（戸）\n", ""))


def retype_field(own: Town) -> None:
    rewrite(
        schema(own, FARMS),
        ("name: commercial\n    type: integer", "name: commercial\n    type: number\n    decimals: 0"),
    )


def add_decimals(own: Town) -> None:
    retype_field(own)
    assert fresh(own.night()) == {FARMS: "2.0.0"}
    rewrite(schema(own, FARMS), ("decimals: 0", "decimals: 1"))


def rename_field(own: Town) -> None:
    for path in (schema(own, FARMS), source(own, FARMS)):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("self_sufficient", "own_use"), encoding="utf-8")


def change_key(own: Town) -> None:
    rewrite(schema(own, FARMS), ("primaryKey: [fiscal_year]", "primaryKey: [fiscal_year, commercial]"))


def add_field_and_remove_another(own: Town) -> None:
    add_field(own)
    remove_field(own)


def change_title(own: Town) -> None:
    rewrite(
        schema(own, FARMS),
        ("title: {ja: 販売農家, en: Commercial farm households}", "title: {ja: 販売農家, en: Farms}"),
    )


def tighten(own: Town) -> None:
    rewrite(schema(own, FARMS), ("limit: 30%", "limit: 29%"))


def name_origin(own: Town) -> None:
    rewrite(source(own, FARMS), ("origins:\n", "origins:\n  - {title: 農林業センサス}\n"))


@pytest.mark.parametrize(
    ("change", "version"),
    [
        (add_field, "1.1.0"),
        (remove_field, "2.0.0"),
        (retype_field, "2.0.0"),
        (add_decimals, "3.0.0"),
        (rename_field, "2.0.0"),
        (change_key, "2.0.0"),
        (add_field_and_remove_another, "2.0.0"),
        (change_title, "1.0.1"),
        (tighten, "1.0.1"),
        (name_origin, "1.0.1"),
    ],
)
def test_a_version_says_what_a_change_means_to_readers(own: Town, change: Callable[[Town], None], version: str) -> None:
    """A field that comes is minor; one that goes or changes type, or another key, is major; words alone are a patch."""
    change(own)
    assert fresh(own.night()) == {FARMS: version}
    package = json.loads((own.home / "catalogue" / FARMS / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == version
    assert set(outcomes(own.night()).values()) == {"unchanged"}


def test_a_release_of_words_alone_has_no_changed_figure(own: Town) -> None:
    """A title is changed: the figures are the same, the list of changes is empty, the Parquet carries the new title."""
    folder = own.home / "catalogue" / FARMS
    before = (folder / f"{FARMS}.csv").read_bytes(), parquet.read_table(folder / f"{FARMS}.parquet")
    change_title(own)
    shown = result(own.night(), FARMS).manifest
    assert shown is not None
    assert shown.difference == Difference(0, 0, 0)
    assert changes(own, FARMS) == []
    after = parquet.read_table(folder / f"{FARMS}.parquet")
    assert ((folder / f"{FARMS}.csv").read_bytes(), after) == before
    assert b"Farms" in after.schema.metadata[b"table_schema"]


def test_words_of_an_input_are_no_news_to_what_is_derived_from_it(own: Town) -> None:
    """A title is changed: a release of that dataset alone."""
    rewrite(schema(own, WASTE), ("en: Municipal waste per person per day}\ndesc", "en: Municipal waste}\ndesc"))
    night = own.night()
    assert fresh(night) == {WASTE: "1.0.1"}
    assert outcomes(night)[DERIVED] == "unchanged"


# -- what is no change ----------------------------------------------------------------------------------------------


def assert_no_release(own: Town) -> None:
    """A night that has to look closely, and finds the same figures and words; the one after knows at once."""
    entries, before = own.open().store.log.head().number, files(own.home / "catalogue")
    first, second = own.night(), own.night()
    assert first.plan.to_run
    assert not second.plan.to_run
    assert {*outcomes(first).values(), *outcomes(second).values()} == {"unchanged"}
    assert own.open().store.log.head().number == entries
    assert touched(before, files(own.home / "catalogue")) == []


def test_a_workbook_saved_again_is_no_release(own: Town) -> None:
    """Equal figures in other bytes: the delivery is archived, nothing is published."""
    edits.resaved(own.delivery(WASTE))
    assert_no_release(own)


def test_figures_written_in_another_way_are_no_release(own: Town) -> None:
    """Full-width digits, another era's form or a number cell for a text: what is published is the same."""
    edits.cells({"A5": "2014年度", "B5": "９９８ｇ", "B7": 902})(own.delivery(WASTE))
    assert_no_release(own)


def test_rows_in_another_order_are_no_release(own: Town) -> None:
    """A release is in the order of its key, whatever the order of the delivery."""
    edits.text("平成26年度,595,577\r\n令和元年度,517,532", "令和元年度,517,532\r\n平成26年度,595,577", "cp932")(
        own.delivery(FARMS)
    )
    assert_no_release(own)


def test_a_header_that_was_renamed_on_both_sides_is_no_release(own: Town) -> None:
    """The department renames a column, the source's list of headers grows: the publication is the same."""
    edits.cells({"B4": "１人１日のごみ（ｇ）"})(own.delivery(WASTE))
    rewrite(
        source(own, WASTE), ("[ごみ排出量/1人1日当たり(g),", "[ごみ排出量/1人1日のごみ(g), ごみ排出量/1人1日当たり(g),")
    )
    assert_no_release(own)


def test_a_layout_that_was_reshaped_is_no_release(own: Town) -> None:
    """The table moves to another sheet, two rows down and one column to the right; only the source file follows."""
    path = own.delivery(WASTE)

    def move(target: Path) -> None:
        import openpyxl

        book = openpyxl.load_workbook(target)
        sheet = book.worksheets[0]
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.insert_rows(1, 2)
        sheet.insert_cols(1)
        sheet["B6"] = sheet["B5"].value
        sheet.title = "R7"
        book.save(target)

    move(path)
    rewrite(source(own, WASTE), ("sheet: ごみ排出量", "sheet: R7"), ("rows: [3, 4]", "rows: [5, 6]"))
    assert_no_release(own)


def test_old_editions_stay_readable(own: Town) -> None:
    """The source knows the new header and the old one: the first edition, handed in again, reads as ever."""
    path = own.delivery(WASTE)
    first = path.read_bytes()
    edits.cells({"B4": "１人１日のごみ（ｇ）", "B7": 903})(path)
    rewrite(
        source(own, WASTE), ("[ごみ排出量/1人1日当たり(g),", "[ごみ排出量/1人1日のごみ(g), ごみ排出量/1人1日当たり(g),")
    )
    assert fresh(own.night())[WASTE] == "1.0.1"
    path.write_bytes(first)
    assert fresh(own.night())[WASTE] == "1.0.2"
    assert own.published(WASTE)[f"{WASTE}.csv"] == own.published(WASTE)[f"releases/1.0.0/{WASTE}.csv"]


def recompressed(path: Path) -> None:
    """Write a Parquet file again as another version of the library might."""
    options = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 2048, PARQUET_VERSION v2"
    _again(path, options)


def requoted(path: Path) -> None:
    """Write a CSV again as another version of the library might: the same values, all of them quoted."""
    _again(path, "FORMAT csv, HEADER true, FORCE_QUOTE *")


def _again(path: Path, options: str) -> None:
    before, other = path.read_bytes(), path.with_name("other")
    reader = f"read_csv('{path}', all_varchar=true)" if path.suffix == ".csv" else f"read_parquet('{path}')"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM {reader}) TO '{other}' ({options})")
    other.replace(path)
    assert path.read_bytes() != before


def upgrade(patch: pytest.MonkeyPatch, *writers: Callable[[Path], None]) -> None:
    """Other code, whose libraries write the same tables in other bytes."""
    suffixes = {".parquet": recompressed, ".csv": requoted}
    own = build._stored

    def stored(path: Path, store: Store) -> dict[str, object]:
        if (writer := suffixes.get(path.suffix)) in writers and writer is not None:
            writer(path)
        return own(path, store)

    patch.setattr(plan, "code_version", lambda: "an upgrade")
    patch.setattr(build, "_stored", stored)


@pytest.mark.parametrize(
    "writers", [[recompressed], [requoted], [recompressed, requoted]], ids=["parquet", "csv", "both"]
)
def test_an_upgrade_of_a_library_alone_is_no_release(
    own: Town, monkeypatch: pytest.MonkeyPatch, writers: list[Callable[[Path], None]]
) -> None:
    """Other code, and the same rows in other bytes: everything is made again and nothing is released."""
    upgrade(monkeypatch, *writers)
    assert_no_release(own)
    parts = [own.home / "catalogue", own.home / "store" / "objects", own.home / "store" / "log"]
    before = [files(part) for part in parts]
    shutil.rmtree(own.home / "store" / "memos")  # what tells at once that other bytes are the same table
    assert set(outcomes(own.night()).values()) == {"unchanged"}
    assert [touched(seen, files(part)) for seen, part in zip(before, parts, strict=True)] == [[], [], []]


def test_after_an_upgrade_a_changed_figure_is_the_only_change(own: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release made with other writers is compared by its values with the one before."""
    upgrade(monkeypatch, recompressed, requoted)
    edits.cells({"B7": "９０３"})(own.delivery(WASTE))
    assert fresh(own.night()) == {WASTE: "1.0.1", DERIVED: "1.0.1"}
    assert [(row["old"], row["new"]) for row in changes(own, WASTE)] == [("902", "903")]
    assert versions(own)[FARMS] == "1.0.0"
