"""One story: 119 rows become 19. Held back; approved, it goes out; rolled back; approved and then changed, refused."""

from __future__ import annotations

import json
import re

import pytest

from pipelines.errors import ApprovalRefused
from pipelines.findings import Finding
from pipelines.plan import make_plan
from pipelines.steward import hand
from pipelines.steward.history import deeds, history
from pipelines.steward.waiting import Change, waiting
from pipelines.verify import verify
from tests.hand.wards import DERIVED, NAME, deliver, figures, made, only, read
from tests.kit import Town, result
from tests.night.towns import files, kept, outcomes, touched

CUT = only(figures(), 19)
WHY_OUT, WHY_BACK = "区の統合により19行が正しい", "書き出しの途中で切れていた"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town of the whole story; each test goes on where the one before ended."""
    town = made(tmp_path_factory.mktemp("story"))
    town.night()
    return town


def feed(town: Town, folder: str = "") -> str:
    return (town.home / "catalogue" / folder / "feed.atom").read_text(encoding="utf-8")


def lines(town: Town) -> list[dict[str, object]]:
    """The change feed's lines about the dataset."""
    content = (town.home / "catalogue" / "changes.jsonl").read_text(encoding="utf-8")
    return [line for line in map(json.loads, content.splitlines()) if line["name"] == NAME]


def item(town: Town) -> tuple[str, str]:
    found = make_plan(town.open()).items[NAME]
    return found.state, found.why


def candidate(town: Town) -> str:
    return waiting(town.open(), NAME).candidate


def refused(town: Town, hash_: str) -> Finding:
    with pytest.raises(ApprovalRefused) as found:
        hand.approve(town.open(), NAME, hash_, "steward", "x")
    return found.value.finding


def test_1_a_delivery_that_lost_a_hundred_rows_is_held_back(town: Town) -> None:
    """Readers, feeds and log stay as they are; the plan says for whom it waits."""
    before = files(town.home / "catalogue")
    head = town.open().store.log.head()
    deliver(town, CUT)
    assert outcomes(town.night()) == {NAME: "held", DERIVED: "waiting"}
    assert touched(before, files(town.home / "catalogue")) == []
    assert town.open().store.log.head() == head
    assert item(town) == ("held", "awaits_approval")


def test_2_the_difference_is_shown_value_by_value(town: Town) -> None:
    """Key, field, old and new of all that would change, and how many; nothing is written by looking."""
    before = files(town.home)
    found = waiting(town.open(), NAME)
    assert (found.difference.added, found.difference.changed, found.difference.removed) == (0, 0, 100)
    assert [finding.code for finding in found.findings] == ["guard.vanished"]
    assert len(found.changes) == 100
    assert found.changes[0] == Change("removed", ["2016", "03"], "visits", "1033", None)
    assert touched(before, files(town.home)) == []


def test_3_what_was_not_seen_is_not_approved(town: Town) -> None:
    """Another hash, and too short a one, are refused; so is a dataset of which nothing waits."""
    right = candidate(town)
    for wrong in ("0" * 12, right[:6], ""):
        finding = refused(town, wrong)
        assert (finding.code, finding.facts["hash"]) == ("approval.stale", right[:12])
    with pytest.raises(ApprovalRefused) as nothing:
        waiting(town.open(), DERIVED)
    assert nothing.value.code == "approval.nothing"


def test_4_approved_it_goes_out_with_the_next_night(town: Town) -> None:
    """An entry of the log says who, when, why; the release bears it; the derived dataset follows."""
    hand.approve(town.open(), NAME, candidate(town)[:12], "steward", WHY_OUT)
    entry = town.open().store.log.head()
    assert (entry.kind, entry.changed, entry.author, entry.reason) == ("approval", (NAME,), "steward", WHY_OUT)
    assert len(read(town)) == 119
    assert item(town) == ("release", "approved")
    assert outcomes(town.night()) == {NAME: "published", DERIVED: "published"}
    assert len(read(town)) == 19
    newest = history(town.open(), NAME)[0]
    assert (newest.version, newest.author, newest.reason) == ("1.0.1", "steward", WHY_OUT)
    assert town.open().store.log.head().approved == {}
    assert outcomes(town.night()) == {NAME: "unchanged", DERIVED: "unchanged"}


