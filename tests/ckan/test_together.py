"""Two publishers at once, and a person in the web form meanwhile: nothing of either is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ckan.matrix import Leg, Matrix, reader_of
from tests.ckan.person import Form, Person
from tests.ckan.proxy import Fault
from tests.ckan.state import differences, forget, orphans, state

TIMES = [pytest.param(3, id="few"), pytest.param(20, id="many", marks=pytest.mark.long)]


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("leg", [Leg(None, "old"), Leg("old", "new")], ids=["first publication", "update"])
def test_two_publishers_at_once_end_as_one(matrix: Matrix, leg: Leg, times: int) -> None:
    """Both end well, what is shown is what one alone leaves, and no reader saw anything else."""
    scenes, expected = matrix.scenes, matrix.undisturbed(leg)
    for _ in range(times):
        if leg.before is None:
            forget(scenes.ckan, scenes.package)
        else:
            assert scenes.publish(leg.before) == 0
        reader = reader_of(scenes, leg)
        with reader.polling():
            ended = scenes.nights.together([scenes.spec(leg.after)] * 2)
        reader.look()
        found = differences(state(scenes.ckan, scenes.package), expected.state)
        assert (ended, found, orphans(scenes.ckan, scenes.package), reader.complaints) == ([0, 0], [], [], {})
    matrix.moved(leg.after)


THEIRS = {"extras", "tags", "num_tags", "maintainer"}
UPDATE = Leg("old", "new")


def _write_a_note(form: Form) -> None:
    """What the person does: name a maintainer, add a field of their own and a tag."""
    form.set("maintainer", "Hanako")
    form.add_extra("担当者メモ", "来月見直す")
    form.set("tag_string", form.get("tag_string") + ",手で付けた札")


def _rub_out(form: Form) -> None:
    """And back again."""
    form.set("maintainer", "")
    form.drop_extra("担当者メモ")
    form.set("tag_string", ",".join(tag for tag in form.get("tag_string").split(",") if tag != "手で付けた札"))


def _edits(person: Person, package: str, edit: Callable[[Form], None]) -> Callable[[], None]:
    """Open the form now, and give what hands it in later."""
    form = person.opens(package)
    edit(form)
    return lambda: person.hands_in(form)


@pytest.mark.parametrize("times", [pytest.param(2, id="few"), TIMES[1]])
def test_a_person_who_edits_meanwhile_loses_nothing_and_neither_does_the_release(
    matrix: Matrix, person: Person, times: int
) -> None:
    """The form is opened before a publication and handed in before one of its requests, each time another one; the
    writing ones from the last to the first come first."""
    latest_first = matrix.undisturbed(UPDATE).requests[::-1]
    points = [request.point for request in sorted(latest_first, key=lambda request: not request.is_writing)]
    for nth in range(times):
        _edit_before(points[nth % len(points)], matrix, person)
    matrix.moved("new")


def _edit_before(point: tuple[str, int], matrix: Matrix, person: Person) -> None:
    """What the person wrote stands afterwards, and so does everything of the release, after the next night at the
    latest."""
    scenes, expected = matrix.scenes, matrix.undisturbed(UPDATE)
    assert scenes.publish("old") == 0
    hand_in = _edits(person, scenes.package, _write_a_note)
    ended = scenes.publish_badly("new", matrix.proxy, Fault("rival", point), rival=hand_in)
    assert (point, ended, matrix.proxy.struck) == (point, 0, True)
    assert scenes.publish("new") == 0
    wrong = differences(state(scenes.ckan, scenes.package), expected.state)
    # CKAN's own form hands in an empty text for every field that was null.
    assert [text for text in wrong if text.split()[0] not in THEIRS and not text.endswith('"" instead of null')] == []
    with scenes.ckan.anyone() as anyone:
        shown = anyone.call_action("package_show", {"id": scenes.package})
    extras = {item["key"]: item["value"] for item in shown["extras"]}
    tags = {tag["name"] for tag in shown["tags"]}
    assert (shown["maintainer"], extras["担当者メモ"], "手で付けた札" in tags) == ("Hanako", "来月見直す", True)
    assert (extras["opendata_release"], "架空" in tags) == (scenes.releases["new"].identity, True)
    _edits(person, scenes.package, _rub_out)()
