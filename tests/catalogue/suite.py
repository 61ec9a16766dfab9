"""What every catalogue does, whatever it is made of. A test of one says how it is made, read and damaged: `Adapter`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import openpyxl
import pytest

from pipelines.catalogue import Action, Catalogue, Wanted
from pipelines.datasets import load_repository
from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.store import Withdrawal
from tests.kit import Town, town

WASTE, PARK = "waste_per_capita", "housing_seismic_retrofit"


class Adapter(Protocol):
    """One catalogue, and what a reader or a vandal does with it.

    `carries` the suffixes of a release's files that it shows; `has_index` whether it writes an index of its own.
    """

    catalogue: Catalogue
    damages: Sequence[str]
    carries: Sequence[str]
    has_index: bool

    def again(self) -> Catalogue:
        """The same catalogue, as a new process opens it."""
        ...

    def shown(self, name: str) -> Mapping[str, bytes]:
        """The files of a dataset's current release, as a reader finds them at the stable addresses."""
        ...

    def listed(self) -> Mapping[str, str]:
        """The version of every dataset that the index has."""
        ...

    def state(self) -> object:
        """Everything that a reader can tell about everything; equal when nothing was written in between."""
        ...

    def tombstone(self, name: str) -> Mapping[str, str]:
        """What stands at the address of a withdrawn dataset: `text` for people, `version` and `replacement`."""
        ...

    def offers(self, name: str) -> bool:
        """Whether any of a dataset's data is offered to readers as current."""
        ...

    def damage(self, name: str, how: str) -> None:
        """Do one of `damages` to what is shown of a dataset."""
        ...


Releases = tuple[Mapping[str, Wanted], Mapping[str, Wanted]]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """What should be shown after a first night of two datasets, and after a second in which one of them changed."""
    made = town(tmp_path_factory.mktemp("releases"), [WASTE, PARK])
    pipeline = _pipeline_of(made)
    run_night(pipeline, "first")
    first = pipeline.wanted()
    _change(made)
    pipeline = _pipeline_of(made)
    run_night(pipeline, "second")
    return first, pipeline.wanted()


def _pipeline_of(made: Town) -> Pipeline:
    return replace(made.open(), catalogues=[])


def _change(made: Town) -> None:
    """One figure of one delivery."""
    path = made.root / "sources" / str(load_repository(made.root)[WASTE].source.path)
    book = openpyxl.load_workbook(path)
    cell = next(c for row in book.worksheets[0].iter_rows(min_row=5) for c in row if str(c.value).startswith("9"))
    cell.value = str(cell.value).replace("9", "8", 1)
    book.save(path)


def released(want: Wanted, carries: Sequence[str]) -> dict[str, bytes]:
    """The bytes of a release's files in the store, of those that a catalogue carries."""
    names = [name.replace("*", want.manifest.name) for name in carries]
    return {name: want.path(name).read_bytes() for name in names}


