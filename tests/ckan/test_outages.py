"""What a city's machines do some night: the night says what broke and what to do, and a later one makes it good."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ckan.instance import Ckan
from tests.ckan.proxy import Fault, Proxy, proxying
from tests.ckan.state import forget, orphans
from tests.kills.zygote import Ended, Nights
from tests.kit import Town, town

NAME = "population_by_ward"
PACKAGE = "population-by-ward"
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the port of `discard`


@dataclass
class City:
    """A town that publishes one dataset into a CKAN."""

    town: Town
    ckan: Ckan | None
    nights: Nights
    proxy: Proxy | None = None

    def spec(self, url: str = "", token: str = "", patience: float = 20) -> dict[str, object]:
        """A night, as the zygote wants it."""
        url, token = url or (self.ckan.url if self.ckan else NOWHERE), token or self.token
        environment = {"CKAN_URL": url, "CKAN_API_TOKEN": token, "CKAN_REQUESTS_PER_SECOND": "1000"}
        environment |= {"http_proxy": self.proxy.url if self.proxy else "", "no_proxy": ""}
        where = {"root": str(self.town.root), "home": str(self.town.home), "told": str(self.town.home / "told.json")}
        return {"task": "tests.ckan.child:night", **where, "environment": environment, "patience": patience}

    @property
    def token(self) -> str:
        return self.ckan.editor_token if self.ckan else "none"

    def night(self, **how: object) -> tuple[Ended | None, list[str]]:
        """Run a night: its exit status, and the codes of what it told."""
        ended = self.nights.run(self.spec(**how))  # type: ignore[arg-type]
        return ended, [finding["code"] for finding in self.told]

    @property
    def told(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads((self.town.home / "told.json").read_text(encoding="utf-8"))
        return found

    def shown(self) -> str | None:
        """The version that CKAN shows to anyone; None when it shows nothing."""
        assert self.ckan
        with self.ckan.anyone() as anyone:
            found = anyone.call_action("package_search", {"fq": f"name:{PACKAGE}"})["results"]
        return found[0]["version"] if found else None


@pytest.fixture(scope="module", autouse=True)
def fresh_worker(ckan: Ckan) -> Iterator[None]:
    """CKAN's worker loses the job that meets a database which was restarted: whoever comes next gets a fresh one."""
    yield
    ckan.stop("worker")
    ckan.start("worker")


@pytest.fixture
def city(tmp_path: Path, ckan: Ckan, publishers: tuple[Nights, Nights]) -> Iterator[City]:
    """A town before its first night, and a CKAN that has nothing of it."""
    forget(ckan, PACKAGE)
    with proxying() as proxy:
        made = City(town(tmp_path, [NAME]), ckan, publishers[0], proxy)
        made.town.home.mkdir()
        yield made
    forget(ckan, PACKAGE)


def assert_clear(city: City) -> None:
    """Each message has a code, names the dataset or the action of CKAN, and says what to do; in both languages."""
    assert city.told
    for finding in city.told:
        assert finding["code"].startswith("catalogue.")
        assert "対応" in finding["ja"] and "Remedy" in finding["en"]


def assert_healed(city: City) -> None:
    """The night after ends well, and CKAN shows the release with nothing left over."""
    assert city.ckan
    assert city.night() == (0, [])
    assert city.shown() == "1.0.0"
    assert orphans(city.ckan, PACKAGE) == []


def test_a_ckan_that_does_not_answer_keeps_the_folder_from_nothing(
    tmp_path: Path, publishers: tuple[Nights, Nights]
) -> None:
    """The release is recorded and stands in the folder catalogue; the night says what did not answer: exit code 4."""
    city = City(town(tmp_path, [NAME]), None, publishers[0])
    city.town.home.mkdir()
    ended, codes = city.night()
    assert (ended, set(codes)) == (4, {"catalogue.unreachable"})
    assert_clear(city)
    assert f"{NAME}.csv" in city.town.published(NAME)


