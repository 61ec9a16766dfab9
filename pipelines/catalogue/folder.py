"""A catalogue that is a folder of static files.

    catalogue.json                       the index
    <name>/<name>.csv …                  stable addresses: links that go through `current`
    <name>/datapackage.json              names the immutable files of one release, with their hashes
    <name>/index.html …                  what producers made of the release: pages, charts, other formats
    <name>/current                       a link to a view; replacing it is the publication
    <name>/.views/…                      what `current` leads to: links to one release, and what was made of it
    <name>/releases/<version>/…          immutable: the released files, their record, other forms (`forms`)
    index.html, en/ …                    what producers made of the index, behind a link `.current` of the same kind

All stable addresses of a dataset, its pages too, change in the one rename of `current`, so that a reader never gets a
page that disagrees with the data beside it. What is made of the index is made of the very `catalogue.json` that is
shown, and names the releases that this one names. It is brought up to date at the end of a night, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines import durable
from pipelines.catalogue.forms import Facts, Forms
from pipelines.catalogue.index import entries_of, index_of
from pipelines.catalogue.interface import Action, Drift, Wanted
from pipelines.catalogue.past import require_own, strangers
from pipelines.catalogue.producer import DatasetTurn, IndexTurn, Item, Link, Producer, with_more
from pipelines.catalogue.shelf import Fault, Plan, Shelf, is_as_recorded
from pipelines.catalogue.tombstone import STONE_FILE, substitute, tombstone
from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place
from pipelines.release.descriptor import Json
from pipelines.release.record import STABLE
from pipelines.store import Withdrawal
from pipelines.store.store import digest_of, document_json

INDEX = "catalogue.json"
WORKSHOP = ".workshop"
INDEX_LINK = ".current"  # no dataset can have this name


class FolderCatalogue:
    """The catalogue below `root`, made when it isn't there, with what `producers` make of its releases.

    `about` is what the index says of the whole catalogue, such as `notice@ja`.
    """

    title = "folder"

    def __init__(self, root: Path, producers: Sequence[Producer] = (), about: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._producers = producers
        self._about = about or {}
        self._forms = Forms(producers)

    def differences(self, wanted: Mapping[str, Wanted]) -> list[Action]:
        """The datasets that are not shown as they should be, and the index if it isn't current."""
        found = [action for name, want in wanted.items() if (action := self._difference(name, want))]
        index = self._index(wanted, [action.name for action in found])
        if self._read_index() != index or self._index_fault(index, wanted):
            found.append(Action(INDEX, "index"))
        return found

    def drift(self, wanted: Mapping[str, Wanted]) -> list[Drift]:
        """What is not as it should be. Of files that nobody touched since they were shown, the time says so."""
        actions = self.differences(wanted)
        return [Drift(action.name, "files", action.reason, _version(wanted, action.name)) for action in actions]

    def access(self, wanted: Mapping[str, Wanted]) -> None:
        """Nobody is asked."""

    def publish(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> list[Action]:
        """Show the named datasets as wanted, then the index. Publishers of one folder take turns.

        What producers make of the index is brought up to date when no dataset is named: a night does so at its end.
        """
        done = []
        durable.make_folder(self.root)
        with durable.held(self.root), durable.workshop(self.root / WORKSHOP) as workshop:
            wanted = look()
            for name in (name for name in names if name in wanted):
                self._forms.made(wanted[name])  # where the store has forgotten them, which is no difference
                if action := self._difference(name, wanted[name]):
                    self._show(name, wanted[name], workshop)
                    done.append(action)
            is_new = self._show_index(wanted, names or list(wanted), workshop)
            if (not names and self._show_made_of_index(wanted, workshop)) or is_new:
                done.append(Action(INDEX, "index"))
        return done

    def mend(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> list[Action]:
        """The same as `publish`: of a folder, a look sees all that `drift` does."""
        return self.publish(look, names)

    def _difference(self, name: str, want: Wanted) -> Action | None:
        if fault := Shelf(self.root, name).fault(self._plan(want)):
            return Action(name, fault)
        return None if self._is_whole(name, want) else Action(name, "damaged")

    def _is_whole(self, name: str, want: Wanted) -> bool:
        """Whether every file of the release is as it was released."""
        shown = (self.root / name / "current").lstat().st_ctime_ns
        touched = [want.other(sha256) for sha256 in want.touched if sha256 != want.ref.manifest]
        own = [want] if self._knows(name, want) else []
        return all(self._is_as_released(name, one, shown) for one in [*own, *touched])

    def _is_as_released(self, name: str, want: Wanted, shown: int) -> bool:
        release, files = self._release(name, want), {**want.manifest.files, **(self._forms.known(want) or {})}
        whole = all(is_as_recorded(release / path, facts, shown) for path, facts in files.items())
        return whole and not (want.manifest.gone and self._stray(release, files))

    def _stray(self, release: Path, files: Mapping[str, object]) -> list[Path]:
        """What stands in a release's folder and is no file of it: it was taken down."""
        return [path for path in sorted(release.iterdir()) if path.name not in files]

    def _plan(self, want: Wanted) -> Plan:
        """The view of a dataset: which release it shows, in which forms, and by which code its other files are made."""
        if want.withdrawn:
            return self._plan_of_tombstone(want, want.withdrawn)
        made_by = {producer.name: producer.version() for producer in self._producers if producer.of_dataset}
        key = digest_of([want.ref.manifest, made_by, self._forms.known(want)])
        return Plan(want.ref.version, key, {"datapackage.json": STABLE}, keeps=not want.touched)

    def _plan_of_tombstone(self, want: Wanted, gone: Withdrawal) -> Plan:
        made_by = {producer.name: producer.version() for producer in self._producers if producer.of_tombstone}
        key = digest_of([tombstone(want, gone), substitute(want, gone), made_by])
        return Plan("withdrawn", key, {}, keeps=not want.touched)

    def _release(self, name: str, want: Wanted) -> Path:
        return self.root / name / "releases" / want.ref.version

    def _show(self, name: str, want: Wanted, workshop: Path) -> None:
        """Build the release aside, settle it, and turn `current` over to a view of it."""
        require_own(self.root / name / "releases", want)
        if self._knows(name, want):
            self._settle(name, want, workshop)
        shelf, plan = Shelf(self.root, name), self._plan(want)
        if shelf.fault(plan):
            shelf.turn(plan, self._items(name, want, workshop), workshop)
        for touched in want.touched:
            self._take_away(name, want.other(touched), workshop)

    def _knows(self, name: str, want: Wanted) -> bool:
        """Whether the log knows what was published; where it does not, a tombstone is all that is shown."""
        return not (want.withdrawn and strangers(self.root / name / "releases", want))

    def _settle(self, name: str, want: Wanted, workshop: Path) -> None:
        """Let the release, and those before it, stand whole at their addresses."""
        if self._release(name, want).is_dir():
            self._mend(want, self._release(name, want), workshop)
        for missing in self._missing(name, want):
            built = self._built(missing, workshop / f"{name}-{missing.ref.version}")
            durable.settle(built, self._release(name, missing))

    def _take_away(self, name: str, want: Wanted, workshop: Path) -> None:
        """Take a release's files away that were taken down, once something says so at the release's address."""
        if (release := self._release(name, want)).is_dir():
            self._mend(want, release, workshop)
            for path in self._stray(release, self._all_files(want)):
                durable.remove(path)

    def _items(self, name: str, want: Wanted, workshop: Path) -> dict[str, Item]:
        """Everything that the view of a dataset has: links to the files of the release, and what producers make."""
        if want.withdrawn:
            return self._items_of_tombstone(want, want.withdrawn, workshop)
        release, forms = f"{name}/releases/{want.ref.version}", self._forms.made(want)
        items: dict[str, Item] = {path: Link(f"{release}/{path}") for path in [*want.manifest.files, *forms]}
        for producer in self._producers:
            if producer.of_dataset:
                items = with_more(items, producer.of_dataset(DatasetTurn(want, workshop, items, forms)))
        return items

    def _items_of_tombstone(self, want: Wanted, gone: Withdrawal, workshop: Path) -> dict[str, Item]:
        """What stays at the addresses of a dataset that is withdrawn."""
        items: dict[str, Item] = {"datapackage.json": document_json(tombstone(want, gone))}
        for producer in self._producers:
            if producer.of_tombstone:
                items = with_more(items, producer.of_tombstone(DatasetTurn(want, workshop, items)))
        return items

    def _all_files(self, want: Wanted) -> dict[str, Facts]:
        """Everything below a release's immutable address."""
        return with_more(want.manifest.files, self._forms.made(want))

    def _missing(self, name: str, want: Wanted) -> list[Wanted]:
        """The release, and those before it, that have no folder yet, the oldest first.

        A night that was killed between log and catalogue has not shown what it made, and the next one may have
        something newer. What the log names stands at its address all the same.
        """
        found: list[Wanted] = []
        release: Wanted | None = want
        while release and not self._release(name, release).is_dir():
            found.insert(0, release)
            release = release.before
        return found

    def _built(self, want: Wanted, folder: Path) -> Path:
        folder.mkdir()
        for path, facts in self._all_files(want).items():
            _copy(want, str(facts["sha256"]), folder / path)
        return folder

    def _mend(self, want: Wanted, release: Path, workshop: Path) -> None:
        """Put right, file by file, what is not as it was released; a reader never misses one meanwhile.

        Raises CatalogueError where a stone lies and the store knows of no takedown: an old copy of it was restored.
        """
        if (release / STONE_FILE).is_file() and not want.manifest.gone:
            raise CatalogueError(
                Finding("takedown.restored", Place(want.manifest.name, str(release)), want.ref.version)
            )
        for path, facts in self._all_files(want).items():
            sha256 = str(facts["sha256"])
            if not (release / path).is_file() or durable.sha256_of(release / path) != sha256:
                _copy(want, sha256, workshop / path)
                durable.replace(workshop / path, release / path)

    def _read_index(self) -> bytes:
        path = self.root / INDEX
        return path.read_bytes() if path.is_file() else b""

    def _index(self, wanted: Mapping[str, Wanted], not_shown: Sequence[str]) -> bytes:
        """What the index should be now. Where the wanted release is not shown, an older entry stays true as it is."""
        shown = {name: want for name, want in wanted.items() if name not in not_shown}
        kept = {name: entry for name, entry in entries_of(self._read_index()).items() if name in wanted}
        forms = {name: self._forms.known(want) or {} for name, want in shown.items()}
        return document_json(index_of(shown, forms, kept, self._about))

    def _show_index(self, wanted: Mapping[str, Wanted], names: Sequence[str], workshop: Path) -> bool:
        """Bring the entries of some datasets up to what is shown of them; whether that changed the index.

        The others keep theirs: to look at all for each dataset of a first night would take the square of the time.
        """
        others = [name for name, want in wanted.items() if name not in names or self._difference(name, want)]
        content = self._index(wanted, others)
        if self._read_index() == content:
            return False
        durable.write(workshop / INDEX, content)
        durable.replace(workshop / INDEX, self.root / INDEX)
        return True

    def _index_plan(self, index: bytes, wanted: Mapping[str, Wanted]) -> Plan:
        made_by = {producer.name: producer.version() for producer in self._producers if producer.of_index}
        keeps = not any(want.touched for want in wanted.values())
        return Plan("index", digest_of([hashlib.sha256(index).hexdigest(), made_by]), {}, keeps)

    def _index_fault(self, index: bytes, wanted: Mapping[str, Wanted]) -> Fault | None:
        if not any(producer.of_index for producer in self._producers):
            return None
        return Shelf(self.root, link=INDEX_LINK).fault(self._index_plan(index, wanted))

    def _show_made_of_index(self, wanted: Mapping[str, Wanted], workshop: Path) -> bool:
        """Bring what is made of the index up to the index that is shown; whether there was anything to do."""
        index = self._read_index()
        if not self._index_fault(index, wanted):
            return False
        items = self._items_of_index(index, wanted, workshop)
        Shelf(self.root, link=INDEX_LINK).turn(self._index_plan(index, wanted), items, workshop)
        return True

    def _items_of_index(self, index: bytes, wanted: Mapping[str, Wanted], workshop: Path) -> dict[str, Item]:
        """What producers make of the index and the releases that it names."""
        every = entries_of(index)
        entries = {name: entry for name, entry in every.items() if "withdrawn" not in entry}
        gone = {name: entry for name, entry in every.items() if name not in entries}
        turn = IndexTurn(index, entries, _named(entries, wanted), workshop, {}, _named(gone, wanted))
        for producer in self._producers:
            if producer.of_index:
                turn = replace(turn, made=with_more(turn.made, producer.of_index(turn)))
        return dict(turn.made)


def _version(wanted: Mapping[str, Wanted], name: str) -> str:
    return wanted[name].ref.version if name in wanted else ""


def _named(entries: Mapping[str, Json], wanted: Mapping[str, Wanted]) -> dict[str, Wanted]:
    """The releases that an index names: the wanted ones, or where those are not shown, older ones."""
    found = {name: _of_version(wanted.get(name), str(entry["version"])) for name, entry in entries.items()}
    return {name: release for name, release in found.items() if release}


def _of_version(want: Wanted | None, version: str) -> Wanted | None:
    while want and want.ref.version != version:
        want = want.before
    return want


def _copy(want: Wanted, sha256: str, to: Path) -> None:
    """Copy a file out of the store. Raises CatalogueError when it is not what was released."""
    source = want.store.path(sha256)
    found = durable.copy(source, to)
    if found != sha256:
        raise CatalogueError(Finding("store.object_damaged", Place(file=str(source)), found))
