"""Deliveries over HTTP: asked for once, waited for with patience, and never trusted."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina

from pipelines.findings import Finding
from pipelines.intake import http
from pipelines.night import Result
from pipelines.settings import REPOSITORY
from tests.edits import ERROR_PAGE
from tests.intake.site import Site, cut_short, moved, page, serving, slow, status, whole
from tests.kit import Town, result, town
from tests.night.towns import files, kept, outcomes, touched

NAME, OTHER = "railway_congestion", "farm_households"
CONTENT = (REPOSITORY / "sources" / "deliveries" / "web" / f"{NAME}.csv").read_bytes()
CHECK_SERVER = "check the source's server, or the share and the right to read it; the next night tries again by itself"


@pytest.fixture(autouse=True)
def _no_back_off() -> Iterator[None]:
    """As many tries as in earnest, without the pauses between them."""
    stamina.set_testing(True, attempts=http.ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(CONTENT)) as made:
        yield made


def town_of(folder: Path, address: str, **keys: str) -> Town:
    """A town with a dataset that comes from an address and one that comes from a file."""
    made = town(folder, [NAME, OTHER])
    path = made.root / "sources" / f"{NAME}.yaml"
    text, count = re.subn(r"(?m)^url: .*$", f"url: {address}", path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text + "".join(f"{key}: {value}\n" for key, value in keys.items()), encoding="utf-8")
    return made


def changed(content: bytes) -> bytes:
    """The same file with one other figure."""
    assert content.count(b",2003,204,") == 1
    return content.replace(b",2003,204,", b",2003,205,")


def only(done: Result) -> Finding:
    (finding,) = done.findings
    return finding


def assert_held_as_unreachable(done: Result, address: str, found: str) -> None:
    """Held back with the one finding that says where nobody answered, and how."""
    finding = only(done)
    assert done.outcome == "held"
    assert (finding.code, finding.place.dataset, finding.place.file) == ("source.unreachable", NAME, f"{NAME}.csv")
    assert finding.rule.expected.fill("en", finding.facts) == f"an answer from {address}"
    assert (finding.found, finding.rule.remedy.fill("en", finding.facts)) == (found, CHECK_SERVER)
    assert not any(re.search(r"\{\w*\}|\n", finding.text(language)) for language in ("ja", "en"))


def test_a_first_night_fetches_and_publishes(site: Site, tmp_path: Path) -> None:
    """One look by HEAD, one GET, and the archived delivery is what was served, byte for byte."""
    made = town_of(tmp_path, site.address)
    done = result(made.night(), NAME)
    assert (done.outcome, site.methods) == ("published", ["HEAD", "GET"])
    assert done.delivery is not None
    assert made.open().store.path(done.delivery.sha256).read_bytes() == CONTENT


def test_an_unchanged_file_is_only_looked_at(site: Site, tmp_path: Path) -> None:
    """The ETag of the night before is enough: one HEAD, no GET, nothing written."""
    made = town_of(tmp_path, site.address)
    made.night()
    before, _ = files(made.home), site.methods
    night = made.night()
    assert outcomes(night) == {NAME: "unchanged", OTHER: "unchanged"}
    assert site.methods == ["HEAD"]
    assert touched(before, files(made.home)) == []


def test_a_changed_file_is_fetched_and_published(site: Site, tmp_path: Path) -> None:
    """Another ETag leads to a fetch, and one other figure to a patch release."""
    made = town_of(tmp_path, site.address)
    made.night()
    site.content, _ = changed(CONTENT), site.methods
    done = result(made.night(), NAME)
    assert done.ref is not None
    assert (done.outcome, done.ref.version, site.methods) == ("published", "1.0.1", ["HEAD", "GET"])


def test_without_an_etag_the_file_is_fetched_to_see(site: Site, tmp_path: Path) -> None:
    """A server that gives no ETag is asked for the whole file every night; equal bytes change nothing."""
    site.has_etag = False
    made = town_of(tmp_path, site.address)
    made.night()
    before, catalogue = kept(made), files(made.home / "catalogue")
    assert site.methods == ["HEAD", "GET"]
    assert outcomes(made.night()) == {NAME: "unchanged", OTHER: "unchanged"}
    assert site.methods == ["HEAD", "GET"]
    assert (kept(made), files(made.home / "catalogue")) == (before, catalogue)


def test_a_server_that_knows_no_head_is_fetched_from(site: Site, tmp_path: Path) -> None:
    """HTTP 405 to a HEAD is no outage: the plan is to fetch, and the file is published."""
    site.answers.append(status(405))
    made = town_of(tmp_path, site.address)
    night = made.night()
    assert (night.plan.items[NAME].state, night.plan.items[NAME].why) == ("release", "fetch_to_see")
    assert result(night, NAME).outcome == "published"


def test_an_outage_that_passes_is_waited_for(site: Site, tmp_path: Path) -> None:
    """503 twice to the look and twice to the fetch, with the pauses of earnest: published all the same."""
    stamina.set_testing(False)
    site.answers.extend([status(503), status(503), whole, status(503), status(503), whole])
    done = result(town_of(tmp_path, site.address).night(), NAME)
    assert (done.outcome, site.methods) == ("published", ["HEAD"] * 3 + ["GET"] * 3)


def test_an_outage_that_stays_holds_back_one_dataset(site: Site, tmp_path: Path) -> None:
    """After four tries the night gives up on this source, publishes the others, and has it the next night."""
    site.always = status(503)
    made = town_of(tmp_path, site.address)
    night = made.night()
    assert outcomes(night) == {NAME: "held", OTHER: "published"}
    assert night.exit_code == 1
    assert_held_as_unreachable(result(night, NAME), site.address, "HTTP 503")
    assert site.methods == ["HEAD"] * 4 + ["GET"] * 4
    site.always = None
    assert outcomes(made.night()) == {NAME: "published", OTHER: "unchanged"}


def test_an_outage_leaves_the_last_release_as_it_is(site: Site, tmp_path: Path) -> None:
    """A source that is silent on the second night takes nothing away."""
    made = town_of(tmp_path, site.address)
    made.night()
    before, catalogue = kept(made), files(made.home / "catalogue")
    site.always = status(503)
    night = made.night()
    assert outcomes(night) == {NAME: "held", OTHER: "unchanged"}
    assert result(night, NAME).ref is not None
    assert (kept(made), files(made.home / "catalogue")) == (before, catalogue)


def test_a_closed_port_holds_back_and_is_mended_the_next_night(tmp_path: Path) -> None:
    """Nobody listens: held back as unreachable; the night after, somebody does."""
    site = Site(CONTENT)
    with serving(site):
        pass  # a port that was free a moment ago
    made = town_of(tmp_path, site.address)
    night = made.night()
    assert outcomes(night) == {NAME: "held", OTHER: "published"}
    assert_held_as_unreachable(result(night, NAME), site.address, "[Errno 111] Connection refused")
    with serving(site):
        assert outcomes(made.night()) == {NAME: "published", OTHER: "unchanged"}


def test_a_slow_server_is_given_up_on(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes longer than the time-out holds back its dataset until it is quicker."""
    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(0.15))
    site.always = slow(0.6)
    made = town_of(tmp_path, site.address)
    night = made.night()
    assert outcomes(night) == {NAME: "held", OTHER: "published"}
    assert_held_as_unreachable(result(night, NAME), site.address, "timed out")
    assert site.methods == ["HEAD"] * 4 + ["GET"] * 4
    site.always = None
    assert outcomes(made.night()) == {NAME: "published", OTHER: "unchanged"}