def test_a_ckan_that_hangs_is_waited_for_once(tmp_path: Path, publishers: tuple[Nights, Nights]) -> None:
    """A night of several datasets does not wait for each: once all attempts were in vain, the others are told so."""
    names = [NAME, "waste_per_capita", "nambu_line_station_passengers"]
    city = City(town(tmp_path, names), None, publishers[0])
    city.town.home.mkdir()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hangs, proxying() as proxy:
        city.proxy = proxy
        ended, codes = city.night(url=f"http://127.0.0.1:{hangs.getsockname()[1]}", patience=0.2)
    assert (ended, set(codes)) == (4, {"catalogue.unreachable"})
    assert len(codes) == len(names)
    assert len({request.subject for request in proxy.requests if request.subject}) == 1
    assert [request.action for request in proxy.requests if not request.subject] == ["package_search"]  # anybody there?
    assert all(f"{name}.csv" in city.town.published(name) for name in names)


@contextmanager
def _without(ckan: Ckan, service: str) -> Iterator[None]:
    ckan.stop(service)
    try:
        yield
    finally:
        ckan.start(service)


@pytest.mark.parametrize("service", ["web", "solr", pytest.param("postgres", marks=pytest.mark.long)])
def test_a_service_that_is_down_is_told_and_made_good(city: City, service: str) -> None:
    """CKAN stopped, Solr gone, PostgreSQL gone: exit code 4, a clear message; the next night publishes."""
    assert city.ckan
    with _without(city.ckan, service):
        ended, _ = city.night()
        assert ended == 4
        assert_clear(city)
    assert_healed(city)


def test_postgres_that_restarts_during_a_night_is_made_good(city: City) -> None:
    """PostgreSQL ends before the rows are sent and is back soon: the night may notice, the next one publishes."""
    assert city.ckan
    ckan, proxy = city.ckan, city.proxy
    assert proxy

    def restart() -> None:
        ckan.stop("postgres")
        ckan.start("postgres")

    _during(city, ("POST datastore_create", 0), restart)
    assert_healed(city)


def _during(city: City, point: tuple[str, int], what: Callable[[], None]) -> Ended | None:
    """Let something happen before one request of a night; how the night ended."""
    assert city.proxy
    city.proxy.begin(Fault("rival", point), rival=what)
    ended = city.nights.run(city.spec())
    assert city.proxy.struck
    assert ended in {0, 1, 4}
    return ended


def test_a_token_that_is_revoked_in_the_middle_is_told_and_made_good(city: City) -> None:
    """From one request to the next the token is no good: exit code 4, catalogue.forbidden, and not a word of the token;
    with a new token the next night publishes."""
    assert city.ckan
    with city.ckan.sysadmin() as sysadmin:
        made = sysadmin.call_action("api_token_create", {"user": "opendata", "name": "trials-revoked"})["token"]

        def revoke() -> None:
            sysadmin.call_action("api_token_revoke", {"token": made})

        assert city.proxy
        city.proxy.begin(Fault("rival", ("POST datastore_create", 0)), rival=revoke)
        ended, codes = city.night(token=made)
    assert (city.proxy.struck, ended, codes) == (True, 4, ["catalogue.forbidden"])
    assert_clear(city)
    assert not [text for finding in city.told for text in finding.values() if made in text]
    assert_healed(city)


def test_a_disk_that_is_full_is_told_and_made_good(city: City) -> None:
    """CKAN can't store the files: exit code 4; readers see nothing of the dataset; with room again it is published."""
    if os.geteuid() and not os.environ.get("CI"):
        pytest.skip("only root can mount a small disk")
    assert city.ckan
    files = city.ckan.stack.data / "files" / "resources"
    with _small_disk(files) as disk:
        disk.fill()
        ended, _ = city.night()
        assert ended == 4
        assert_clear(city)
        assert city.shown() is None
        disk.empty()
        assert_healed(city)
        forget(city.ckan, PACKAGE)


@dataclass
class Disk:
    """A disk of a megabyte over a folder."""

    folder: Path

    def fill(self) -> None:
        with (self.folder / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(b"\0" * 4096)

    def empty(self) -> None:
        (self.folder / "ballast").unlink()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Disk]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
