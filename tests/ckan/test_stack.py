"""The private CKAN is what the publisher builds on: Japanese search, DataStore, DCAT, xloader, an editor's limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ckanapi import NotAuthorized, RemoteCKAN

from tests.ckan.instance import Ckan

FOUND = {
    "stack-waste": ("家庭ごみの収集量", "区別の収集実績"),
    "stack-industrial-waste": ("一般廃棄物の処理", "焼却した量"),
    "stack-collection-points": ("ゴミ集積所", "Points where waste is collected"),
    "stack-nambu": ("南武線の乗車人員", "駅別の1日平均"),
    "stack-seismic": ("住宅の耐震化率", "木造住宅の戸数"),
}


@pytest.fixture(scope="module")
def titled(ckan: Ckan) -> Iterator[RemoteCKAN]:
    """Five datasets whose titles a citizen might look for."""
    with ckan.editor() as editor, ckan.sysadmin() as sysadmin:
        for name, (title, notes) in FOUND.items():
            editor.call_action(
                "package_create", {"name": name, "title": title, "notes": notes, "owner_org": "environment"}
            )
        yield editor
        for name in FOUND:
            sysadmin.call_action("dataset_purge", {"id": name})


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("収集", {"stack-waste"}),
        ("南武線", {"stack-nambu"}),
        ("耐震", {"stack-seismic"}),
        ("ごみ", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("ゴミ", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("廃棄物", {"stack-waste", "stack-industrial-waste", "stack-collection-points"}),
        ("collected", {"stack-collection-points"}),
        ("存在しない語", set()),
    ],
)
def test_japanese_words_and_their_synonyms_are_found(titled: RemoteCKAN, word: str, names: set[str]) -> None:
    """A word inside a title is found, and so are other words for the same thing; English by its stem."""
    found = titled.call_action("package_search", {"q": word, "fq": "name:stack-*", "rows": 100})
    assert {package["name"] for package in found["results"]} == names


def test_an_editor_is_no_sysadmin(ckan: Ckan) -> None:
    """The token that the suite publishes with can't do what only a sysadmin can."""
    with ckan.editor() as editor, pytest.raises(NotAuthorized):
        editor.call_action("user_create", {"name": "another", "email": "a@example.invalid", "password": "12345678"})