def test_5_rolled_back_the_old_content_is_a_new_release(town: Town) -> None:
    """At once, at the same addresses, under a higher version; feeds and page say why."""
    before = files(town.home / "catalogue" / NAME / "releases")
    ref = hand.roll_back(town.open(), NAME, "1.0.0", "steward", WHY_BACK)
    assert ref.version == "1.0.2"
    assert len(read(town)) == 119
    folder = town.home / "catalogue" / NAME / "releases"
    assert (folder / "1.0.2" / f"{NAME}.csv").read_bytes() == (folder / "1.0.0" / f"{NAME}.csv").read_bytes()
    after = files(folder)
    assert [path for path in touched(before, after) if path in before] == []
    assert [(line["version"], line.get("rollback")) for line in lines(town)] == [
        ("1.0.0", None),
        ("1.0.1", None),
        ("1.0.2", WHY_BACK),
    ]
    for text in (feed(town), feed(town, NAME), (town.home / "catalogue" / NAME / "index.html").read_text("utf-8")):
        assert WHY_BACK in text
    package = json.loads((town.home / "catalogue" / NAME / "datapackage.json").read_bytes())
    first = json.loads((folder / "1.0.0" / "datapackage.json").read_bytes())
    assert list(package) == list(first)
    assert package["version"] == "1.0.2"


def test_6_what_was_taken_back_does_not_come_back_by_itself(town: Town) -> None:
    """The delivery is still there: it is held, night after night, and the derived dataset follows the rollback."""
    assert item(town) == ("held", "rolled_back")
    night = town.night()
    assert outcomes(night) == {NAME: "held", DERIVED: "published"}
    (finding,) = (f for f in result(night, NAME).findings if f.code == "guard.rolled_back")
    assert WHY_BACK in finding.text("ja")
    before = files(town.home)
    assert outcomes(town.night())[NAME] == "held"
    assert touched(before, files(town.home)) == []
    assert len(read(town)) == 119


def test_7_a_repeated_rollback_changes_nothing(town: Town) -> None:
    """Whoever is not sure that it went through may ask again."""
    store, catalogue = kept(town), files(town.home / "catalogue")
    assert hand.roll_back(town.open(), NAME, "1.0.0", "steward", WHY_BACK).version == "1.0.2"
    assert (kept(town), touched(catalogue, files(town.home / "catalogue"))) == (store, [])


def test_8_approved_and_then_changed_it_is_refused(town: Town) -> None:
    """An approval is for what was seen: of another delivery it is neither taken nor used."""
    seen = candidate(town)
    hand.approve(town.open(), NAME, seen, "steward", WHY_OUT)
    deliver(town, only(figures(), 18))
    assert refused(town, seen).code == "approval.stale"
    assert outcomes(town.night())[NAME] == "held"
    assert len(read(town)) == 119
    other = candidate(town)
    assert other != seen
    assert refused(town, seen).facts["hash"] == other[:12]


def test_9_an_approval_is_void_once_another_release_came(town: Town) -> None:
    """What was approved as the successor of one release is not let out after another."""
    seen = candidate(town)
    hand.approve(town.open(), NAME, seen, "steward", WHY_OUT)
    cut = (town.root / "sources" / "deliveries" / "visits.csv").read_bytes()
    deliver(town, {**figures(), (2021, "17"): 1200})
    assert outcomes(town.night())[NAME] == "published"
    (town.root / "sources" / "deliveries" / "visits.csv").write_bytes(cut)
    assert outcomes(town.night())[NAME] == "held"
    assert candidate(town) != seen
    assert refused(town, seen).code == "approval.stale"


def test_what_people_did_is_told(town: Town) -> None:
    """Who, when, why, the newest first; and whoever verifies the catalogue finds nothing wrong."""
    done = deeds(town.open(), NAME)
    assert [(deed.kind, deed.author, deed.reason) for deed in done] == [
        ("approval", "steward", WHY_OUT),
        ("approval", "steward", WHY_OUT),
        ("rollback", "steward", WHY_BACK),
        ("approval", "steward", WHY_OUT),
    ]
    assert all(re.match(r"\d{4}-\d\d-\d\dT", deed.time) for deed in done)
    assert verify(str(town.home / "catalogue")).exit_code == 0
