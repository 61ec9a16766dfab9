"""Pages and nights: made where something changed and nowhere else, turned over with the data, mended when damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.catalogue import FolderCatalogue
from pipelines.catalogue.producer import DatasetTurn, Item, Producer
from pipelines.errors import ConfigurationError
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.plan import make_plan
from pipelines.settings import REPOSITORY
from tests import edits
from tests.kit import Town, town
from tests.night.towns import copied, files, outcomes, touched

WASTE, OTHER = "waste_per_capita", "housing_seismic_retrofit"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two datasets with their pages after a first night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("shown"), [WASTE, OTHER])
    assert made.night().exit_code == 0
    return made


@pytest.fixture
def own(shown: Town, tmp_path: Path) -> Town:
    """A copy of it, to be changed."""
    return copied(shown, tmp_path)


def catalogue(of: Town) -> Path:
    return of.home / "catalogue"


def test_a_change_of_one_dataset_makes_its_pages_and_the_index_only(own: Town) -> None:
    """The other dataset keeps every file, inode and time; the page, the front page and search tell the new version."""
    before = files(catalogue(own))
    edits.cells({"B5": 997})(own.delivery(WASTE))
    assert outcomes(own.night()) == {WASTE: "published", OTHER: "unchanged"}
    changed = {path.partition("/")[0] for path in touched(before, files(catalogue(own)))}
    assert changed == {WASTE, "catalogue.json", ".current", ".views"}
    page = (catalogue(own) / WASTE / "index.html").read_text(encoding="utf-8")
    assert "1.0.1" in page
    assert "997" in page
    assert "releases/1.0.0/datapackage.json" in page  # the history has both


def test_an_unchanged_night_makes_no_page_and_imports_nothing_that_makes_them(own: Town) -> None:
    """In a process of its own: no file is touched, no template engine and no drawing library is loaded."""
    before = files(own.home)
    code = (
        "import sys\nfrom pipelines.night import run_night\nfrom pipelines.pipeline import Pipeline\n"
        "print({r.outcome for r in run_night(Pipeline.open(), 'x').results})\n"
        "print([n for n in ('jinja2', 'vl_convert', 'altair', 'pandas') if n in sys.modules])"
    )
    environment = os.environ | {"OPENDATA_ROOT": str(own.root), "OPENDATA_HOME": str(own.home)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["{'unchanged'}", "[]"]
    assert touched(before, files(own.home)) == []


def _edited(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("902", "802"), encoding="utf-8")


DAMAGES: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "a page is typed over": (f"{WASTE}/index.html", _edited),
    "a page is gone": (f"{WASTE}/current/en/index.html", Path.unlink),
    "a picture is cut": (f"{WASTE}/chart.ja.svg", lambda path: path.write_bytes(path.read_bytes()[:99])),
    "an address is gone": (f"{WASTE}/en", Path.unlink),
    "the record is cut": (f"{WASTE}/current/view.json", lambda path: path.write_text("{}")),
    "current leads astray": (f"{WASTE}/current", lambda path: (path.unlink(), path.symlink_to("releases/1.0.0"))),
    "the front page is gone": ("index.html", Path.unlink),
    "the front page is typed over": (".current/index.html", lambda path: path.write_text("closed")),
    "the style is gone": ("site-assets/site.css", Path.unlink),
    "a link to an English page is gone": (f"en/{WASTE}", Path.unlink),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_what_somebody_did_to_a_page_is_found_and_mended(own: Town, how: str) -> None:
    """The plan tells it, the night mends it and nothing else, and the next has nothing to do."""
    address, harm = DAMAGES[how]
    before = files(catalogue(own))
    harm(catalogue(own) / address)
    plan = make_plan(own.open())
    assert plan.index_is_stale == (not address.startswith(WASTE))
    assert plan.to_run == ([WASTE] if address.startswith(WASTE) else [])
    assert own.night().exit_code == 0
    assert {path: seen.content for path, seen in files(catalogue(own)).items()} == {
        path: seen.content for path, seen in before.items()
    }
    again = make_plan(own.open())
    assert (again.to_run, again.index_is_stale) == ([], False)


def test_views_that_were_left_behind_are_swept_up(own: Town) -> None:
    """What a killed night left beside the current view goes, but for one, which somebody may just be reading."""
    for name in ("1.0.0-older-one", "1.0.0-another"):
        (catalogue(own) / WASTE / ".views" / name).mkdir()
    assert outcomes(own.night()) == {WASTE: "healed", OTHER: "unchanged"}
    assert len(list((catalogue(own) / WASTE / ".views").iterdir())) == 2
    assert make_plan(own.open()).to_run == []


def with_producer(made: Town, producer: Producer) -> Pipeline:
    """The town's pipeline with one more producer."""
    pipeline = made.open()
    (folder,) = pipeline.catalogues
    assert isinstance(folder, FolderCatalogue)
    return replace(pipeline, catalogues=[FolderCatalogue(folder.root, [producer, *folder._producers])])


