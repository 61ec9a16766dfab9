"""The night after: nothing changed, so nothing is done, and nothing is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.night import Night, run_night
from pipelines.pipeline import Pipeline
from pipelines.plan import make_plan
from pipelines.settings import REPOSITORY, Settings
from tests import edits
from tests.kit import Town, deliveries, town
from tests.night.towns import add_derived, copied, files, kept, outcomes, touched

City = tuple[Pipeline, Night]

IN_DAGSTER = """
import json, sys
from pipelines.dagster_home import prepare
from pipelines.definitions import execute_night
from pipelines.settings import Settings
prepare(Settings())
night = execute_night(lambda result, total: None)
print(json.dumps({"outcomes": sorted({r.outcome for r in night.results}), "count": len(night.results),
                  "exit_code": night.exit_code, "gx": "great_expectations" in sys.modules}))
"""


@pytest.fixture(scope="module")
def city_home(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of store and catalogue of the whole city after its first night."""
    home = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(city[0].store.root.parent, home, symlinks=True)
    shutil.copyfile(REPOSITORY / "dagster_home" / "dagster.yaml", home / "dagster.yaml")
    return home


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A workbook, a cp932 CSV and a derived dataset after their first night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("healthy"), ["waste_per_capita", "household_waste"])
    add_derived(made)
    assert set(outcomes(made.night()).values()) == {"published"}
    return made


@pytest.fixture
def own(healthy: Town, tmp_path: Path) -> Town:
    """A copy of the healthy town, to be changed."""
    return copied(healthy, tmp_path)


def run(code: str, root: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own, with its settings in the environment."""
    environment = os.environ | {"OPENDATA_ROOT": str(root), "OPENDATA_HOME": str(home), "DAGSTER_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )


def test_the_second_night_of_the_city_changes_nothing(city_home: Path) -> None:
    """Every dataset is unchanged; no file of the catalogue has another name, size, mtime, inode or content."""
    before = files(city_home)
    with deliveries():
        night = run_night(Pipeline.open(Settings(root=REPOSITORY, home=city_home)), "second")
    assert set(outcomes(night).values()) == {"unchanged"}
    assert len(night.results) == len(list((REPOSITORY / "schemas").glob("[a-z]*.yaml")))
    assert night.exit_code == 0
    assert touched(before, files(city_home)) == []


def test_the_second_night_in_dagster_imports_no_great_expectations(city_home: Path) -> None:
    """In a fresh process, through Dagster: the same, and the library that checks is never loaded."""
    home = Path(city_home)
    before = [files(home / part) for part in ("catalogue", "store")]
    with deliveries():
        done = run(IN_DAGSTER, REPOSITORY, home)
    told = json.loads(done.stdout.splitlines()[-1])
    count = len(list((REPOSITORY / "schemas").glob("[a-z]*.yaml")))
    assert told == {"outcomes": ["unchanged"], "count": count, "exit_code": 0, "gx": False}
    assert [touched(seen, files(home / part)) for seen, part in zip(before, ("catalogue", "store"), strict=True)] == [
        [],
        [],
    ]


def test_a_changed_night_does_import_great_expectations(own: Town) -> None:
    """What the test above looks for is there when a dataset is checked."""
    edits.cells({"B5": 997})(own.delivery("waste_per_capita"))
    code = (
        "import sys\nfrom pipelines.night import run_night\nfrom pipelines.pipeline import Pipeline\n"
        "run_night(Pipeline.open(), 'test')\nprint('great_expectations' in sys.modules)"
    )
    assert run(code, own.root, own.home).stdout.splitlines()[-1] == "True"


def test_a_plan_writes_nothing_before_the_first_night(tmp_path: Path) -> None:
    """`opendata plan` on a fresh clone: every dataset is new, and not even a folder is made."""
    made = town(tmp_path, ["waste_per_capita", "household_waste"])
    add_derived(made)
    before = files(tmp_path)
    done = run(
        "from pipelines.cli import main\nimport sys\nsys.argv = ['opendata', 'plan', '--json']\nmain()",
        made.root,
        made.home,
    )
    planned = {item["name"]: (item["state"], item["why"]) for item in json.loads(done.stdout)["datasets"]}
    assert planned == {
        "waste_per_capita": ("release", "first"),
        "household_waste": ("release", "first"),
        "waste_change": ("release", "inputs_change"),
    }
    assert touched(before, files(tmp_path)) == []
    assert not made.home.exists()


def test_a_plan_writes_nothing_whatever_it_finds(own: Town) -> None:
    """A changed delivery, one that is gone and a damaged catalogue are seen, and left as they are."""
    edits.cells({"B5": 997})(own.delivery("waste_per_capita"))
    own.delivery("household_waste").unlink()
    (own.home / "catalogue" / "waste_change" / "current").unlink()
    before = files(own.home), files(own.root)
    states = {item.name: (item.state, item.why) for item in make_plan(own.open())}
    assert states == {
        "waste_per_capita": ("release", "changed"),
        "household_waste": ("unavailable", "unreachable"),
        "waste_change": ("release", "inputs_change"),
    }
    assert touched(before[0], files(own.home)) == touched(before[1], files(own.root)) == []


def test_a_plan_is_the_same_whenever_it_is_made(own: Town) -> None:
    """Nothing changed, so the plan has the same digest; a change gives it another."""
    first = make_plan(own.open()).digest
    assert make_plan(own.open()).digest == first
    edits.cells({"B5": 997})(own.delivery("waste_per_capita"))
    assert make_plan(own.open()).digest != first


def test_without_its_memory_the_night_comes_to_the_same(own: Town) -> None:
    """Memos only save work: without any of them everything is made again, and no release, entry or file is new."""
    before, catalogue = kept(own), files(own.home / "catalogue")
    shutil.rmtree(own.home / "store" / "memos")
    night = own.night()
    assert night.plan.to_run == ["household_waste", "waste_per_capita", "waste_change"]
    assert set(outcomes(night).values()) == {"unchanged"}
    assert kept(own) == before
    assert touched(catalogue, files(own.home / "catalogue")) == []


def test_a_delivery_that_was_only_touched_is_unchanged(own: Town) -> None:
    """A delivery counts by its bytes, not by its time, owner or inode."""
    path = own.delivery("waste_per_capita")
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (0, 0))
    before = files(own.home)
    assert set(outcomes(own.night()).values()) == {"unchanged"}
    assert touched(before, files(own.home)) == []


def test_the_city_in_another_folder_is_the_same_city(own: Town, tmp_path: Path) -> None:
    """Where clone, store and catalogue lie is no part of what is published: moved, the next night is unchanged."""
    moved = Town(tmp_path / "elsewhere" / "clone", tmp_path / "elsewhere" / "data")
    moved.root.parent.mkdir()
    own.root.rename(moved.root)
    own.home.rename(moved.home)
    before = files(moved.home)
    assert set(outcomes(moved.night()).values()) == {"unchanged"}
    assert touched(before, files(moved.home)) == []