def test_a_body_cut_short_is_fetched_again(site: Site, tmp_path: Path) -> None:
    """Half a file is nobody's delivery: it is not archived, not remembered by its ETag, and fetched again."""
    site.answers.extend([cut_short, cut_short])  # to the look, whose answer has no body, and to the first fetch
    made = town_of(tmp_path, site.address)
    done = result(made.night(), NAME)
    assert (done.outcome, site.methods) == ("published", ["HEAD", "GET", "GET"])
    assert done.delivery is not None
    assert made.open().store.path(done.delivery.sha256).read_bytes() == CONTENT
    half = CONTENT[: len(CONTENT) // 2]
    assert half not in [seen.content for seen in files(made.home / "store" / "objects").values()]


def test_a_body_that_is_always_cut_short_is_never_published(site: Site, tmp_path: Path) -> None:
    """After four halves the dataset is held back."""
    site.always = cut_short
    done = result(town_of(tmp_path, site.address).night(), NAME)
    assert (done.outcome, only(done).code) == ("held", "source.unreachable")
    assert site.methods == ["HEAD"] + ["GET"] * 4


def test_an_error_page_under_a_data_name_is_refused(site: Site, tmp_path: Path) -> None:
    """HTML with status 200 is no CSV: held back with the remedy; the next night's file is published."""
    site.always = page(ERROR_PAGE)
    made = town_of(tmp_path, site.address)
    done = result(made.night(), NAME)
    finding = only(done)
    assert (done.outcome, finding.code, finding.found) == ("held", "file.html", "html")
    assert finding.place.file == f"{NAME}.csv"
    assert finding.rule.expected.fill("en", finding.facts) == "a file of kind csv"
    site.always = None
    assert outcomes(made.night())[NAME] == "published"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_not_asked_for_again(site: Site, tmp_path: Path, code: int) -> None:
    """What a repeat can't mend is asked for once by each of look and fetch; the finding keeps the query to itself."""
    site.always = status(code)
    done = result(town_of(tmp_path, f"{site.address}?key=k3y").night(), NAME)
    assert_held_as_unreachable(done, site.address, f"HTTP {code}")
    assert site.methods == ["HEAD", "GET"]
    assert not any("k3y" in finding.text(language) for finding in done.findings for language in ("ja", "en"))


def test_a_file_that_is_too_large_is_left(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The download stops at the limit, at once and for good, and nothing of it is kept."""
    monkeypatch.setattr(http, "LARGEST", 1000)
    made = town_of(tmp_path, site.address)
    done = result(made.night(), NAME)
    finding = only(done)
    assert (done.outcome, finding.code) == ("held", "source.too_large")
    assert finding.rule.expected.fill("en", finding.facts) == "at most 1000 bytes"
    assert site.methods == ["HEAD", "GET"]
    assert CONTENT not in [seen.content for seen in files(made.home / "store" / "objects").values()]


def test_a_redirection_is_followed(site: Site, tmp_path: Path) -> None:
    """An address that moved leads to the file; the delivery keeps the name that the source gave it."""
    with serving(Site(always=moved(site.address))) as old:
        made = town_of(tmp_path, old.address)
        done = result(made.night(), NAME)
        assert (done.outcome, done.delivery and done.delivery.file) == ("published", f"{NAME}.csv")
        assert (old.methods, site.methods) == (["HEAD", "GET"], ["HEAD", "GET"])
        assert outcomes(made.night())[NAME] == "unchanged"


def test_a_circle_of_redirections_holds_back(site: Site, tmp_path: Path) -> None:
    """An address that leads back to itself is given up on."""
    site.always = moved(site.address)
    done = result(town_of(tmp_path, site.address).night(), NAME)
    assert (done.outcome, only(done).code) == ("held", "source.unreachable")


def test_an_address_that_is_none_holds_back_its_dataset(tmp_path: Path) -> None:
    """An impossible port in one source file is no other dataset's business."""
    night = town_of(tmp_path, "http://127.0.0.1:99999/x.csv").night()
    assert outcomes(night) == {NAME: "held", OTHER: "published"}


# -- secrets --------------------------------------------------------------------------------------------------------

TOKEN = "t0ken-0f-the-environment"


def assert_nowhere(secret: str, made: Town, done: Result, log: pytest.LogCaptureFixture) -> None:
    """A secret stands in no file of store and catalogue, no result and no line of any log."""
    assert not any(secret.encode() in seen.content for seen in files(made.home).values())
    assert secret not in repr(done)
    assert not any(secret in finding.text(language) for finding in done.findings for language in ("ja", "en"))
    assert secret not in log.text


@pytest.mark.parametrize("answer", [None, status(401), status(503), cut_short], ids=["well", "401", "503", "cut"])
def test_a_token_is_sent_and_told_to_nobody(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    """The token of the environment goes to the server as a bearer and nowhere else, whatever the answer."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RAILWAY_TOKEN", TOKEN)
    site.always = answer  # type: ignore[assignment]
    made = town_of(tmp_path, site.address, token_variable="RAILWAY_TOKEN")
    done = result(made.night(), NAME)
    assert done.outcome == ("held" if answer else "published")
    assert set(site.tokens) == {f"Bearer {TOKEN}"}
    assert_nowhere(TOKEN, made, done, caplog)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f" {TOKEN}"])
def test_white_space_around_a_token_is_not_part_of_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """A secret read from a file often ends in a newline."""
    monkeypatch.setenv("RAILWAY_TOKEN", token)
    made = town_of(tmp_path, site.address, token_variable="RAILWAY_TOKEN")
    assert result(made.night(), NAME).outcome == "published"
    assert set(site.tokens) == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("token", [f"{TOKEN}\nX-Other: 1", f"{TOKEN}秘密"])
def test_a_token_that_no_header_can_hold_is_told_to_nobody(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    """A broken secret holds back its dataset alone, and its text is not in the finding."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RAILWAY_TOKEN", token)
    made = town_of(tmp_path, site.address, token_variable="RAILWAY_TOKEN")
    night = made.night()
    assert outcomes(night) == {NAME: "held", OTHER: "published"}
    assert_nowhere(TOKEN, made, result(night, NAME), caplog)


def test_a_token_does_not_follow_to_another_server(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirection to another server gets the request without the token."""
    monkeypatch.setenv("RAILWAY_TOKEN", TOKEN)
    with serving(Site(always=moved(site.address))) as old:
        made = town_of(tmp_path, old.address, token_variable="RAILWAY_TOKEN")
        assert result(made.night(), NAME).outcome == "published"
        assert set(old.tokens) == {f"Bearer {TOKEN}"}
        assert set(site.tokens) == {None}