def _notes(text: str) -> Producer:
    def of_dataset(turn: DatasetTurn) -> dict[str, Item]:
        path = turn.workshop / "large"
        path.write_text(turn.release.ref.version)
        return {"notes.txt": text.encode(), "large.txt": path}

    return Producer("notes", lambda: text, of_dataset)


def test_a_new_producer_shows_its_files_and_leaves_every_release_as_it_was(own: Town) -> None:
    """Its files stand at stable addresses, the pages offer them, and no release gets a byte more."""
    releases = files(catalogue(own) / WASTE / "releases")
    pipeline = with_producer(own, _notes("first"))
    assert outcomes(run_night(pipeline, "x")) == {WASTE: "healed", OTHER: "healed"}
    folder = catalogue(own) / WASTE
    assert (folder / "notes.txt").read_text() == "first"
    assert (folder / "large.txt").read_text() == "1.0.0"
    assert "notes.txt" in (folder / "index.html").read_text(encoding="utf-8")
    assert touched(releases, files(folder / "releases")) == []
    run_night(with_producer(own, _notes("second")), "x")
    assert (folder / "notes.txt").read_text() == "second"
    assert len(list((folder / ".views").iterdir())) == 2  # the one before stays for who is just reading it
    own.night()
    assert not (folder / "notes.txt").exists()
    assert not (folder / "notes.txt").is_symlink()


def test_a_producer_that_fails_stops_its_dataset_and_no_other(own: Town) -> None:
    """Its dataset fails aloud, what was shown stays whole, all others go out."""

    def broken(turn: DatasetTurn) -> dict[str, Item]:
        if turn.release.manifest.name == WASTE:
            raise ZeroDivisionError
        return {}

    before = files(catalogue(own) / WASTE)
    night = run_night(with_producer(own, Producer("broken", lambda: "1", broken)), "x")
    assert outcomes(night) == {WASTE: "failed", OTHER: "healed"}
    assert touched(before, files(catalogue(own) / WASTE)) == []


def test_two_producers_of_one_address_are_a_fault(own: Town) -> None:
    """No file silently takes the place of another."""
    twice = Producer("twice", lambda: "1", lambda turn: {f"{turn.release.manifest.name}.csv": b""})
    assert set(outcomes(run_night(with_producer(own, twice), "x")).values()) == {"failed"}


def test_another_public_address_makes_all_pages_anew(own: Town) -> None:
    """The address is in every page, so a change of the setting is seen like a change of a template."""
    pipeline = Pipeline.open(own.settings.model_copy(update={"base_url": "https://data.example/"}))
    assert outcomes(run_night(pipeline, "x")) == {WASTE: "healed", OTHER: "healed"}
    assert "https://data.example/en/" in (catalogue(own) / "en" / "index.html").read_text(encoding="utf-8")


def test_text_of_a_department_is_never_markup(tmp_path: Path) -> None:
    """Titles, notes and cells are shown as they were written, whatever they look like."""
    made = town(tmp_path, [WASTE])
    schema = made.root / "schemas" / f"{WASTE}.yaml"
    text = schema.read_text(encoding="utf-8").replace(
        "title: {ja: ", "title: {ja: </script><script>alert(1)</script>", 1
    )
    schema.write_text(text, encoding="utf-8")
    assert made.night().exit_code == 0
    for path in (catalogue(made) / WASTE / "index.html", catalogue(made) / "index.html"):
        page = path.read_text(encoding="utf-8")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_no_dataset_can_have_the_address_of_the_english_pages(tmp_path: Path) -> None:
    """A dataset named `en` is refused before anything is touched."""
    made = town(tmp_path, [WASTE])
    for part in ("schemas", "sources"):
        (made.root / part / f"{WASTE}.yaml").rename(made.root / part / "en.yaml")
    with pytest.raises(ConfigurationError):
        made.open()
