"""Guards: what differs too much from the last release is held back, and looks as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.datasets import Dataset
from pipelines.errors import ExitCode
from pipelines.findings import Finding, Place
from pipelines.night import Night
from pipelines.pipeline import Pipeline, manifest
from pipelines.plan import make_plan
from pipelines.release.difference import compare
from pipelines.release.guards import Pair, tripped
from tests.hand.wards import DERIVED, NAME, Figures, deliver, figures, made, only
from tests.kit import Town, result
from tests.night.towns import copied, files, kept, outcomes, touched

City = tuple[Pipeline, Night]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town after its first night; copy it, don't change it."""
    town = made(tmp_path_factory.mktemp("wards"))
    assert set(outcomes(town.night()).values()) == {"published"}
    return town


@pytest.fixture
def town(first: Town, tmp_path: Path) -> Town:
    return copied(first, tmp_path)


def changed(every: int, by: int) -> dict[tuple[int, str], int]:
    """The delivery with each so-manyth value another."""
    return {key: value + by * (number % every == 0) for number, (key, value) in enumerate(figures().items())}


def jumped() -> dict[tuple[int, str], int]:
    """A year more, in which one ward's figure has a digit too many."""
    more = {(2022, f"{ward:02}"): 1000 + 10 * ward + 21 for ward in range(1, 18)}
    return {**figures(), **more, (2022, "05"): 10710}


CASES: list[tuple[str, Figures, str]] = [
    ("guard.vanished", only(figures(), 19), "100 / 119 (84%)"),
    ("guard.changed", changed(4, 1), "30 / 119 (25%)"),
    ("guard.jump", jumped(), "2022 05: 1068.0 → 10710.0 (≤ 3.0)"),
]


@pytest.mark.parametrize(("code", "delivery", "found"), CASES, ids=[code for code, *_ in CASES])
def test_a_surprising_delivery_is_held_back(town: Town, code: str, delivery: Figures, found: str) -> None:
    """The last good release stays byte for byte; the finding says what is surprising and how it is let out."""
    before = files(town.home / "catalogue")
    deliver(town, delivery)
    night = town.night()
    assert night.exit_code == ExitCode.FINDINGS
    assert outcomes(night) == {NAME: "held", DERIVED: "waiting"}
    assert [(f.code, f.found) for f in result(night, NAME).findings] == [(code, found)]
    assert touched(before, files(town.home / "catalogue")) == []
    item = make_plan(town.open()).items[NAME]
    assert (item.state, item.why) == ("held", "awaits_approval")
    finding = result(night, NAME).findings[0]
    for language in ("ja", "en"):
        assert f"opendata approve {NAME} {item.candidate[:12]} --reason" in finding.text(language)  # type: ignore[arg-type]
    assert finding.rule.task == "operator"


def test_the_next_night_does_no_work_on_what_is_held_back(town: Town) -> None:
    """It says the same again and writes nothing, neither to the store nor to the catalogue."""
    deliver(town, only(figures(), 19))
    told = result(town.night(), NAME).findings
    store, catalogue = kept(town), files(town.home / "catalogue")
    night = town.night()
    assert night.plan.to_run == []
    assert outcomes(night) == {NAME: "held", DERIVED: "waiting"}
    assert [f.as_dict() for f in result(night, NAME).findings] == [f.as_dict() for f in told]
    assert (kept(town), touched(catalogue, files(town.home / "catalogue"))) == (store, [])


ORDINARY: list[tuple[str, Callable[[], Figures]]] = [
    ("a year more", lambda: {**figures(), **{(2022, f"{w:02}"): 1000 + 10 * w + 21 for w in range(1, 18)}}),
    ("a tenth gone", lambda: only(figures(), 108)),
    ("a fifth changed", lambda: changed(6, 1)),
    ("one value halved", lambda: {**figures(), (2021, "01"): 600}),
]


@pytest.mark.parametrize("delivery", [make for _, make in ORDINARY], ids=[name for name, _ in ORDINARY])
def test_an_ordinary_delivery_goes_out(town: Town, delivery: Callable[[], Figures]) -> None:
    """Growth, corrections and a few rows that go need nobody."""
    deliver(town, delivery())
    assert outcomes(town.night())[NAME] == "published"


