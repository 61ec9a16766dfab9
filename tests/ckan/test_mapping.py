"""A release → what CKAN should show of it: pure, no server is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from pipelines.catalogue import Wanted
from pipelines.catalogue.ckan import mapping, resources, shown
from pipelines.catalogue.ckan.columns import columns_of
from pipelines.store import Withdrawal
from pipelines.words import EU_FREQUENCIES
from tests.catalogue.suite import PARK, WASTE, Releases, releases

__all__ = ["releases"]


@pytest.fixture(scope="module")
def waste(releases: Releases) -> Wanted:
    return releases[0][WASTE]


def _with(want: Wanted, **about: object) -> Wanted:
    """The same release with other words."""
    build = replace(want.manifest.build, description={**want.manifest.build.description, **about})
    return replace(want, manifest=replace(want.manifest, build=build))


def _place(want: Wanted) -> dict[str, object]:
    """What CKAN shows of a dataset that has only its table."""
    id_ = resources.resource_id(want, "table")
    table = {"id": id_, "url": f"https://ckan.example/datastore/dump/{id_}"}
    return {"id": "pkg", "name": "waste-per-capita", "resources": [table], "version": None}


def test_texts_stand_in_japanese_first(waste: Wanted) -> None:
    """Title and notes have both languages, Japanese first; English alone has fields of its own."""
    package = mapping.package_of(waste)
    assert package.name == "waste-per-capita"
    assert package.core["title"] == "1人1日あたりのごみ排出量 / Municipal waste per person per day"
    notes = str(package.core["notes"])
    assert notes.index("市の計画が指標とする") < notes.index("Waste generated per resident")
    assert notes.count("\n- ") == 8  # four notes in each language
    assert package.extras["title_en"] == "Municipal waste per person per day"


def test_a_department_is_an_organisation_and_a_goal_a_group(waste: Wanted) -> None:
    """Names with hyphens; targets are tags, their goals groups, each once."""
    package = mapping.package_of(waste)
    assert package.organisation == "environment"
    assert package.groups == ["sdg-12"]
    assert {"SDGs 12.5", "SDGs 12.a", "ごみ", "waste"} <= set(package.tags)


def test_a_tag_has_only_characters_that_ckan_takes(waste: Wanted) -> None:
    """Others become spaces; what is too short is left out."""
    tags = mapping.package_of(_with(waste, keywords=["a/b（c）", "x", "ごみ・資源"], sdgs=[])).tags
    assert list(tags) == ["a b c", "ごみ 資源"]


@pytest.mark.parametrize(
    ("coverage", "days"),
    [
        ({"start": "2014", "end": "2023", "kind": "fiscal_year"}, ("2014-04-01", "2024-03-31")),
        ({"start": "2014", "end": "2023", "kind": "year"}, ("2014-01-01", "2023-12-31")),
        ({"start": "2023-11", "end": "2024-02", "kind": "yearmonth"}, ("2023-11-01", "2024-02-29")),
        ({"start": "2024-04-05", "end": "2024-04-05", "kind": "date"}, ("2024-04-05", "2024-04-05")),
        (
            {"start": "2024-04-05 10:00:00", "end": "2024-04-06 10:00:00", "kind": "datetime"},
            ("2024-04-05", "2024-04-06"),
        ),
    ],
)
def test_the_period_is_told_in_days(waste: Wanted, coverage: Mapping[str, str], days: tuple[str, str]) -> None:
    """A fiscal year runs from April to March; a month ends with its last day."""
    extras = mapping.package_of(_with(waste, temporalCoverage=coverage)).extras
    assert (extras["temporal_start"], extras["temporal_end"]) == days


def test_what_is_not_known_is_left_out(waste: Wanted) -> None:
    """No period, no source, no contact is made up."""
    extras = mapping.package_of(_with(waste, temporalCoverage=None, sources=[])).extras
    assert not {"temporal_start", "temporal_end", "provenance", "contact_email"} & extras.keys()


@pytest.mark.parametrize("frequency", sorted(EU_FREQUENCIES))
def test_every_frequency_has_a_word_of_the_european_list(waste: Wanted, frequency: str) -> None:
    """DCAT-AP takes frequencies from one authority list."""
    text = mapping.package_of(_with(waste, updateFrequency=frequency)).extras["frequency"]
    assert text.startswith("http://publications.europa.eu/resource/authority/frequency/")


def test_ids_follow_from_the_dataset_and_its_bytes(releases: Releases) -> None:
    """A resource has its id for ever; an immutable file that of its name and hash."""
    (first, second) = (state[WASTE] for state in releases)
    for role in resources.ROLES:
        assert resources.resource_id(first, role) == resources.resource_id(second, role)
        assert resources.resource_id(first, role) != resources.resource_id(releases[0][PARK], role)
    before, after = ({f.role: f.id for f in resources.data_files(w)} for w in (first, second))
    assert before["csv"] != after["csv"]
    assert before == {f.role: f.id for f in resources.data_files(first)}


def test_stable_addresses_lead_to_immutable_files(waste: Wanted) -> None:
    """Address, size, hash and licence of a stable resource are those of the file that it leads to."""
    target = shown.target_of(waste, _place(waste))
    for stable, immutable, file in zip(target.stable, target.immutable, target.files, strict=True):
        assert stable["url"] == immutable["url"]
        assert str(stable["url"]).startswith("https://ckan.example/dataset/pkg/resource/")
        assert (stable["hash"], stable["size"], stable["opendata_file"]) == (file.sha256, file.bytes, file.id)
        assert stable["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_the_data_package_names_addresses_of_this_ckan(waste: Wanted) -> None:
    """Whoever has the descriptor alone finds the very files whose hashes it gives."""
    target = shown.target_of(waste, _place(waste))
    document = json.loads(target.document)
    addresses = {str(stable["url"]) for stable in target.stable[:2]}
    assert {one["path"] for one in document["resources"]} == addresses
    assert {one["hash"] for one in document["resources"]} == {f"sha256:{f.sha256}" for f in target.files[:2]}


def test_columns_are_typed_by_the_contract_and_labelled(waste: Wanted) -> None:
    """Both labels and the unit, in keys of their own and in the notes, which CKAN's page shows; years as integers."""
    columns = columns_of(waste)
    assert [(c["id"], c["type"]) for c in columns.fields] == [("fiscal_year", "int4"), ("grams_per_person_day", "int8")]
    assert columns.fields[1]["info"] == {
        "label": "1人1日あたりのごみ排出量",
        "label_en": "Waste per person per day",
        "notes": "Waste per person per day\n\n単位 / Unit: g/(person.day)",
        "unit": "g/(person.day)",
    }