class CatalogueSuite:
    """Inherit it and give a fixture `adapter`."""

    def publish(self, adapter: Adapter, wanted: Mapping[str, Wanted], *names: str) -> Sequence[Action]:
        return adapter.again().publish(lambda: wanted, names or list(wanted))

    def assert_shows(self, adapter: Adapter, wanted: Mapping[str, Wanted]) -> None:
        for name, want in wanted.items():
            found, files = adapter.shown(name), released(want, adapter.carries)
            assert files
            assert {file: found[file] for file in files} == files

    def test_what_is_absent_is_told_and_shown(self, adapter: Adapter, releases: Releases) -> None:
        """An empty catalogue lacks every dataset; publishing shows each of them whole, and the index."""
        first, _ = releases
        lacking = {action for action in adapter.catalogue.differences(first) if action.reason != "index"}
        assert lacking == {Action(WASTE, "absent"), Action(PARK, "absent")}
        done = self.publish(adapter, first)
        assert {(action.name, action.reason) for action in done} >= {(WASTE, "absent"), (PARK, "absent")}
        assert [action.reason for action in done].count("index") == adapter.has_index
        assert not adapter.has_index or done[-1].reason == "index"
        self.assert_shows(adapter, first)
        assert adapter.listed() == {WASTE: "1.0.0", PARK: "1.0.0"}

    def test_looking_changes_nothing(self, adapter: Adapter, releases: Releases) -> None:
        """Whatever is asked of an empty or a full catalogue, it stays as it was."""
        first, second = releases
        before = adapter.state()
        adapter.catalogue.differences(first)
        assert adapter.state() == before
        self.publish(adapter, first)
        before = adapter.state()
        adapter.again().differences(second)
        assert adapter.state() == before

    def test_of_what_is_shown_as_wanted_nothing_is_written(self, adapter: Adapter, releases: Releases) -> None:
        """A second publication does nothing, says so, and leaves every file untouched."""
        first, _ = releases
        self.publish(adapter, first)
        before = adapter.state()
        assert list(adapter.again().differences(first)) == []
        assert list(self.publish(adapter, first)) == []
        assert adapter.state() == before

    def test_what_is_outdated_is_told_and_replaced_alone(self, adapter: Adapter, releases: Releases) -> None:
        """A new release of one dataset is the only difference; the other keeps every file as it was."""
        first, second = releases
        self.publish(adapter, first)
        kept = adapter.shown(PARK)
        assert list(adapter.again().differences(second)) == [Action(WASTE, "outdated")]
        assert next(action.name for action in self.publish(adapter, second)) == WASTE
        self.assert_shows(adapter, second)
        assert adapter.shown(PARK) == kept
        assert adapter.listed() == {WASTE: "1.0.1", PARK: "1.0.0"}
        assert adapter.shown(WASTE)[f"{WASTE}.csv"] != released(first[WASTE], ["*.csv"])[f"{WASTE}.csv"]

    def test_only_what_is_named_is_shown(self, adapter: Adapter, releases: Releases) -> None:
        """A publication of one dataset leaves the others as they are, also where they differ."""
        first, _ = releases
        self.publish(adapter, first, PARK)
        self.assert_shows(adapter, {PARK: first[PARK]})
        assert list(adapter.again().differences(first)) == [Action(WASTE, "absent")]
        assert adapter.listed() == {PARK: "1.0.0"}

    def test_a_name_that_has_no_release_is_passed_over(self, adapter: Adapter, releases: Releases) -> None:
        """A dataset that was held back on its first night is nothing to show."""
        first, _ = releases
        self.publish(adapter, first, "never_published", WASTE)
        assert set(adapter.listed()) == {WASTE}

    def test_what_is_wanted_is_asked_for_at_the_last_moment(self, adapter: Adapter, releases: Releases) -> None:
        """`look` is asked once, inside the publication, so that a slow publisher puts nothing older back."""
        first, second = releases
        asked: list[int] = []

        def look() -> Mapping[str, Wanted]:
            asked.append(1)
            return second

        self.publish(adapter, first)
        adapter.again().publish(look, list(first))
        assert asked == [1]
        self.assert_shows(adapter, second)

    def test_what_is_damaged_is_told_and_mended(self, adapter: Adapter, releases: Releases) -> None:
        """Whatever somebody did to a dataset's files is seen, mended, and the only thing that is mended."""
        first, _ = releases
        self.publish(adapter, first)
        for how in adapter.damages:
            adapter.damage(WASTE, how)
            assert list(adapter.again().differences(first)) == [Action(WASTE, "damaged")], how
            other = adapter.shown(PARK)
            assert [action.name for action in self.publish(adapter, first)] == [WASTE], how
            self.assert_shows(adapter, first)
            assert adapter.shown(PARK) == other
            assert list(adapter.again().differences(first)) == [], how

    def test_what_is_withdrawn_leaves_a_tombstone(self, adapter: Adapter, releases: Releases) -> None:
        """At the same address: reason, day in Tokyo, last version, replacement; no data. The other stays; and back."""
        first, _ = releases
        self.publish(adapter, first)
        kept = adapter.shown(PARK)
        gone = Withdrawal("2026-11-23T18:00:00+00:00", "steward", "定義が変わったため", PARK, "Its definition changed")
        wanted = {**first, WASTE: replace(first[WASTE], withdrawn=gone)}
        assert next(iter(adapter.again().differences(wanted))) == Action(WASTE, "outdated")
        self.publish(adapter, wanted)
        stone = adapter.tombstone(WASTE)
        for once in ("理由：定義が変わったため", "Reason: Its definition changed", "2026-11-24 に", "on 2026-11-24"):
            assert stone["text"].count(once) == 1
        assert (stone["version"], stone["replacement"].replace("-", "_")) == ("1.0.0", PARK)
        assert not adapter.offers(WASTE)
        assert adapter.shown(PARK) == kept
        before = adapter.state()
        assert list(adapter.again().differences(wanted)) == []
        assert list(adapter.again().drift(wanted)) == []
        assert list(self.publish(adapter, wanted)) == []
        assert adapter.state() == before
        self.publish(adapter, first)
        self.assert_shows(adapter, first)

    def test_what_never_was_there_is_not_withdrawn(self, adapter: Adapter, releases: Releases) -> None:
        """A dataset that no reader ever met leaves no tombstone in a CKAN; a folder may have one."""
        first, _ = releases
        gone = Withdrawal("2026-11-24T03:00:00+00:00", "steward", "x")
        self.publish(adapter, {PARK: replace(first[PARK], withdrawn=gone)})
        assert not adapter.offers(PARK)

    def test_drift_names_what_differs(self, adapter: Adapter, releases: Releases) -> None:
        """Nothing while all is as published; afterwards dataset, field and both values. What it names is mended."""
        first, _ = releases
        self.publish(adapter, first)
        assert list(adapter.again().drift(first)) == []
        adapter.damage(WASTE, adapter.damages[0])
        found = adapter.again().drift(first)
        assert {one.name for one in found} == {WASTE}
        assert all(one.field and one.shown != one.wanted for one in found)
        assert [action.name for action in adapter.again().mend(lambda: first, [WASTE])] == [WASTE]
        assert list(adapter.again().drift(first)) == []

    def test_a_publication_can_be_repeated_after_any_other(self, adapter: Adapter, releases: Releases) -> None:
        """Forth and back again ends where it began: nothing is lost or left over on the way."""
        first, second = releases
        self.publish(adapter, second)
        alone = {name: adapter.shown(name) for name in second}
        self.publish(adapter, first)
        self.assert_shows(adapter, first)
        self.publish(adapter, second)
        assert {name: adapter.shown(name) for name in second} == alone
        assert list(adapter.again().differences(second)) == []