GUARDS = [
    ("guards: off\n", set()),
    ("guards: {vanished: off}\n", set()),
    ("guards: {vanished: 90%}\n", set()),
    ("guards: {vanished: 10%, changed: off, jump: off}\n", {"guard.vanished"}),
]


@pytest.mark.parametrize(("guards", "codes"), GUARDS, ids=[text.strip() for text, _ in GUARDS])
def test_a_contract_sets_its_own_guards(tmp_path: Path, guards: str, codes: set[str]) -> None:
    """Limits and `off` count; what the contract does not name keeps its default."""
    town = made(tmp_path, guards)
    town.night()
    deliver(town, only(figures(), 19))
    night = town.night()
    assert {finding.code for finding in result(night, NAME).findings} == codes


def test_guards_are_no_part_of_what_is_published(town: Town) -> None:
    """Other limits make no release."""
    schema = town.root / "schemas" / f"{NAME}.yaml"
    schema.write_text(schema.read_text(encoding="utf-8") + "guards: {changed: 50%}\n", encoding="utf-8")
    assert outcomes(town.night()) == {NAME: "unchanged", DERIVED: "unchanged"}


def test_what_is_derived_follows_its_inputs(town: Town) -> None:
    """Where a contract lets the input go out, the sum goes out with it, however much of it changes."""
    schema = town.root / "schemas" / f"{NAME}.yaml"
    schema.write_text(schema.read_text(encoding="utf-8") + "guards: off\n", encoding="utf-8")
    deliver(town, only(figures(), 19))
    assert outcomes(town.night()) == {NAME: "published", DERIVED: "published"}


def test_a_contract_whose_key_changed_is_no_surprise(town: Town) -> None:
    """Somebody wrote it by hand; there is nothing to compare."""
    for part in ("schemas", "sources"):
        path = town.root / part / f"{NAME}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("ward", "district"), encoding="utf-8")
    assert outcomes(town.night())[NAME] == "published"


def _grown(city: City, dataset: Dataset, folder: Path, last: int) -> Iterator[tuple[str, list[Finding]]]:
    """What guards say of a dataset when it grows by each of its last periods."""
    pipeline, period = city[0], dataset.schema.period_field
    assert period is not None
    shown = manifest(pipeline.store, pipeline.store.log.head().current[dataset.name])
    table, name = f"read_parquet('{pipeline.store.path(shown.table)}')", period.name
    old, new = folder / "old.parquet", folder / "new.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT DISTINCT {name}::VARCHAR FROM {table} ORDER BY 1").fetchall()
        for (before,), (after,) in list(pairwise(found))[-last:]:
            for path, end in ((old, before), (new, after)):
                query = f"SELECT * FROM {table} WHERE {name}::VARCHAR <= '{end}'"
                connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
            rows = connection.execute(f"SELECT count(*) FROM '{old}'").fetchone() or (0,)
            difference = compare(connection, old, new, dataset.schema.primaryKey, folder / "changes.csv")
            schema = shown.build.table_schema
            yield after, tripped(connection, dataset, Pair(old, new, schema, schema, rows[0], difference), Place())


def _surprises(city: City, folder: Path, last: int) -> set[tuple[str, str, str, str]]:
    return {
        (dataset.name, period, finding.code, finding.place.field)
        for dataset in city[0].repository
        if (field := dataset.schema.period_field) and field.name in dataset.schema.primaryKey
        for period, findings in _grown(city, dataset, folder, last)
        for finding in findings
    }


def test_the_citys_datasets_are_not_held_back_by_their_last_period(city: City, tmp_path: Path) -> None:
    """Each real dataset, without its newest period and with it: nobody is asked."""
    assert _surprises(city, tmp_path, last=1) == set()


@pytest.mark.long
def test_in_all_their_history_the_citys_datasets_ask_twice(city: City, tmp_path: Path) -> None:
    """Period by period: grants for disaster recovery in 2020, and a station whose passengers grew by half in a year."""
    assert _surprises(city, tmp_path, last=1000) == {
        ("city_finance", "2020", "guard.jump", "disaster_recovery"),
        ("nambu_line_station_passengers", "2017", "guard.jump", "passengers"),
    }