def test_what_is_not_ours_is_in_no_update(waste: Wanted) -> None:
    """Fields, tags, groups and resources of other people are kept as they are, and make no difference."""
    place = _place(waste)
    place |= {
        "extras": [{"key": "contact_point", "value": "窓口"}],
        "tags": [{"name": "市民の声"}],
        "groups": [{"name": "featured"}],
        "resources": [*place["resources"], {"id": "theirs", "name": "解説", "url": "https://x.example/"}],  # type: ignore[misc]
    }
    update = shown.update_of(place, shown.target_of(waste, place), ["sdg-12"], "")
    assert {"key": "contact_point", "value": "窓口"} in update["extras"]  # type: ignore[operator]
    assert {"name": "市民の声"} in update["tags"]  # type: ignore[operator]
    assert update["groups"] == [{"name": "featured"}, {"name": "sdg-12"}]
    assert update["resources"][-1] == {"id": "theirs", "name": "解説", "url": "https://x.example/"}  # type: ignore[index]


def test_a_group_that_the_token_may_not_use_is_no_difference(waste: Wanted) -> None:
    """The publication never fails for a group, and the next night does not try again."""
    place = _place(waste)
    update = shown.update_of(place, shown.target_of(waste, place), [], "")
    assert "groups" not in update


def test_files_stay_for_two_releases_after_they_were_superseded(waste: Wanted) -> None:
    """Of each role the two newest superseded files stay; what is older loses its bytes, then its place."""
    place = _place(waste)
    old = [{"id": f"old-{n}", "name": "x", "opendata_role": "csv", "url": "u"} for n in range(4)]
    place["resources"] = [*place["resources"], *old]  # type: ignore[misc]
    target = shown.target_of(waste, place)
    assert [one["id"] for one in shown.expired(place, target)] == ["old-2", "old-3"]
    cleared = [r for r in shown.update_of(place, target, [], "")["resources"] if r.get("clear_upload")]  # type: ignore[union-attr]
    assert [one["id"] for one in cleared] == ["old-2", "old-3"]


def test_a_tombstone_leads_to_the_dataset_to_use_instead(waste: Wanted) -> None:
    """In both languages a link to the page beside it; a reason that was given once stands in both as it is."""
    gone = Withdrawal("2026-11-28T00:00:00+00:00", "steward", "重複していた", "household_waste")
    notes = str(mapping.tombstone_of(waste, gone).core["notes"])
    assert notes.count("[household-waste](household-waste)") == 2
    assert notes.count("重複していた") == 2
